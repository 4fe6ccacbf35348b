"""How long planning takes: wall time of the planner alone."""

import gc
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from edgesim.choice import PlannerChoice
from edgesim.comparisons.cells import Progress
from edgesim.errors import EdgesimError
from edgesim.files import read_choice
from edgesim.plugins import PLANNERS, call_planner, find
from edgesim.preparation import for_planners
from edgesim.result import Result
from edgesim.scenario import Scenario

MOST_CALLS = 5
ENOUGH_NS = 10**9
"""No further call after this time, all calls together."""


def with_planning_times(
    points: Sequence[Scenario], rows: Sequence[Sequence[Result]], say: Progress
) -> list[list[Result]]:  # fmt: skip
    """Add ``planning_ns`` to results, one after the other, in this process."""
    every = sum(map(len, rows))
    found: list[list[Result]] = []
    done = 0
    for point, results in zip(points, rows, strict=True):
        found.append([])
        for result in results:
            planning_ns = least_planning_ns(point, read_choice(result.planner))
            found[-1].append(replace(result, asked=result.asked | {"planning_ns": planning_ns}))
            say("planning timed", done := done + 1, every)
    return found


def least_planning_ns(scenario: Scenario, choice: PlannerChoice) -> int | None:
    """Return the least time of up to five calls of a planner [ns], no new one after a second; None if it fails.

    Nothing but the planner is timed: not checking its plan, not executing it. Only the first call finds caches cold,
    so that it counts only where there is no second. A stranger's planner runs in a process of its own, which is
    in its time.
    """
    scenario = for_planners(scenario)
    function = find(PLANNERS, choice.name, Path(scenario.folder))
    times: list[int] = []
    collects = gc.isenabled()
    gc.disable()
    try:
        while len(times) < MOST_CALLS and sum(times) < ENOUGH_NS:
            began = time.perf_counter_ns()
            call_planner(function, (scenario.model, scenario.device, scenario.budget), choice.options)
            times.append(time.perf_counter_ns() - began)
    except EdgesimError:
        return None
    finally:
        if collects:
            gc.enable()
    return min(times)
