"""How long the layers of a submodel take, as the recurrence is told."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from edgesim.cost import compute_ns, decompress_ns, hand_off_ns, layers_differ, overlaps, start_up_ns
from edgesim.device import Device
from edgesim.model import Model
from edgesim.scenario import Budget


@dataclass(frozen=True, slots=True)
class Durations:
    """Executor times of layers, whose shards have some bitwidths.

    Where a wait costs only its own time, `busy` is t(m) for all bitwidths: no layer takes longer, and so the plan ends
    no later. Elsewhere a layer that ends early may make the next one wait, and the plan end later: then nothing but the
    very times will do (`exact`), and a plan that ends too late may end in time with a longer layer.
    """

    busy: Callable[[Sequence[int]], tuple[int, int]]
    """Executor time [ns], and the same after a wait with its hand-off."""
    ahead: Callable[[Sequence[int]], int] | None
    """Time of decompression on a lane of its own [ns]; None where that is part of the others."""
    hand_off_ns: int
    start_up_ns: int
    """What the first layer takes longer; a wait before it costs the more of the two."""
    exact: bool

    def of(self, layer: int, bits: Sequence[int]) -> tuple[int, int]:
        """Return `busy` of the layer at some position of the plan."""
        usual, late = self.busy(bits)
        if layer or not self.start_up_ns:
            return usual, late
        return usual + self.start_up_ns, max(late, usual + self.start_up_ns + self.hand_off_ns)


def durations(model: Model, device: Device, budget: Budget, dearest: Mapping[int, int]) -> Durations:
    """Return how long layers take; `dearest` is t(m) [ns] by m."""
    if not layers_differ(device, budget.processor, model):
        return Durations(lambda bits: (dearest[len(bits)], dearest[len(bits)]), None, 0, 0, exact=False)
    return exact_durations(model, device, budget)


def exact_durations(model: Model, device: Device, budget: Budget) -> Durations:
    """Return the very times that layers take, whatever they are."""
    processor = budget.processor
    usual, late = (compute_ns(device, processor, model, after_wait=waited) for waited in (False, True))
    unpack, late_unpack = (_unpack_ns(model, device, processor, after_wait=waited) for waited in (False, True))
    hand_off, start_up = hand_off_ns(device, processor), start_up_ns(device, processor)

    def ahead(bits: Sequence[int]) -> int:
        return sum(map(unpack.__getitem__, bits))

    def computed(bits: Sequence[int]) -> tuple[int, int]:
        return usual[len(bits)], hand_off + late[len(bits)]

    def unpacked_and_computed(bits: Sequence[int]) -> tuple[int, int]:
        m, late_ahead = len(bits), sum(map(late_unpack.__getitem__, bits))
        return usual[m] + ahead(bits), hand_off + late[m] + late_ahead

    if overlaps(device, processor, model):
        return Durations(computed, ahead, hand_off, start_up, exact=True)
    return Durations(unpacked_and_computed, None, hand_off, start_up, exact=True)


def _unpack_ns(model: Model, device: Device, processor: str, *, after_wait: bool) -> dict[int, int]:
    """Return the decompression time of one shard [ns] by bitwidth."""
    return {bits: decompress_ns(device, processor, model, bits, after_wait=after_wait) for bits in model.bitwidths}
