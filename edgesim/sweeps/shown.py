"""What a sweep says, for people: counts, planners, fronts, and who is best where."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from edgesim.files.text import one_line
from edgesim.quantities import counted
from edgesim.sweeps.charts import regions_text
from edgesim.sweeps.columns import DONE, INVALID
from edgesim.sweeps.findings import Report
from edgesim.sweeps.planners_table import planners_table
from edgesim.sweeps.steps import fronts_text
from edgesim.sweeps.summary import Reason, Summary
from edgesim.sweeps.swept import Swept
from edgesim.sweeps.words import LATENCY

MOST_REASONS = 3
"""Of more kinds, the commonest are shown."""
_STYLES = {"infeasible": "yellow"}


def report_text(report: Report) -> RenderableType:
    """Show what is missing, counts, planners, reasons, fronts, and the map of the best planners."""
    summary = report.summary
    counts = f"{counted(summary.points, 'point')}, {counted(len(summary.planners), 'planner')}"
    title = Text(one_line(f"{summary.name}: {counts}"), "bold")
    return Group(
        title, *_missing(report), _asked_table(summary), Text(), planners_table(summary), *_notes(summary),
        *_reasons(summary), Text(), *_replicates(report.sweep), *fronts_text(report.sweep, report.fronts), Text(),
        *regions_text(report.sweep, report.regions),
    )  # fmt: skip


def _missing(report: Report) -> Iterator[Text]:
    if report.missing:
        every = report.summary.points + report.missing
        said = f"Incomplete: {report.missing:,} of {every:,} points are missing, less those that filters leave out."
        yield Text(f"{said} All of this is about the others; edgesim sweep --resume computes the rest.", "bold red")
    if report.left_out:
        more = "1 more planner was" if report.left_out == 1 else f"{report.left_out:,} more planners were"
        yield Text(f"Only with --planner; {more} swept.", "dim")
    if report.sweep.limit:
        plans = f"{report.sweep.beyond:,} of {counted(report.summary.statuses.get(DONE, 0), 'plan')}"
        yield Text(f"Fronts and who is best: of plans {report.sweep.limit}; {plans} have more.", "yellow")


def _asked_table(summary: Summary) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    for number, (key, values) in enumerate(summary.axes.items()):
        table.add_row("" if number else "swept", key, one_line(values))
    fixed = ", ".join(f"{key} {value}" for key, value in summary.fixed.items() if value != "none")
    table.add_row("fixed", "", one_line(fixed))
    return table


def _notes(summary: Summary) -> Iterator[Text]:
    figures = [*([summary.measure] if summary.measure else []), "memory", "latency"]
    spreads = f" {_listed(figures[::-1]).capitalize()}: least / median / most of its plans."
    shares = "a planner's points that have a scenario" if INVALID in summary.statuses else "a planner's points"
    yield Text(f"Shares are of {shares}.{spreads if summary.statuses.get(DONE) else ''}", "dim")
    if summary.sessions:
        least = "all" if summary.least_met == 1 else f"at least {100 * summary.least_met:.12g}%"
        said = f"{LATENCY[summary.latency].capitalize()}: 99% of a session's inferences take no longer."
        yield Text(
            f"{said} A session meets its target if {least} of them are in time; in time: their median share.", "dim"
        )


def _replicates(sweep: Swept) -> Iterator[Text]:
    if sweep.terms.seeds:
        met = "the mean of its shares in time" if sweep.terms.sessions else "the share of them with which it is in time"
        said = f"The {sweep.terms.seeds:,} values of seed are not told apart from here on"
        yield Text(f"{said}: a plan has the medians of its figures over them, and {met}.")


def _listed(names: list[str]) -> str:
    *some, last = names
    return f"{', '.join(some)} and {last}"


def _reasons(summary: Summary) -> Iterator[RenderableType]:
    for status in summary.statuses:
        own = [reason for reason in summary.reasons if reason.status == status]
        if own:
            yield Text(f"{status}: {counted(summary.statuses[status], 'point')}", _STYLES.get(status, "bold red"))
            yield _reason_table(own[:MOST_REASONS])
        if len(own) > MOST_REASONS:
            rest = counted(sum(reason.points for reason in own[MOST_REASONS:]), "point")
            yield Text(
                f"  the commonest {MOST_REASONS} of {len(own):,} reasons; others are those of {rest}, --json has them",
                "dim",
            )


def _reason_table(reasons: list[Reason]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(justify="right", no_wrap=True)
    for one in reasons:
        who = one.planners[0] if len(one.planners) == 1 else f"{len(one.planners)} planners"
        amounts = "" if one.alike else "; amounts differ"
        table.add_row(f"{one.points:,}", Text(one_line(f"{one.first} ({who}, first at point {one.point:,}{amounts})")))
    return table
