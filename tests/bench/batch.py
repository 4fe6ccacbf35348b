"""Many inferences at once, and the same one by one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from edgesim import Plan, Scenario
from edgesim.backends import simulated
from edgesim.batch import schedules as scheduling
from edgesim.batch.figures import figures
from edgesim.batch.jobs import Jobs
from edgesim.batch.pricing import job_of
from edgesim.batch.stack import taken
from edgesim.metrics import measure
from edgesim.recurrence import schedule
from edgesim.work import first_and_later

Case = tuple[Plan, Scenario]


def varied(case: Case, jobs: int) -> Jobs:
    """Return so many inferences of a plan, each with storage and a processor of other speeds."""
    generator = np.random.default_rng(0)
    alike = taken(job_of(*case), np.zeros(jobs, np.intp))
    load_ns = alike.load_ns * generator.integers(50, 200, (jobs, 1, 1)) // 100
    compute_ns = alike.compute_ns * generator.integers(50, 200, (jobs, 1)) // 100
    return replace(alike, load_ns=load_ns, compute_ns=compute_ns, compute_after_wait_ns=compute_ns)


@contextmanager
def _paying(loops: bool) -> Iterator[None]:
    """Let the loops in numba be used from the first load on, or never."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scheduling, "_PAYS_FROM", 0 if loops else 2**63)
        yield


def scheduled(jobs: Jobs, *, loops: bool) -> None:
    """Schedule jobs at once, in loops of numba or in numpy."""
    with _paying(loops):
        scheduling.schedules(jobs)


def measured(jobs: Jobs, *, loops: bool) -> None:
    """Measure them so."""
    with _paying(loops):
        figures(jobs)


def one_by_one(case: Case, times: int) -> None:
    """Evaluate the recurrence of a priced plan again and again."""
    plan, scenario = case
    work, _ = first_and_later(plan, scenario.model, scenario.device, scenario.session)
    for _ in range(times):
        schedule(work, scenario.load_buffer_bytes)


def measured_one_by_one(case: Case, times: int) -> None:
    """Simulate and measure a plan again and again."""
    plan, scenario = case
    for _ in range(times):
        parts = simulated.execute(plan, scenario.model, scenario.device, scenario.session)
        measure(parts, plan, scenario)
