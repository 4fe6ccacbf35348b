"""What a sweep says, for people: counts, planners, fronts, and who is best where."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from edgesim.files.text import one_line
from edgesim.report.text import uncut
from edgesim.sweeps.charts import regions_text
from edgesim.sweeps.findings import Report
from edgesim.sweeps.steps import fronts_text
from edgesim.sweeps.summary import PlannerSummary, Reason, Spread, Summary
from edgesim.sweeps.words import MEMORY, share

MOST_REASONS = 5
"""Of more kinds, the commonest are shown."""
_STYLES = {"infeasible": "yellow"}


def report_text(report: Report) -> RenderableType:
    """Show what is missing, counts, planners, reasons, fronts, and the map of the best planners."""
    summary = report.summary
    planners = f"{len(summary.planners)} planner{'s' * (len(summary.planners) != 1)}"
    title = Text(one_line(f"{summary.name}: {summary.points:,} points, {planners}"), "bold")
    return Group(
        title, *_missing(report), _asked_table(summary), Text(), _planners_table(summary), *_notes(summary),
        *_reasons(summary), Text(), *fronts_text(report.fronts), Text(), *regions_text(report.sweep, report.regions),
    )  # fmt: skip


def _missing(report: Report) -> Iterator[Text]:
    if report.missing:
        every = report.summary.points + report.missing
        said = f"Incomplete: {report.missing:,} of {every:,} points are missing, less those that filters leave out."
        yield Text(f"{said} All of this is about the others; edgesim sweep --resume computes the rest.", "bold red")
    if report.left_out:
        yield Text(f"Only with --planner; {report.left_out:,} more planners were swept.", "dim")


def _asked_table(summary: Summary) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    for number, (key, values) in enumerate(summary.axes.items()):
        table.add_row("" if number else "swept", key, one_line(values))
    fixed = ", ".join(f"{key} {value}" for key, value in summary.fixed.items() if value != "none")
    table.add_row("fixed", "", one_line(fixed))
    return table


def _planners_table(summary: Summary) -> Table:
    statuses = [name for name in summary.statuses if name != "done"]
    table = Table("planner", box=None, pad_edge=False)
    for heading in ("points", "plans", *statuses, "met", "latency, ms", f"{MEMORY[summary.memory]}, MB"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column(summary.measure or "fidelity", justify="right", no_wrap=True)
    for one in summary.planners:
        table.add_row(Text(one.planner), f"{one.points:,}", *_shares(one, statuses), *_spreads(one))
    return uncut(table)


def _shares(one: PlannerSummary, statuses: list[str]) -> Iterator[str]:
    yield share(one.statuses.get("done", 0), one.points)
    yield from (share(one.statuses.get(name, 0), one.points) for name in statuses)
    yield share(one.met, one.points)


def _spreads(one: PlannerSummary) -> Iterator[str]:
    for spread, factor, form in (
        (one.latency_ns, 1e6, ",.4g"),
        (one.memory_bytes, 1e6, ",.4g"),
        (one.quality, 1, ".4f"),
    ):
        yield _spread(spread, factor, form)


def _spread(spread: Spread | None, factor: float, form: str) -> str:
    if spread is None:
        return "-"
    return " / ".join(f"{value / factor:{form}}" for value in (spread.least, spread.median, spread.most))


def _notes(summary: Summary) -> Iterator[Text]:
    quality = summary.measure or "an unknown quality"
    yield Text(
        f"Shares are of a planner's points. Latency, memory and {quality}: least / median / most of its plans.", "dim"
    )
    if summary.sessions:
        yield Text("Latency and target are those of a session's first inference.", "dim")


def _reasons(summary: Summary) -> Iterator[RenderableType]:
    for status in summary.statuses:
        own = [reason for reason in summary.reasons if reason.status == status]
        if own:
            yield Text(f"{status}: {summary.statuses[status]:,} points", _STYLES.get(status, "bold red"))
            yield _reason_table(own[:MOST_REASONS])
        if len(own) > MOST_REASONS:
            rest = sum(reason.points for reason in own[MOST_REASONS:])
            yield Text(
                f"  the commonest {MOST_REASONS} of {len(own):,} reasons; {rest:,} points have others, --json has them",
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
