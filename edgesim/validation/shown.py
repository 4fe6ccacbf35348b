"""Simulated and real timelines side by side: which run is shown, as a trace and as a picture."""

from pathlib import Path
from statistics import median
from typing import Any

from edgesim.report.trace import timelines_trace
from edgesim.validation.records import Case, Run
from edgesim.validation.verdict import Validation

MOST_DRAWN = 6
"""So many plans are drawn: those with the largest errors."""


def shown_pairs(found: Validation) -> list[tuple[Case, Run]]:
    """Return the cases that were validated, each with its most typical run, the largest errors first."""
    campaign = found.campaign
    rows = [
        (abs(one.prediction), case, _typical(runs))
        for one, case, runs in zip(found.agreements, campaign.cases, campaign.runs, strict=True)
        if one.prediction is not None
    ]
    return [(case, run) for _, case, run in sorted(rows, key=lambda row: -row[0])]


def _typical(runs: tuple[Run, ...]) -> Run:
    """Return the run that counts whose latency is nearest to the median."""
    fair = [run for run in runs if run.counts]
    middle = median(run.metrics.latency_ns for run in fair)
    return min(fair, key=lambda run: abs(run.metrics.latency_ns - middle))


def validation_trace(found: Validation) -> dict[str, Any]:
    """Return one trace with two processes for each case: simulated and real."""
    named = []
    for case, run in shown_pairs(found):
        named += [(f"{case.label} · simulated", case.simulated), (f"{case.label} · real, run {run.turn}", run.timeline)]
    return timelines_trace(named, {"scenario": found.campaign.scenario, "circumstances": found.campaign.circumstances})


def draw_validation(found: Validation, path: Path) -> bool:
    """Draw simulated over real timelines of the cases with the largest errors, if there are any to draw.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    from edgesim.plot.overlay import save_overlay

    pairs = shown_pairs(found)[:MOST_DRAWN]
    if pairs:
        save_overlay([(case.label, case.simulated, run.timeline) for case, run in pairs], path)
    return bool(pairs)
