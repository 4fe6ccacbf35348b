"""The submodel of a planner with one bitwidth for all shards: of those that meet the target, the best."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain

from edgesim.cost import compute_ns, decompress_ns, overlaps
from edgesim.device import Device
from edgesim.errors import InfeasibleError, InputError
from edgesim.model import Model
from edgesim.planners.same import Same
from edgesim.planners.streamed import Streamed
from edgesim.planners.submodels import Submodel, layers_of, names_of, shapes, slices_of
from edgesim.plans import Plan
from edgesim.quality import faithfulness, weights
from edgesim.recurrence import makespan_ns
from edgesim.rules import waits_for_itself
from edgesim.scenario import Budget
from edgesim.units import show_bytes, show_ns
from edgesim.work import price

__all__ = ["Search", "Submodel", "best"]  # planners take a submodel from here, wherever it is made

Candidate = Streamed | Plan
Plans = Callable[[Submodel], Iterable[Candidate]]
"""The plans that a planner has for a submodel, the preferred one first."""
Timed = tuple[Candidate, int | None, str]
"""A candidate with its makespan [ns], or with what would wait for itself."""


class Search:
    """What a planner chooses from, the best first; the target decides how far down the list it has to go.

    Submodels are in order of fidelity, of equals the one with most shards, then the deepest, then the one of most bits.
    Plans are made and timed when they are asked for, and only once.

    Parameters
    ----------
    model, device, budget
        What to plan, for what, with what; the target does not count.
    bitwidth
        Bits per weight of every shard; or several, to choose from.
    plans
        The plans for a submodel, the preferred one first.

    Raises
    ------
    InputError
        If the model is not stored at that bitwidth.
    """

    def __init__(
        self, model: Model, device: Device, budget: Budget, bitwidth: int | Sequence[int], plans: Plans
    ) -> None:
        choices = (bitwidth,) if isinstance(bitwidth, int) else tuple(sorted(bitwidth, reverse=True))
        if unknown := [bits for bits in choices if bits not in model.bitwidths]:
            known = ", ".join(map(str, model.bitwidths))
            raise InputError(f"bitwidth: {model.name} is not stored at {unknown[0]} bits; known: {known}")
        self.model, self.device, self.budget, self.plans = model, device, budget, plans
        self.submodels = _ranked(Same(model), tuple(shapes(model, device, budget)), choices)
        self.least_ns = _computing_ns(self.submodels, model, device, budget)
        self._last: tuple[Candidate, Plan] | None = None
        self._tried = dict[int, tuple[list[Timed], Iterator[Candidate]]]()

    def best(self, target_ns: int) -> Plan:
        """Return the first plan that meets a target under the recurrence.

        Raises
        ------
        InfeasibleError
            If none does within the load buffer.
        """
        found = self.first(target_ns)
        if found is not None:
            return self._written(found)
        shortest_ns = self.shortest_ns()
        raise InfeasibleError(self.shortage(shortest_ns, target_ns), shortest_ns)

    def first(self, target_ns: int) -> Candidate | None:
        """Return the first candidate that meets a target, or None where none does."""
        for place, least_ns in enumerate(self.least_ns):
            if least_ns <= target_ns:  # else pricing its plans would be in vain
                for candidate, time, _ in self._timed(place):
                    if time is not None and time <= target_ns:
                        return candidate
        return None

    def shortest_ns(self) -> int | None:
        """Return the makespan of the fastest candidate [ns], or None where all of them wait for themselves."""
        shortest = math.inf
        for place in sorted(range(len(self.least_ns)), key=self.least_ns.__getitem__):
            if self.least_ns[place] >= shortest:
                break
            shortest = min([shortest, *(time for _, time, _ in self._timed(place) if time is not None)])
        return None if shortest == math.inf else int(shortest)

    def shortage(self, shortest_ns: int | None, target_ns: int) -> str:
        """Say how far the fastest candidate is from a target, or what keeps the last submodel from fitting."""
        if shortest_ns is not None:
            return (f"the fastest submodel takes {show_ns(shortest_ns)}, the target of {show_ns(target_ns)} is"
                    f" short by {show_ns(shortest_ns - target_ns)}")  # fmt: skip
        obstacles = [never for _, _, never in self._timed(len(self.submodels) - 1)] if self.submodels else []
        tightest = obstacles[-1] if obstacles else "its smallest layer does not fit"
        return f"no submodel fits the load buffer of {show_bytes(self.budget.load_buffer_bytes or 0)}: {tightest}"

    def candidates(self) -> Iterator[Candidate]:
        """Yield every candidate, the best first."""
        return chain.from_iterable(map(self.plans, self.submodels))

    def tried(self) -> Iterator[Candidate]:
        """Yield the candidates that were timed so far."""
        return (candidate for found, _ in self._tried.values() for candidate, _, _ in found)

    def _timed(self, place: int) -> Iterator[Timed]:
        if place not in self._tried:
            self._tried[place] = ([], iter(self.plans(self.submodels[place])))
        found, more = self._tried[place]
        yield from found
        for candidate in more:
            found.append(self._priced(candidate))
            yield found[-1]

    def _written(self, candidate: Candidate) -> Plan:
        """Write a candidate out; the one that was timed last, which is mostly the one that is taken, only once."""
        if self._last is None or self._last[0] is not candidate:
            self._last = candidate, written(candidate, self.model)
        return self._last[1]

    def _priced(self, candidate: Candidate) -> Timed:
        model, budget = self.model, self.budget
        plan = self._written(candidate)
        work = price(plan, model, self.device, budget.processor, plan.preload)
        room = None if plan.ignores_buffers else budget.load_buffer_bytes
        never = next(waits_for_itself(work, room), "")
        return candidate, None if never else makespan_ns(work, room), never


def written(candidate: Candidate, model: Model) -> Plan:
    """Return a candidate as a plan."""
    return candidate if isinstance(candidate, Plan) else candidate.plan(model)


def best(model: Model, device: Device, budget: Budget, bitwidth: int | Sequence[int], plans: Plans) -> Plan:
    """Return the plan of the best submodel that meets the target under the recurrence.

    Parameters
    ----------
    model, device, budget
        What to plan, for what, with what.
    bitwidth
        Bits per weight of every shard; or several, to choose from.
    plans
        Returns the plans for a submodel, the preferred one first.

    Raises
    ------
    InfeasibleError
        If no submodel meets the target within the load buffer.
    InputError
        If the model is not stored at that bitwidth.
    """
    return Search(model, device, budget, bitwidth, plans).best(budget.target_latency_ns)


@lru_cache(maxsize=16)  # for target after target, and device after device
def _ranked(given: Same[Model], every: tuple[tuple[int, int], ...], bitwidths: tuple[int, ...]) -> tuple[Submodel, ...]:
    model = given.it
    share, faithful = weights(model) if model.distortion else (), faithfulness(model) or {}
    ranked = []
    for n, m in every:
        layers = layers_of(model, n)
        slices = slices_of(model, layers, m)
        kept = [share[layer][index] for layer, index in names_of(layers, slices)] if share else []
        for bits in bitwidths:
            fidelity = math.fsum(weight * faithful[bits] for weight in kept)
            ranked.append((-fidelity, Submodel(layers, slices, bits)))
    ordered = sorted(ranked, key=lambda pair: pair[0])  # stable: most shards, then deepest
    return tuple(submodel for _, submodel in ordered)


def _computing_ns(every: Sequence[Submodel], model: Model, device: Device, budget: Budget) -> list[int]:
    """Return what computing each submodel takes, were it resident [ns]: no plan takes less."""
    times = compute_ns(device, budget.processor, model)
    ahead = overlaps(device, budget.processor, model)
    widths = {submodel.bits for submodel in every}
    unpack = {bits: 0 if ahead else decompress_ns(device, budget.processor, model, bits) for bits in widths}
    sizes = ((len(each.layers), len(each.slices[0]), each.bits) for each in every)
    return [n * (times[m] + m * unpack[bits]) for n, m, bits in sizes]
