"""Cases -> plans, priced: all at once where the planner can, else one by one."""

from typing import TYPE_CHECKING

import numpy as np

from edgesim.batch.cases import Cases, Planned
from edgesim.batch.jobs import UNLIMITED, Jobs
from edgesim.batch.pricing import job_of
from edgesim.batch.stack import stacked
from edgesim.choice import PlannerChoice
from edgesim.errors import EdgesimError
from edgesim.planners.many import many
from edgesim.preparation import make_plan, planner_of
from edgesim.scenario import Scenario

if TYPE_CHECKING:
    from edgesim.plans import Plan


def planned(cases: Cases, choice: PlannerChoice) -> Planned:
    """Let a planner decide each of some cases; the plans are those of `edgesim.plan`, one by one.

    Raises
    ------
    InputError
        If an option of the planner is wrong.
    """
    at_once = many(planner_of(cases.bases[0], choice))
    if at_once is None or any(base.session.start != "warm" for base in cases.bases):
        return _one_by_one(cases, choice)
    found = at_once(cases, **choice.options)
    named = {place: type(error)(f"{choice.label}: {error}") for place, error in found.refused.items()}
    return Planned(found.jobs, found.job, named)


def scenario_of(cases: Cases, place: int) -> Scenario:
    """Return the scenario of one case: its base with its own budget."""
    room = int(cases.room_bytes[place])
    budget = {
        "target_latency_ns": int(cases.target_ns[place]),
        "preload_bytes": int(cases.preload_bytes[place]),
        "load_buffer_bytes": None if room == UNLIMITED else room,
    }
    return cases.bases[int(cases.base[place])].model_copy(update=budget)


def _one_by_one(cases: Cases, choice: PlannerChoice) -> Planned:
    jobs: list[Jobs] = []
    refused: dict[int, EdgesimError] = {}
    plans: dict[int, Plan] = {}
    job = np.full(len(cases), -1, np.intp)
    for place in range(len(cases)):
        scenario = scenario_of(cases, place)
        try:
            made = make_plan(scenario, choice)
        except EdgesimError as error:
            refused[place] = error
            continue
        job[place] = len(jobs)
        jobs.append(job_of(made, scenario))
        plans[place] = made
    return Planned(stacked(jobs), job, refused, plans)
