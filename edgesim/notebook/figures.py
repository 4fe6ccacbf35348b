"""What notebooks draw of each noun: the figures that the command line would write to files."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgesim.comparisons.verbs import Comparisons
    from edgesim.device import Device
    from edgesim.plans import Plan
    from edgesim.plot.stacked import Figures
    from edgesim.questions.moves import Sensitivity
    from edgesim.result import Comparison, Result
    from edgesim.sweeps.findings import Report
    from edgesim.timeline import Timeline
    from edgesim.validation.verdict import Validation


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
