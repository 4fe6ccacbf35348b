"""How each planner of a sweep did, as a table."""

from collections.abc import Callable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from edgesim.report.fitted import Fitted, table_of
from edgesim.sweeps.columns import DONE, INVALID
from edgesim.sweeps.summary import PlannerSummary, Spread, Summary
from edgesim.sweeps.ticks import aligned, brief
from edgesim.sweeps.words import LATENCY, MEMORY, MOST_PLANNERS, percent, share


def planners_table(summary: Summary) -> RenderableType:
    """Show counts and figures of the leading planners: in one table, with fewer digits, or in two."""
    shown, figures = _leading(summary), _headings(summary)
    more = [Text(f"{len(summary.planners) - len(shown)} more; none meets targets more often", "dim")]
    counts = [list(_counts(one, summary)) for one in shown]
    forms = []
    for digits in (aligned, brief):
        spreads = list(zip(*_spreads(shown, digits), strict=True))
        whole = table_of(["planner"], [*_counted(summary), *figures])
        for one, own, spread in zip(shown, counts, spreads, strict=True):
            whole.add_row(Text(one.planner), *own, *spread)
        forms.append(whole)
    first, second = table_of(["planner"], _counted(summary)), table_of(["planner"], figures)
    for one, own, spread in zip(shown, counts, spreads, strict=True):
        first.add_row(Text(one.planner), *own)
        second.add_row(Text(one.planner), *spread)
    return Group(Fitted(*forms, Group(first, Text(), second)), *(more if len(shown) < len(summary.planners) else []))


def _leading(summary: Summary) -> list[PlannerSummary]:
    """Return the planners that meet the target most often, in the order of all."""
    leading = sorted(summary.planners, key=lambda one: -one.met)[:MOST_PLANNERS]
    return [one for one in summary.planners if one in leading]


def _counted(summary: Summary) -> list[str]:
    """Return the headings of what is counted."""
    others = [name for name in summary.statuses if name != DONE]
    return ["points", "plans", *others, "met", *(["in time"] if summary.sessions else [])]


def _headings(summary: Summary) -> list[str]:
    latency = "latency" if not summary.sessions else LATENCY[summary.latency]
    return [f"{latency}, ms", f"{MEMORY[summary.memory]}, MB", summary.measure or "fidelity"]


def _counts(one: PlannerSummary, summary: Summary) -> Iterator[str]:
    """Yield shares of the points that have a scenario, and how many have none."""
    valid = one.points - one.statuses.get(INVALID, 0)
    yield f"{one.points:,}"
    yield share(one.statuses.get(DONE, 0), valid)
    for name in summary.statuses:
        many = one.statuses.get(name, 0)
        if name != DONE:
            yield (f"{many:,}" if many else "-") if name == INVALID else share(many, valid)
    yield share(one.met, valid)
    if summary.sessions:
        yield percent(one.in_time.median) if one.in_time else "-"


def _spreads(planners: Sequence[PlannerSummary], digits: Callable[..., list[str]]) -> Iterator[list[str]]:
    """Yield latency, memory and quality of each planner."""
    yield digits([_figures(one.latency_ns, 1e6) for one in planners])
    yield digits([_figures(one.memory_bytes, 1e6) for one in planners])
    yield digits([_figures(one.quality) for one in planners], decimals=4)


def _figures(spread: Spread | None, factor: float = 1) -> tuple[float, ...] | None:
    return tuple(value / factor for value in (spread.least, spread.median, spread.most)) if spread else None
