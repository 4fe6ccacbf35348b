"""A slow twin of WRX, written from the text: every budget and the recurrence from scratch, no shortcut."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

from hypothesis import assume
from hypothesis import strategies as st
from stores import told_bytes, told_ns

from edgesim.cost import compute_ns, decompress_ns, hand_off_ns, layers_differ, start_up_ns, wakes_ns
from edgesim.device import find_decompress, find_layer_times
from edgesim.model import FULL
from edgesim.planners.submodels import Rows, layers_of, slices_of
from edgesim.plans import Shard
from edgesim.quality import importances
from edgesim.recurrence import pipeline_ns
from edgesim.scenario import Scenario

KEPT = st.none() | st.integers(0, 5)
"""What `kept_bitwidth` makes a preload bitwidth of."""


@dataclass(frozen=True)
class Twin:
    """One submodel of n x m shards, `names` in layer order; one request brings `group` of them."""

    scenario: Scenario
    n: int
    m: int
    names: list[Shard]
    use_slack: bool
    group: int

    def valid(self, bits: list[int], held: int) -> bool:
        """Tell whether no IO budget is negative and the recurrence meets the target."""
        target, layer_ns = self.scenario.target_latency_ns, self.layer_ns()
        size = self.sizes(bits)
        rows = [range(first, first + self.m) for first in range(0, len(bits), self.m)]
        charge = [self.read(row, bits) for row in rows]
        missing = [[i for i in row if i >= held] for row in rows]
        start = (target - self.n * layer_ns) * self.use_slack + sum(charge)
        start -= sum(self.read(row, bits) for row in missing)
        parts = (range(first, min(first + self.group, len(bits))) for first in range(0, len(bits), self.group))
        loads = [[i for i in part if i >= held] for part in parts if part[-1] >= held]
        needed = [max((k for k, load in enumerate(loads, 1) if {*load} & {*row}), default=0) for row in missing]
        every = [self.busy([bits[i] for i in row]) for row in rows]
        every[0] = self.started(*every[0])
        ends = pipeline_ns(
            [
                (
                    self.read(load, bits) + (0 if k else wakes_ns(self.scenario.device.storage)),
                    sum(size[i] for i in load),
                )
                for k, load in enumerate(loads)
            ],
            [
                (*busy[:2], count, sum(size[i] for i in left))
                for busy, count, left in zip(every, needed, missing, strict=True)
            ],
            self.scenario.load_buffer_bytes,
            [ahead for _, _, ahead in every] if any(ahead for _, _, ahead in every) else (),
            hand_off_ns(self.scenario.device, "cpu"),
        )
        in_budget = all(start + k * layer_ns >= sum(charge[: k + 1]) for k in range(self.n))
        return in_budget and ends is not None and ends <= target

    def sizes(self, bits: list[int]) -> list[int]:
        """Return the bytes of each shard."""
        return [told_bytes(self.scenario.model, name, width) for name, width in zip(self.names, bits, strict=True)]

    def read(self, shards: Iterable[int], bits: list[int]) -> int:
        """Return the time of one request, 0 for nothing."""
        return told_ns(self.scenario.model, self.scenario.device, ((self.names[i], bits[i]) for i in shards))

    def layer_ns(self) -> int:
        """Return t(m)."""
        model, device = self.scenario.model, self.scenario.device
        unpack = max(decompress_ns(device, "cpu", model, bits) for bits in model.bitwidths)
        return compute_ns(device, "cpu", model)[self.m] + self.m * unpack

    def busy(self, widths: list[int]) -> tuple[int, int, int]:
        """Return t(m), or where a wait costs more than itself: usual, late with hand-off, and what is done ahead."""
        device, model = self.scenario.device, self.scenario.model
        times, unpack = find_layer_times(device, "cpu", model.geometry), find_decompress(device, "cpu", model.geometry)
        assert times
        assert unpack
        if not layers_differ(device, "cpu", model):
            return self.layer_ns(), self.layer_ns(), 0
        usual, late = (compute_ns(device, "cpu", model, after_wait=waited)[self.m] for waited in (False, True))
        first, then = (
            sum(decompress_ns(device, "cpu", model, bits, after_wait=waited) for bits in widths)
            for waited in (False, True)
        )
        late += hand_off_ns(device, "cpu")
        return (usual, late, first) if unpack.overlap else (usual + first, late + then, 0)

    def started(self, usual: int, late: int, ahead: int) -> tuple[int, int, int]:
        """Return the first layer's times: it takes longer, and a wait before it adds no more than it does itself."""
        device = self.scenario.device
        usual += start_up_ns(device, "cpu")
        return usual, max(late, usual + hand_off_ns(device, "cpu")) if start_up_ns(device, "cpu") else late, ahead

    def uniform(self, allowed: list[int], kept: int | None) -> tuple[list[int], int] | None:
        """Return the first pass: bitwidths and the number of preloaded shards, which have `kept` bits where given."""
        for width in sorted(allowed, reverse=True):
            sizes = accumulate(self.sizes([kept or width] * (self.n * self.m)))
            held = sum(total <= self.scenario.preload_bytes for total in sizes)
            bits = [(kept or width) if i < held else width for i in range(self.n * self.m)]
            if self.valid(bits, held):
                return bits, held
        return None

    def rows(self, bits: list[int], held: int, allowed: list[int]) -> tuple[Rows, Rows, int]:
        """Return slices, bitwidths after the passes by importance, and the number of preloaded shards."""
        rank = [importances(self.scenario.model)[layer][index] for layer, index in self.names]
        order = sorted(range(held, len(bits)), key=lambda i: (-rank[i], i))
        for choices in ([width for width in allowed if width != 32], [width for width in allowed if width == 32]):
            for i in order:
                higher = sorted((width for width in choices if width > bits[i]), reverse=True)
                bits[i] = next((w for w in higher if self.valid([*bits[:i], w, *bits[i + 1 :]], held)), bits[i])
        starts = range(0, len(bits), self.m)
        slices = tuple(tuple(index for _, index in self.names[start : start + self.m]) for start in starts)
        return slices, tuple(tuple(bits[start : start + self.m]) for start in starts), held


def twin_of(
    scenario: Scenario, group: int | None, use_slack: bool, upgrade_to: int, kept: int | None = None
) -> tuple[Rows, Rows, int] | None:
    """Return slices, bitwidths and the number of preloaded shards; a request brings `group` layers, or one shard."""
    model, widths = scenario.model, compute_ns(scenario.device, "cpu", scenario.model)
    shapes = [(n * m, n, m) for n in range(model.min_layers, model.layers + 1) for m in widths]
    allowed = [bits for bits in model.bitwidths if bits <= upgrade_to]
    for _, n, m in sorted(shapes, reverse=True):
        layers = layers_of(model, n)
        names = [(layer, s) for layer, row in zip(layers, slices_of(model, layers, m), strict=True) for s in row]
        twin = Twin(scenario, n, m, names, use_slack, group * m if group else 1)
        if n * twin.layer_ns() <= scenario.target_latency_ns and (found := twin.uniform(allowed, kept)):
            return twin.rows(*found, allowed)
    return None


def highest(scenario: Scenario, upgrade_to: int) -> int:
    """Return the highest bitwidth that the model has up to a number; 32 stands for any."""
    below = [bits for bits in scenario.model.bitwidths if bits <= upgrade_to]
    assume(below)
    return upgrade_to if upgrade_to == FULL else max(below)


def kept_bitwidth(scenario: Scenario, kept: int | None, upgrade_to: int) -> int | None:
    """Return one of the bitwidths up to the highest, chosen by number; None for none."""
    allowed = [bits for bits in scenario.model.bitwidths if bits <= upgrade_to]
    return None if kept is None else allowed[kept % len(allowed)]
