"""What a sweep says, for people: counts, planners, fronts, and who is best where."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from edgesim.files.text import one_line
from edgesim.report.text import uncut
from edgesim.sweeps.charts import regions_text
from edgesim.sweeps.columns import DONE
from edgesim.sweeps.findings import Report
from edgesim.sweeps.steps import fronts_text
from edgesim.sweeps.summary import PlannerSummary, Reason, Spread, Summary, counted
from edgesim.sweeps.ticks import aligned
from edgesim.sweeps.words import MEMORY, MOST_PLANNERS, share

MOST_REASONS = 3
"""Of more kinds, the commonest are shown."""
_STYLES = {"infeasible": "yellow"}


def report_text(report: Report) -> RenderableType:
    """Show what is missing, counts, planners, reasons, fronts, and the map of the best planners."""
    summary = report.summary
    counts = f"{counted(summary.points, 'point')}, {counted(len(summary.planners), 'planner')}"
    title = Text(one_line(f"{summary.name}: {counts}"), "bold")
    return Group(
        title, *_missing(report), _asked_table(summary), Text(), _planners_table(summary), *_notes(summary),
        *_reasons(summary), Text(), *fronts_text(report.sweep, report.fronts), Text(),
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


def _planners_table(summary: Summary) -> Table:
    statuses = [name for name in summary.statuses if name != DONE]
    table = Table("planner", box=None, pad_edge=False)
    for heading in ("points", "plans", *statuses, "met", "latency, ms", f"{MEMORY[summary.memory]}, MB"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column(summary.measure or "fidelity", justify="right", no_wrap=True)
    shown = _leading(summary)
    for one, *spreads in zip(shown, *_spreads(shown), strict=True):
        table.add_row(Text(one.planner), f"{one.points:,}", *_shares(one, statuses), *spreads)
    if len(shown) < len(summary.planners):
        table.add_row(Text(f"{len(summary.planners) - len(shown)} more; none meets targets more often", "dim"))
    return uncut(table)


def _leading(summary: Summary) -> list[PlannerSummary]:
    """Return the planners that meet the target most often, in the order of all."""
    leading = sorted(summary.planners, key=lambda one: -one.met)[:MOST_PLANNERS]
    return [one for one in summary.planners if one in leading]


def _shares(one: PlannerSummary, statuses: list[str]) -> Iterator[str]:
    yield share(one.statuses.get(DONE, 0), one.points)
    yield from (share(one.statuses.get(name, 0), one.points) for name in statuses)
    yield share(one.met, one.points)


def _spreads(planners: Sequence[PlannerSummary]) -> Iterator[list[str]]:
    """Yield latency, memory and quality of each planner."""
    yield aligned([_figures(one.latency_ns, 1e6) for one in planners])
    yield aligned([_figures(one.memory_bytes, 1e6) for one in planners])
    yield aligned([_figures(one.quality) for one in planners], decimals=4)


def _figures(spread: Spread | None, factor: float = 1) -> tuple[float, ...] | None:
    return tuple(value / factor for value in (spread.least, spread.median, spread.most)) if spread else None


def _notes(summary: Summary) -> Iterator[Text]:
    figures = f"latency, memory and {summary.measure}" if summary.measure else "latency and memory"
    spreads = f" {figures.capitalize()}: least / median / most of its plans." if summary.statuses.get(DONE) else ""
    yield Text(f"Shares are of a planner's points.{spreads}", "dim")
    if summary.sessions:
        yield Text("Latency and target are those of a session's first inference.", "dim")


def _reasons(summary: Summary) -> Iterator[RenderableType]:
    for status in summary.statuses:
        own = [reason for reason in summary.reasons if reason.status == status]
        if own:
            yield Text(f"{status}: {counted(summary.statuses[status], 'point')}", _STYLES.get(status, "bold red"))
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
