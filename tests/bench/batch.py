"""Many inferences at once, and the same one by one."""

from dataclasses import replace

import numpy as np

from edgesim import Plan, Scenario
from edgesim.backends import simulated
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
