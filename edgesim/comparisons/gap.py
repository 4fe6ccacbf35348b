"""How far plans are from the best there is: one proven bound a point."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edgesim.comparisons.cells import Progress
from edgesim.errors import InfeasibleError
from edgesim.plans import Plan
from edgesim.result import Result
from edgesim.scenario import Scenario
from edgesim.workers import Lost, each

if TYPE_CHECKING:
    from edgesim.planners.optimum import Optimum

SECONDS = 20.0
"""Time for the bound of one point."""


def is_bounded(result: Result) -> bool:
    """Tell whether the bound holds for a plan: one lane, buffers kept to, target met."""
    return result.plan.lanes == 1 and not result.plan.ignores_buffers and result.metrics.meets_target


def with_gaps(
    points: Sequence[Scenario], rows: Sequence[Sequence[Result]], workers: int | None, say: Progress
) -> list[list[Result]]:
    """Add ``optimum_bound``, ``optimum_found`` and ``optimum_gap`` to results, all of them fidelity.

    The bound holds for every plan with one lane that keeps to the buffers and meets the target; for others the gap is
    None. Where the solver needs longer than `SECONDS`, the bound is what was proven by then, and the gap at most that.
    `optimum_found` is the best plan known.
    """
    plans = [[result.plan for result in results if is_bounded(result)] for results in rows]
    count = 1 if len(points) == 1 else workers
    bounds = each(_Bounds(points, plans), range(len(points)), count, progress=lambda *n: say("optima", *n))
    return [_with_gap(rows[place], None if isinstance(best, Lost) else best) for place, best in bounds]


@dataclass(frozen=True, slots=True)
class _Bounds:
    """Finds the optimum of a point by its number."""

    points: Sequence[Scenario]
    plans: Sequence[Sequence[Plan]]

    def __call__(self, place: int) -> "Optimum | None":
        from edgesim.planners.optimum import optimum

        point = self.points[place]
        try:
            return optimum(point.model, point.device, point.budget, seconds=SECONDS, start=self.plans[place])
        except InfeasibleError:
            return None


def _with_gap(results: Sequence[Result], best: "Optimum | None") -> list[Result]:
    from edgesim.planners.optimum import gap_to

    bound, score = (best.bound, best.score) if best else (None, None)
    found = []
    for result in results:
        fidelity = result.metrics.fidelity if is_bounded(result) else None
        gap = None if bound is None or fidelity is None else gap_to(bound, fidelity)
        asked = {"optimum_bound": bound, "optimum_found": score, "optimum_gap": gap}
        found.append(replace(result, asked=result.asked | asked))
    return found
