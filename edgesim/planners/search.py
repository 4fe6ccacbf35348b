"""The submodel of a planner with one bitwidth for all shards: of those that meet the target, the best."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, wraps
from inspect import signature
from types import FunctionType
from typing import Any, NamedTuple, ParamSpec

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

__all__ = ["Search", "Submodel", "best", "searched"]  # planners take a submodel from here, wherever it is made

Options = ParamSpec("Options")
Candidate = Streamed | Plan
Plans = Callable[[Submodel], Iterable[Candidate]]
"""The plans that a planner has for a submodel, the preferred one first."""
Timed = tuple[Plan, int | None, str]
"""A plan with its makespan [ns], or with what would wait for itself."""


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
            known = list(model.bitwidths)
            raise InputError(f"bitwidth: {model.name} is not stored at {unknown[0]} bits; known: {known}")
        self.model, self.device, self.budget, self.plans = model, device, budget, plans
        self.submodels = _ranked(Same(model), tuple(shapes(model, device, budget)), choices)
        self.least_ns = _computing_ns(self.submodels, model, device, budget)
        self._tried = dict[int, tuple[list[Timed], Iterator[Candidate]]]()

    def best(self, target_ns: int) -> Plan:
        """Return the first plan that meets a target under the recurrence.

        Raises
        ------
        InfeasibleError
            If none does within the load buffer.
        """
        for place, least_ns in enumerate(self.least_ns):
            if least_ns <= target_ns:  # else pricing its plans would be in vain
                for plan, time, _ in self._timed(place):
                    if time is not None and time <= target_ns:
                        return plan
        shortest = math.inf
        for place in sorted(range(len(self.least_ns)), key=self.least_ns.__getitem__):
            if self.least_ns[place] >= shortest:
                break
            shortest = min([shortest, *(time for _, time, _ in self._timed(place) if time is not None)])
        raise InfeasibleError(self.obstacle() if shortest == math.inf else too_slow(int(shortest), target_ns))

    def obstacle(self) -> str:
        """Say what keeps the last submodel from fitting, where none fits."""
        obstacles = [never for _, _, never in self._timed(len(self.submodels) - 1)] if self.submodels else []
        tightest = obstacles[-1] if obstacles else "its smallest layer does not fit"
        return f"no submodel fits the load buffer of {show_bytes(self.budget.load_buffer_bytes or 0)}: {tightest}"

    def _timed(self, place: int) -> Iterator[Timed]:
        if place not in self._tried:
            self._tried[place] = ([], iter(self.plans(self.submodels[place])))
        found, more = self._tried[place]
        yield from found
        for candidate in more:
            found.append(self._priced(candidate))
            yield found[-1]

    def _priced(self, candidate: Candidate) -> Timed:
        model, budget = self.model, self.budget
        plan = candidate if isinstance(candidate, Plan) else candidate.plan(model)
        work = price(plan, model, self.device, budget.processor, plan.preload)
        room = None if plan.ignores_buffers else budget.load_buffer_bytes
        never = next(waits_for_itself(work, room), "")
        return plan, None if never else makespan_ns(work, room), never


def best(model: Model, device: Device, budget: Budget, bitwidth: int | Sequence[int], plans: Plans) -> Plan:
    """Return the plan of the best submodel that meets the target under the recurrence; parameters are `Search`'s.

    Raises
    ------
    InfeasibleError
        If no submodel meets the target within the load buffer.
    InputError
        If the model is not stored at that bitwidth.
    """
    return Search(model, device, budget, bitwidth, plans).best(budget.target_latency_ns)


def too_slow(takes_ns: int, target_ns: int) -> str:
    """Say how far the fastest plan is from a target."""
    return (f"the fastest submodel takes {show_ns(takes_ns)}, the target of {show_ns(target_ns)} is"
            f" short by {show_ns(takes_ns - target_ns)}")  # fmt: skip


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


class Searching(NamedTuple):
    """How a planner searches, and what its plans for a submodel depend on apart from the model."""

    search: Callable[..., Search]
    depends: frozenset[str]


_SEARCHING: dict[Callable[..., Any], Searching] = {}


def searched(*depends: str) -> Callable[[Callable[Options, Search]], Callable[Options, Plan]]:
    """Make a planner of a function that returns what is to be searched: the best plan for the budget's target.

    Parameters
    ----------
    depends
        What of its inputs the plans for a submodel depend on, apart from the model: ``preload`` and ``room``, the
        buffers; ``lanes`` of the storage; ``device``, all of it. They never depend on the target.
    """

    def made(search: Callable[Options, Search]) -> Callable[Options, Plan]:
        @wraps(search)
        def planner(*args: Options.args, **options: Options.kwargs) -> Plan:
            found = search(*args, **options)
            return found.best(found.budget.target_latency_ns)

        planner.__annotations__ = search.__annotations__ | {"return": Plan}
        vars(planner)["__signature__"] = signature(search).replace(return_annotation=Plan)  # as help() shows it
        _SEARCHING[planner] = Searching(search, frozenset(depends))
        return planner

    return made


def searching(planner: Callable[..., Any]) -> Searching | None:
    """Return how a planner searches, or None where it does not."""
    return _SEARCHING.get(planner) if isinstance(planner, FunctionType) else None
