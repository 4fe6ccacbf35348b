"""The best plan that there is time to find, and a proven bound: integer programs of submodels, best bound first."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from edgesim.device import Device
from edgesim.model import Model
from edgesim.nets.extra import needs_extra
from edgesim.planners.optimum.case import Case, Goal, Shape, cases
from edgesim.planners.optimum.found import Optimum
from edgesim.planners.optimum.program import Choice, Program
from edgesim.planners.optimum.realized import MOST_GROUPINGS, in_time
from edgesim.plans import Plan
from edgesim.quality import fidelity, predicted_accuracy
from edgesim.scenario import Budget

TRIES = 6
"""How often a plan that ends too late is made anew with so much less of the target."""
TOLERANCE = 1e-8
"""Of the solver's bounds, as a share."""
_CEILING, _RELAXED, _SOLVED = range(3)


@dataclass(order=True, slots=True)
class _Node:
    """A submodel, by how good a plan of it could still be: the best first."""

    minus_bound: float
    number: int
    stage: int = field(compare=False)
    case: Case = field(compare=False)
    program: Program | None = field(default=None, compare=False)


class Limits(NamedTuple):
    """When a search may stop; see `optimum`."""

    exact: bool
    gap: float
    seconds: float


class Search:
    """Best bound first over submodels."""

    def __init__(self, model: Model, device: Device, goal: Goal, limits: Limits) -> None:
        self.model, self.device, self.goal = model, device, goal
        self.exact, self.gap = limits.exact, 0.0 if limits.exact else limits.gap
        self.ends = time.monotonic() + limits.seconds
        self.plan: Plan | None = None
        self.score = float("-inf")
        self.given_up: list[float] = []

    def offer(self, plan: Plan | None) -> None:
        """Keep a plan if it is the best so far."""
        if plan is None:
            return
        score = fidelity(plan, self.model) if self.goal == "fidelity" else predicted_accuracy(plan, self.model)[0]
        if score is not None and score > self.score:
            self.plan, self.score = plan, score

    def run(self, every: Iterable[Case]) -> Optimum:
        """Look at the submodels until none can be better than what was found, to within the gap."""
        queue = [_Node(-case.ceiling(), number, _CEILING, case) for number, case in enumerate(every)]
        heapify(queue)
        while queue and self._worth_a_look(-queue[0].minus_bound) and time.monotonic() < self.ends:
            node = heappop(queue)
            if self._sharpen(node):
                heappush(queue, node)
        bound = max([self.score, *(-node.minus_bound for node in queue[:1]), *self.given_up])
        found = self.plan is not None
        proven = bound == float("-inf") or (found and not self._worth_a_look(bound))
        return Optimum(self.plan, self.score if found else None, bound, proven)

    def _worth_a_look(self, bound: float) -> bool:
        return bound > self.score + max(self.gap, TOLERANCE) * abs(bound)

    def _sharpen(self, node: _Node) -> bool:
        """Bound a submodel more closely, and take the plan that comes with it; tell whether to look at it again."""
        node.program = node.program or Program(node.case)
        relaxed, left = node.stage == _CEILING, self.ends - time.monotonic()
        answer = node.program.answer(self.gap, left, relaxed=relaxed)
        bound = node.case.score(answer.bound) if answer.bound > float("-inf") else answer.bound
        node.minus_bound = max(node.minus_bound, -bound)
        node.stage += node.stage < _SOLVED
        if relaxed:
            return True
        if answer.choice is None:
            return self._give_up(node, impossible=answer.done)
        if self.exact and node.program.apart:
            return self._exclude(node, answer.choice)
        late = self._take(node, answer.choice)
        if not self.exact or (late is not None and late <= 0):
            return self._give_up(node, impossible=False)
        node.program = Program(node.case, apart=True)
        return True

    def _give_up(self, node: _Node, *, impossible: bool) -> bool:
        """Leave a submodel with the bound that it has."""
        if not impossible:
            self.given_up.append(-node.minus_bound)
        return False

    def _take(self, node: _Node, choice: Choice) -> int | None:
        """Offer the plan of a choice; where it ends too late, those made with less time. Return the first lateness."""
        first = spare = 0
        tried: Choice | None = choice
        for turn in range(TRIES):
            if tried is None:
                break
            plan, late = in_time(node.case, tried, self.model, self.device, every=False)
            self.offer(plan)
            first = first if turn else (late if late is not None else 1)
            if plan is not None or late is None or node.program is None:
                break
            spare += late
            tried = node.program.answer(self.gap, self.ends - time.monotonic(), spare_ns=spare).choice
        return first

    def _exclude(self, node: _Node, choice: Choice) -> bool:
        """Offer the plan of a choice if some order of requests executes it in time; else cut the choice off."""
        if node.case.shape[0] > MOST_GROUPINGS or node.program is None:
            return self._give_up(node, impossible=False)
        plan, _ = in_time(node.case, choice, self.model, self.device, every=True)
        self.offer(plan)
        if plan is not None:
            return self._give_up(node, impossible=False)
        node.program.exclude(choice)
        return True


def optimum(  # noqa: PLR0913  (options by keyword)
    model: Model,
    device: Device,
    budget: Budget,
    *,
    maximise: Goal = "fidelity",
    exact: bool = False,
    gap: float = 1e-3,
    seconds: float = 2.0,
    submodel: Shape | None = None,
    start: Iterable[Plan] = (),
) -> Optimum:
    """Return the best plan found in time, and a proven bound on what is possible.

    Parameters
    ----------
    model, device, budget
        What to plan, for what, with what.
    maximise
        ``fidelity``, or the ``accuracy`` that measured samples predict.
    exact
        Prove that no plan is better; else to within `gap`.
    gap
        Relative gap at which to stop.
    seconds
        Time limit; what is proven by then is returned.
    submodel
        Only this n x m; by default all of them.
    start
        Plans that are known already.

    Raises
    ------
    InfeasibleError
        If no submodel can be computed in time.
    InputError
        If there is nothing to maximise, or no such submodel; or SciPy is missing.
    """
    check_solver()
    search = Search(model, device, maximise, Limits(exact, gap, seconds))
    for plan in start:
        search.offer(plan)
    return search.run(cases(model, device, budget, maximise, submodel))


def check_solver() -> None:
    """Refuse to begin without a solver.

    Raises
    ------
    InputError
        If SciPy is missing.
    """
    with needs_extra("SciPy", "oracle"):
        import scipy.optimize  # noqa: F401
