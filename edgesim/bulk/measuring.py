"""Cases of one planner -> the figures of each, as arrays."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from edgesim.batch.cases import Cases
from edgesim.batch.figures import figures, fits
from edgesim.batch.stack import taken
from edgesim.bulk.planning import planned
from edgesim.choice import PlannerChoice
from edgesim.errors import EdgesimError
from edgesim.plans import Plan

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgesim.batch.jobs import Flags


@dataclass(frozen=True, slots=True)
class Bulk:
    """What came of N cases.

    Parameters
    ----------
    done
        Which of them were measured, (N,).
    columns
        Each field of `edgesim.result.Metrics`, with where it is known, (N,) each; of no meaning where not `done`.
    refused
        Why there is no plan, by case.
    plans
        Plans that were made one by one, by case; None where they were made at once.
    too_large
        Cases with numbers that 64 bits might not hold: they are for the simulation.
    """

    done: "Flags"
    columns: Mapping[str, "tuple[NDArray[Any], Flags]"]
    refused: Mapping[int, EdgesimError]
    plans: Mapping[int, Plan] | None
    too_large: frozenset[int]


def measured(cases: Cases, choice: PlannerChoice) -> Bulk:
    """Plan and measure cases as `edgesim.run` does, without simulating them.

    Raises
    ------
    InputError
        If an option of the planner is wrong.
    """
    found = planned(cases, choice)
    exact = fits(found.jobs)
    place = np.full(len(found.jobs), -1, np.intp)
    place[exact] = np.arange(np.count_nonzero(exact))
    has_plan = found.job >= 0
    measured_as = np.where(has_plan, place[found.job] if len(place) else -1, -1)
    done = measured_as >= 0
    columns = {}
    if done.any():
        every = figures(taken(found.jobs, np.flatnonzero(exact)))
        columns = {name: (values[measured_as], known[measured_as]) for name, (values, known) in every.items()}
        meets = columns["latency_ns"][0] <= cases.target_ns
        known = np.ones(len(cases), np.bool_)
        columns |= {"meets_target": (meets, known), "target_met_fraction": (meets.astype(np.float64), known)}
    too_large = frozenset(np.flatnonzero(has_plan & ~done).tolist())
    return Bulk(done, columns, found.refused, found.plans, too_large)
