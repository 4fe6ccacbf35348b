"""Fronts of a sweep as tables: one step by step, several by what each of them reaches."""

from collections.abc import Callable, Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from edgesim.files.text import one_line
from edgesim.quantities import counted
from edgesim.report.fitted import Fitted, table_of
from edgesim.sweeps.axes import BUDGETS, COLUMNS, Axis
from edgesim.sweeps.fronts import Front, Fronts, Holder
from edgesim.sweeps.swept import Swept
from edgesim.sweeps.ticks import aligned, brief
from edgesim.sweeps.words import LATENCY, MEMORY, share
from edgesim.units import show_bytes, show_ns

MOST_FRONTS, MOST_STEPS, MOST_HOLDERS = 6, 10, 6
"""Of more fronts and steps, some are shown, evenly spaced; of more planners, the leading ones."""
_FIRST_HOLDERS = 2
_Spans = tuple[tuple[float, ...] | None, ...]
"""Of latency, memory and quality."""
_Digits = Callable[..., list[str]]


def fronts_text(sweep: Swept, found: Fronts) -> Iterator[RenderableType]:
    """Yield who holds how much of the fronts, and the steps of the only one, or what each of several reaches."""
    measures = sorted({front.measure or "quality (unknown)" for front in found.fronts})
    figures = f"{LATENCY[found.latency]}, {MEMORY[found.memory]} memory and {' or '.join(measures) or 'quality'}"
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
    table = table_of(["planner"], ["of all steps", "steps", "alone"])
    for one in holders[:MOST_HOLDERS]:
        table.add_row(Text(one.planner), share(one.reaches, steps), f"{one.reaches:,}", f"{one.alone:,}")
    if len(holders) > MOST_HOLDERS:
        table.add_row(Text(f"{len(holders) - MOST_HOLDERS} more", "dim"))
    return table


def _steps(sweep: Swept, found: Fronts, front: Front) -> Iterator[RenderableType]:
    place = ", ".join(front.setting.values()) or "all plans"
    shown = thinned(front.steps, MOST_STEPS)
    some = f"; {len(shown)} are shown, evenly spaced" if len(shown) < front.steps else ""
    unknown = f", {front.unknown:,} of unknown quality left out" if front.unknown else ""
    counts = f"{counted(front.steps, 'step')} of {counted(front.plans, 'plan')}"
    yield Text(one_line(f"{place}: {counts}{unknown}{some}"), "bold")
    budgets = [axis for axis in sweep.axes if axis.key in BUDGETS]
    yield Fitted(*(_step_table(found, front, shown, asked) for asked in (budgets, [])))


def _step_table(found: Fronts, front: Front, shown: Sequence[int], budgets: Sequence[Axis]) -> Table:
    """Show some steps, and the budgets of the points that reach them."""
    rows = found.frame.iloc[front.start : front.stop]
    asked = [axis.key.replace("_", " ") for axis in budgets]
    figures = LATENCY[found.latency], MEMORY[found.memory], front.measure or "quality"
    table = table_of([], [*figures, *asked, "point"], ["planner"])
    starts = rows["step"].to_numpy(int)
    for step in shown:
        own = rows[starts == starts[0] + step]
        one = own.iloc[0]
        good = "unknown" if front.measure is None else f"{one['quality']:.4f}"
        reached = show_ns(int(one[found.latency])), show_bytes(int(one[found.memory])), good
        values = [_label(axis, one[COLUMNS[axis.key]]) for axis in budgets]
        table.add_row(*reached, *values, f"{one['point']:,}", Text(", ".join(own["planner"])))
    return table


def _label(axis: Axis, value: object) -> str:
    return next(label for label, own in zip(axis.labels, axis.values, strict=True) if own == value or own is None)


def _settings(found: Fronts) -> Iterator[RenderableType]:
    """Yield a row for each of some fronts: from where to where its figures go, and who reaches most steps."""
    shown = [found.fronts[at] for at in thinned(len(found.fronts), MOST_FRONTS)]
    spans = [_spans(found, front) for front in shown]
    forms = [_setting_table(found, shown, spans, digits) for digits in (aligned, brief)]
    yield Fitted(*forms, _stacked(found, shown, spans))
    some = (
        f"{len(shown)} of {len(found.fronts):,} fronts are shown, evenly spaced"
        if len(shown) < len(found.fronts)
        else ""
    )
    unknown = sum(front.unknown for front in found.fronts)
    left = f"{counted(unknown, 'plan')} of unknown quality left out" if unknown else ""
    told = "; ".join(note for note in ("Least / most of a front's steps", some, left) if note)
    yield Text(f"{told}. --csv FILE has every step, --front FILE draws them.", "dim")


def _setting_table(found: Fronts, shown: Sequence[Front], spans: Sequence[_Spans], digits: _Digits) -> Table:
    table = table_of(list(shown[0].setting), ["plans", "steps", *_headings(found, shown)], ["steps by planner"])
    for front, texts in zip(shown, _written(spans, digits), strict=True):
        cells = *map(one_line, front.setting.values()), f"{front.plans:,}", f"{front.steps:,}", *texts
        table.add_row(*map(Text, cells), Text(", ".join(_leaders(front))))
    return table


def _stacked(found: Fronts, shown: Sequence[Front], spans: Sequence[_Spans]) -> Table:
    """Show what several columns have below one another."""
    heading = f"{', '.join(shown[0].setting)}; steps by planner"
    table = table_of([heading], ["steps", *_headings(found, shown)])
    for front, texts in zip(shown, _written(spans, brief), strict=True):
        setting = ", ".join(map(one_line, front.setting.values()))
        about = "\n  ".join([setting, *_leaders(front)])
        table.add_row(Text(about), f"{front.steps:,}", *texts)
    return table


def _headings(found: Fronts, shown: Sequence[Front]) -> list[str]:
    measures = {front.measure or "quality" for front in shown}
    quality = measures.pop() if len(measures) == 1 else "quality"
    return [f"{LATENCY[found.latency]}, ms", f"{MEMORY[found.memory]}, MB", quality]


def _written(spans: Sequence[_Spans], digits: _Digits) -> Iterator[tuple[str, ...]]:
    """Write latency, memory and quality of each front."""
    latency, memory, quality = (list(column) for column in zip(*spans, strict=True))
    return zip(digits(latency), digits(memory), digits(quality, decimals=4), strict=True)


def _spans(found: Fronts, front: Front) -> _Spans:
    rows = found.frame.iloc[front.start : front.stop]
    columns = (rows[found.latency] / 1e6, rows[found.memory] / 1e6, rows["quality"].dropna())
    return tuple((float(own.min()), float(own.max())) if len(own) else None for own in columns)


def _leaders(front: Front) -> list[str]:
    named = [f"{one.planner} {one.reaches:,}" for one in front.holders[:_FIRST_HOLDERS]]
    more = len(front.holders) - len(named)
    return [*named, *([f"{more} more"] if more > 0 else [])]


def thinned(many: int, most: int) -> list[int]:
    """Return at most so many numbers below another, evenly spaced, the first and the last among them."""
    return sorted({round(at * (many - 1) / (most - 1)) for at in range(most)}) if many > most else list(range(many))
