"""The submodel of a planner with one bitwidth for all shards: of those that meet the target, the best."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from edgesim.cost import compute_ns, decompress_ns, overlaps
from edgesim.device import Device
from edgesim.errors import InfeasibleError, InputError
from edgesim.model import Model
from edgesim.planners.submodels import Rows, layers_of, names_of, shapes, slices_of
from edgesim.plans import Plan, Shard
from edgesim.quality import faithfulness, weights
from edgesim.recurrence import makespan_ns
from edgesim.rules import waits_for_itself
from edgesim.scenario import Budget
from edgesim.units import show_bytes, show_ns
from edgesim.work import price


@dataclass(frozen=True, slots=True)
class Submodel:
    """n layers of m shards, all of one bitwidth."""

    layers: tuple[int, ...]
    slices: Rows
    bits: int

    @property
    def rows(self) -> tuple[tuple[tuple[Shard, int], ...], ...]:
        """Return each layer's shards with their bitwidth, (n, m)."""
        pairs = zip(self.layers, self.slices, strict=True)
        return tuple(tuple(((layer, index), self.bits) for index in row) for layer, row in pairs)

    @property
    def bitwidths(self) -> Rows:
        """Return the bitwidth of each shard, (n, m), as a plan has it."""
        return tuple((self.bits,) * len(row) for row in self.slices)


Plans = Callable[[Submodel], Iterable[Plan]]
"""The plans that a planner has for a submodel, the preferred one first."""
Timed = tuple[Plan, int | None, str]
"""A plan with its makespan [ns], or with what would wait for itself."""


def best(model: Model, device: Device, budget: Budget, bitwidth: int | Sequence[int], plans: Plans) -> Plan:
    """Return the plan of the best submodel that meets the target under the recurrence.

    Submodels are tried from the best fidelity down, of equals the one with most shards, then the deepest, then the one
    of most bits.

    Parameters
    ----------
    model, device, budget
        What to plan, for what, with what.
    bitwidth
        Bits per weight of every shard; or several, to choose from.
    plans
        The plans for a submodel, the preferred one first.

    Raises
    ------
    InfeasibleError
        If no submodel meets the target within the load buffer.
    InputError
        If the model is not stored at that bitwidth.
    """
    choices = [bitwidth] if isinstance(bitwidth, int) else sorted(bitwidth, reverse=True)
    if unknown := [bits for bits in choices if bits not in model.bitwidths]:
        raise InputError(f"bitwidth: {model.name} is not stored at {unknown[0]} bits; known: {list(model.bitwidths)}")
    every = _submodels(model, device, budget, choices)
    least_ns = _computing_ns(every, model, device, budget)
    timed = partial(_timed, plans, model, device, budget)
    for submodel in every:
        if least_ns[submodel] <= budget.target_latency_ns:  # else pricing its plans would be in vain
            for plan, time, _ in timed(submodel):
                if time is not None and time <= budget.target_latency_ns:
                    return plan
    raise InfeasibleError(_shortage(every, least_ns, timed, budget))


def _submodels(model: Model, device: Device, budget: Budget, bitwidths: Sequence[int]) -> list[Submodel]:
    share, faithful = weights(model) if model.distortion else (), faithfulness(model) or {}
    ranked = []
    for n, m in shapes(model, device, budget):
        layers = layers_of(model, n)
        slices = slices_of(model, layers, m)
        kept = [share[layer][index] for layer, index in names_of(layers, slices)] if share else []
        for bits in bitwidths:
            fidelity = math.fsum(weight * faithful[bits] for weight in kept)
            ranked.append((-fidelity, Submodel(layers, slices, bits)))
    return [submodel for _, submodel in sorted(ranked, key=lambda pair: pair[0])]  # stable: most shards, then deepest


def _computing_ns(every: Sequence[Submodel], model: Model, device: Device, budget: Budget) -> dict[Submodel, int]:
    """Return what computing each submodel takes, were it resident [ns]: no plan takes less."""
    times = compute_ns(device, budget.processor, model)
    ahead = overlaps(device, budget.processor, model)
    found = {}
    for submodel in every:
        n, m = len(submodel.layers), len(submodel.slices[0])
        unpack = 0 if ahead else decompress_ns(device, budget.processor, model, submodel.bits)
        found[submodel] = n * (times[m] + m * unpack)
    return found


def _timed(plans: Plans, model: Model, device: Device, budget: Budget, submodel: Submodel) -> Iterator[Timed]:
    for plan in plans(submodel):
        work = price(plan, model, device, budget.processor, plan.preload)
        room = None if plan.ignores_buffers else budget.load_buffer_bytes
        never = next(waits_for_itself(work, room), "")
        yield plan, None if never else makespan_ns(work, room), never


def _shortage(
    every: Sequence[Submodel],
    least_ns: Mapping[Submodel, int],
    timed: Callable[[Submodel], Iterable[Timed]],
    budget: Budget,
) -> str:
    """Say how far the fastest plan is from the target, or what keeps all of them from fitting."""
    shortest = math.inf
    for submodel in sorted(every, key=least_ns.__getitem__):
        if least_ns[submodel] >= shortest:
            break
        shortest = min([shortest, *(time for _, time, _ in timed(submodel) if time is not None)])
    if shortest == math.inf:
        obstacles = [never for _, _, never in timed(every[-1])] if every else []
        tightest = obstacles[-1] if obstacles else "its smallest layer does not fit"
        return f"no submodel fits the load buffer of {show_bytes(budget.load_buffer_bytes or 0)}: {tightest}"
    takes = int(shortest)
    return (f"the fastest submodel takes {show_ns(takes)}, the target of {show_ns(budget.target_latency_ns)} is"
            f" short by {show_ns(takes - budget.target_latency_ns)}")  # fmt: skip
