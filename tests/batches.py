"""Figures of many inferences, and the same of a simulation."""

from dataclasses import asdict
from typing import Any

from strategies import Case

from edgesim.backends.simulated import execute
from edgesim.batch.figures import figures
from edgesim.batch.jobs import Jobs
from edgesim.metrics import measure

ABOUT_TARGETS = {"target_latency_ns", "meets_target", "target_met_fraction"}
PARTS = ("idle", "storage_read", "cpu")


def rows(jobs: Jobs) -> list[dict[str, Any]]:
    """Return the figures of each job, None where they are unknown."""
    columns = figures(jobs)
    return [
        {name: values[place].item() if known[place] else None for name, (values, known) in columns.items()}
        for place in range(len(jobs))
    ]


def simulated(case: Case) -> dict[str, Any]:
    """Return the figures of the simulation that a batch gives as well."""
    scenario, plan = case
    parts = list(execute(plan, scenario.model, scenario.device, scenario.session))
    return {name: value for name, value in asdict(measure(parts, plan, scenario)).items() if name not in ABOUT_TARGETS}
