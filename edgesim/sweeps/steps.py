"""Fronts of a sweep as tables: one step by step, several by what each of them reaches."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from edgesim.files.text import one_line
from edgesim.report.text import uncut
from edgesim.sweeps.axes import BUDGETS, COLUMNS, Axis
from edgesim.sweeps.fronts import Front, Fronts, Holder
from edgesim.sweeps.summary import counted
from edgesim.sweeps.swept import Swept
from edgesim.sweeps.ticks import aligned
from edgesim.sweeps.words import MEMORY, share
from edgesim.units import show_bytes, show_ns

MOST_FRONTS, MOST_STEPS, MOST_HOLDERS = 6, 10, 6
"""Of more fronts and steps, some are shown, evenly spaced; of more planners, the leading ones."""
_FIRST_HOLDERS = 2


def fronts_text(sweep: Swept, found: Fronts) -> Iterator[RenderableType]:
    """Yield who holds how much of the fronts, and the steps of the only one, or what each of several reaches."""
    measures = sorted({front.measure or "quality (unknown)" for front in found.fronts})
    figures = f"latency, {MEMORY[found.memory]} memory and {' or '.join(measures) or 'quality'}"
    yield Text(f"Pareto fronts: {figures}{f', of plans {sweep.limit}' if sweep.limit else ''}", "bold")
    if not found.fronts:
        yield Text("There is no plan.")
        return
    yield Text("Of plans with all else in common, those that none beats in all three, whatever their targets.", "dim")
    yield _holder_table(found.holders, found.frame["step"].nunique())
    if len(found.fronts) == 1:
        yield from _steps(sweep, found, found.fronts[0])
    else:
        yield from _settings(found)


def _holder_table(holders: tuple[Holder, ...], steps: int) -> Table:
    table = Table("planner", box=None, pad_edge=False)
    for heading in ("of all steps", "steps", "alone"):
        table.add_column(heading, justify="right")
    for one in holders[:MOST_HOLDERS]:
        table.add_row(Text(one.planner), share(one.reaches, steps), f"{one.reaches:,}", f"{one.alone:,}")
    if len(holders) > MOST_HOLDERS:
        table.add_row(Text(f"{len(holders) - MOST_HOLDERS} more", "dim"))
    return uncut(table)


def _steps(sweep: Swept, found: Fronts, front: Front) -> Iterator[RenderableType]:
    place = ", ".join(front.setting.values()) or "all plans"
    shown = thinned(front.steps, MOST_STEPS)
    some = f"; {len(shown)} are shown, evenly spaced" if len(shown) < front.steps else ""
    unknown = f", {front.unknown:,} of unknown quality left out" if front.unknown else ""
    counts = f"{counted(front.steps, 'step')} of {counted(front.plans, 'plan')}"
    yield Text(one_line(f"{place}: {counts}{unknown}{some}"), "bold")
    rows = found.frame.iloc[front.start : front.stop]
    budgets = [axis for axis in sweep.axes if axis.key in BUDGETS]
    table = Table(box=None, pad_edge=False)
    asked = [axis.key.replace("_", " ") for axis in budgets]
    for heading in ("latency", MEMORY[found.memory], front.measure or "quality", *asked, "point"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("planner")
    starts = rows["step"].to_numpy(int)
    for step in shown:
        own = rows[starts == starts[0] + step]
        one = own.iloc[0]
        good = "unknown" if front.measure is None else f"{one['quality']:.4f}"
        figures = show_ns(int(one["latency_ns"])), show_bytes(int(one[found.memory])), good
        values = [_label(axis, one[COLUMNS[axis.key]]) for axis in budgets]
        table.add_row(*figures, *values, f"{one['point']:,}", Text(", ".join(own["planner"])))
    yield uncut(table)


def _label(axis: Axis, value: object) -> str:
    return next(label for label, own in zip(axis.labels, axis.values, strict=True) if own == value or own is None)


def _settings(found: Fronts) -> Iterator[RenderableType]:
    """Yield a row for each of some fronts: from where to where its figures go, and who reaches most steps."""
    shown = [found.fronts[at] for at in thinned(len(found.fronts), MOST_FRONTS)]
    table = Table(*shown[0].setting, box=None, pad_edge=False)
    measures = {front.measure or "quality" for front in shown}
    figures = "latency, ms", f"{MEMORY[found.memory]}, MB", measures.pop() if len(measures) == 1 else "quality"
    for heading in ("plans", "steps", *figures):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("steps by planner")
    spans = [_spans(found, front) for front in shown]
    latency, memory, quality = (list(column) for column in zip(*spans, strict=True))
    reached = zip(aligned(latency), aligned(memory), aligned(quality, decimals=4), strict=True)
    for front, texts in zip(shown, reached, strict=True):
        cells = *map(one_line, front.setting.values()), f"{front.plans:,}", f"{front.steps:,}", *texts
        table.add_row(*map(Text, cells), Text(_leaders(front)))
    yield uncut(table)
    some = (
        f"{len(shown)} of {len(found.fronts):,} fronts are shown, evenly spaced"
        if len(shown) < len(found.fronts)
        else ""
    )
    unknown = sum(front.unknown for front in found.fronts)
    left = f"{counted(unknown, 'plan')} of unknown quality left out" if unknown else ""
    told = "; ".join(note for note in ("Least / most of a front's steps", some, left) if note)
    yield Text(f"{told}. --csv FILE has every step, --front FILE draws them.", "dim")


def _spans(found: Fronts, front: Front) -> tuple[tuple[float, ...] | None, ...]:
    rows = found.frame.iloc[front.start : front.stop]
    columns = (rows["latency_ns"] / 1e6, rows[found.memory] / 1e6, rows["quality"].dropna())
    return tuple((float(own.min()), float(own.max())) if len(own) else None for own in columns)


def _leaders(front: Front) -> str:
    named = [f"{one.planner} {one.reaches:,}" for one in front.holders[:_FIRST_HOLDERS]]
    more = len(front.holders) - len(named)
    return ", ".join(named) + (f", {more} more" if more > 0 else "")


def thinned(many: int, most: int) -> list[int]:
    """Return at most so many numbers below another, evenly spaced, the first and the last among them."""
    return sorted({round(at * (many - 1) / (most - 1)) for at in range(most)}) if many > most else list(range(many))
