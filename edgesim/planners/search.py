"""The submodel of a planner with one bitwidth for all shards: of those that meet the target, the best."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from edgesim.cost import compute_ns, decompress_ns, overlaps
from edgesim.device import Device
from edgesim.errors import InfeasibleError, InputError
from edgesim.model import Model
from edgesim.planners.submodels import Rows, layers_of, names_of, shapes, slices_of
from edgesim.plans import Plan, Shard
from edgesim.quality import weights
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


def best(
    model: Model, device: Device, budget: Budget, bitwidth: int, plans: Callable[[Submodel], Iterable[Plan]]
) -> Plan:
    """Return the plan of the best submodel that meets the target under the recurrence.

    Submodels are tried from the best fidelity down, of equals the one with most shards, then the deepest.

    Parameters
    ----------
    model, device, budget
        What to plan, for what, with what.
    bitwidth
        Bits per weight of every shard.
    plans
        The plans for a submodel, the preferred one first.

    Raises
    ------
    InfeasibleError
        If no submodel meets the target within the load buffer.
    InputError
        If the model is not stored at that bitwidth.
    """
    if bitwidth not in model.bitwidths:
        raise InputError(f"bitwidth: {model.name} is not stored at {bitwidth} bits; known: {list(model.bitwidths)}")
    every = _submodels(model, device, budget, bitwidth)
    hopeful = _computed_in_time(every, model, device, budget)
    for _, time, plan in _timed(hopeful, plans, model, device, budget):
        if time is not None and time <= budget.target_latency_ns:
            return plan
    raise InfeasibleError(_shortage(list(_timed(every, plans, model, device, budget)), budget))


def _submodels(model: Model, device: Device, budget: Budget, bits: int) -> list[Submodel]:
    share = weights(model) if model.distortion else None
    ranked = []
    for n, m in shapes(model, device, budget):
        layers = layers_of(model, n)
        slices = slices_of(model, layers, m)
        weight = math.fsum(share[layer][index] for layer, index in names_of(layers, slices)) if share else 0.0
        ranked.append((-weight, Submodel(layers, slices, bits)))
    return [submodel for _, submodel in sorted(ranked, key=lambda pair: pair[0])]  # stable: most shards, then deepest


def _computed_in_time(every: Iterable[Submodel], model: Model, device: Device, budget: Budget) -> Iterator[Submodel]:
    """Leave out what could not even be computed in time, were it resident: pricing its plans would be in vain."""
    times = compute_ns(device, budget.processor, model)
    ahead = overlaps(device, budget.processor, model)
    for submodel in every:
        n, m = len(submodel.layers), len(submodel.slices[0])
        unpack = 0 if ahead else decompress_ns(device, budget.processor, model, submodel.bits)
        if n * (times[m] + m * unpack) <= budget.target_latency_ns:
            yield submodel


def _timed(
    submodels: Iterable[Submodel], plans: Callable[[Submodel], Iterable[Plan]], model: Model, device: Device,
    budget: Budget,
) -> Iterator[tuple[str, int | None, Plan]]:  # fmt: skip
    """Yield each plan with its makespan [ns], or with what would wait for itself."""
    for submodel in submodels:
        for plan in plans(submodel):
            work = price(plan, model, device, budget.processor, plan.preload)
            room = None if plan.ignores_buffers else budget.load_buffer_bytes
            never = next(waits_for_itself(work, room), "")
            yield never, None if never else makespan_ns(work, room), plan


def _shortage(tried: list[tuple[str, int | None, Plan]], budget: Budget) -> str:
    shortest = min((time for _, time, _ in tried if time is not None), default=None)
    if shortest is None:
        tightest = tried[-1][0] if tried else "its smallest layer does not fit"
        return f"no submodel fits the load buffer of {show_bytes(budget.load_buffer_bytes or 0)}: {tightest}"
    return (f"the fastest submodel takes {show_ns(shortest)}, the target of {show_ns(budget.target_latency_ns)} is"
            f" short by {show_ns(shortest - budget.target_latency_ns)}")  # fmt: skip
