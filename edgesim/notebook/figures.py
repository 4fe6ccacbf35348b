"""What notebooks draw of each noun: the figures that the command line would write to files."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgesim.comparisons.verbs import Comparisons
    from edgesim.device import Device
    from edgesim.plans import Plan
    from edgesim.plot.stacked import Figures
    from edgesim.questions.answers import Need
    from edgesim.questions.moves import Sensitivity
    from edgesim.replications.findings import Replicated, Replications
    from edgesim.result import Comparison, Result
    from edgesim.sweeps.findings import Report
    from edgesim.timeline import Timeline
    from edgesim.validation.verdict import Validation


_FIGURES = {"_ns": ("ms", 1e6), "_bytes": ("MB", 1e6), "_pj": ("mJ", 1e9), "_fraction": ("%", 0.01),
            "_share": ("%", 0.01)}  # fmt: skip
"""What figures are drawn in, by how their names end, and how much that is."""


def none(_: object) -> "Figures":
    """Draw nothing: the tables say it all."""
    yield from ()


def result(one: "Result") -> "Figures":
    """Draw the plan, and below it what happened: lanes and memory, or a session at a glance."""
    from edgesim.plot import figure, plan_figure

    yield plan_figure(one.plan, one.given.model if one.given else None)
    if one.given:
        yield figure([(one.given, one)])
    else:
        yield from timeline(one.timeline)


def comparison(one: "Comparison") -> "Figures":
    """Draw quality against memory."""
    from edgesim.plot import front_figure

    if one.results and one.results[0].given:
        yield front_figure(one, one.results[0].given)


def comparisons(every: "Comparisons") -> "Figures":
    """Draw quality against memory, a panel for each point."""
    from edgesim.plot import MOST_FRONTS, fronts_figure

    if len(every) == 1:
        yield from comparison(every[0][1])
    elif any(found.results for _, found in every):
        yield fronts_figure(every[:MOST_FRONTS])


def timeline(one: "Timeline") -> "Figures":
    """Draw the lanes."""
    from edgesim.plot.alone import timeline_figure
    from edgesim.timeline import BESIDE

    if any(span.request != BESIDE for span in one.spans):
        yield timeline_figure(one)


def plan(one: "Plan") -> "Figures":
    """Draw the shards, and the IO budgets if there are any."""
    from edgesim.plot import plan_figure

    yield plan_figure(one)


def device(one: "Device") -> "Figures":
    """Draw the times of reads and layers."""
    from edgesim.plot import device_figure

    yield device_figure(one)


def sensitivity(one: "Sensitivity") -> "Figures":
    """Draw a tornado."""
    from edgesim.plot.tornado import tornado_figure
    from edgesim.questions.moves_text import bars
    from edgesim.questions.words import word

    title = f"{one.scenario}: {one.planner} on {one.device} ({one.processor}), {one.model}"
    yield tornado_figure(bars(one), title, word(one.of), one.by)


def replications(one: "Replications") -> "Figures":
    """Draw the mean latency of every replication, and the mean's interval."""
    from edgesim.replications.figures import MEAN_LATENCY

    yield from _intervals([one], MEAN_LATENCY)


def replicated(one: "Replicated") -> "Figures":
    """Draw the figure that is compared, of every replication of every planner."""
    yield from _intervals(list(one.each), one.figure)


def _intervals(each: "list[Replications]", figure: str) -> "Figures":
    from edgesim.plot.intervals import Row, intervals_figure

    unit, factor = next(((unit, factor) for end, (unit, factor) in _FIGURES.items() if figure.endswith(end)), ("", 1.0))
    rows = []
    for one in each:
        own, values = one.estimates.get(figure), [value for value in one.values.get(figure, ()) if value is not None]
        if own is not None and one.number > 1:
            low, high = own.interval or (own.mean, own.mean)
            ends = (None if end is None else end / factor for end in (low, high))
            rows.append(Row(one.planner, [value / factor for value in values], own.mean / factor, *ends))
    if rows:
        first, name = each[0], figure.removesuffix(next((end for end in _FIGURES if figure.endswith(end)), ""))
        title = f"{first.scenario}: {first.number:,} replications"
        yield intervals_figure(rows, title, f"{name.replace('_', ' ')} [{unit}]" if unit else name.replace("_", " "))


def need(one: "Need") -> "Figures":
    """Draw what the goal is about against what was tried."""
    from edgesim.plot.tries import tries_figure
    from edgesim.questions.tried import tries_of

    yield tries_figure(*tries_of(one))


def validation(one: "Validation") -> "Figures":
    """Draw simulated over real timelines."""
    from edgesim.plot.overlay import overlay_figure
    from edgesim.validation.shown import MOST_DRAWN, shown_pairs

    if pairs := shown_pairs(one)[:MOST_DRAWN]:
        yield overlay_figure([(case.label, case.simulated, run.timeline) for case, run in pairs])


def report(one: "Report") -> "Figures":
    """Draw the maps of the best planners where keys were swept, and the fronts where there are any."""
    from edgesim.plot.steps import steps_figure
    from edgesim.plot.sweep import sweep_figure
    from edgesim.sweeps.pages import front_page, sweep_page

    if one.regions.x is not None:
        yield sweep_figure(sweep_page(one))
    if one.fronts.fronts:
        yield steps_figure(front_page(one))
