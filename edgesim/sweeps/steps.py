"""Fronts of a sweep as tables."""

from collections.abc import Iterator

import numpy as np
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from edgesim.files.text import one_line
from edgesim.report.text import uncut
from edgesim.sweeps.fronts import Front, Fronts, Holder
from edgesim.sweeps.words import MEMORY, MOST_PLANNERS, share
from edgesim.units import show_bytes, show_ns

MOST_FRONTS, MOST_STEPS = 3, 12
"""Of more, the first fronts are shown, and steps evenly spaced."""
_BUDGETS = {"target_latency_ns": "target", "preload_buffer_bytes": "preload buffer", "load_buffer_bytes": "load buffer"}


def fronts_text(found: Fronts) -> Iterator[RenderableType]:
    """Yield who holds how much of the fronts, and the first fronts step by step."""
    memory = MEMORY[found.memory]
    measures = sorted({front.measure or "quality (unknown)" for front in found.fronts})
    yield Text(f"Pareto fronts: latency, {memory} memory and {' or '.join(measures) or 'quality'}", "bold")
    if not found.fronts:
        yield Text("There is no plan.")
        return
    yield Text("Of plans with all else in common, those that none beats in all three, whatever their targets.", "dim")
    yield _holder_table(found.holders, found.frame["step"].nunique())
    for front in found.fronts[:MOST_FRONTS]:
        yield from _front(found, front)
    if len(found.fronts) > MOST_FRONTS:
        yield Text(f"{MOST_FRONTS} of {len(found.fronts):,} fronts are shown; --csv has all of them.", "dim")


def _holder_table(holders: tuple[Holder, ...], steps: int) -> Table:
    table = Table("planner", box=None, pad_edge=False)
    for heading in ("of the fronts", "steps", "alone"):
        table.add_column(heading, justify="right")
    for one in holders[:MOST_PLANNERS]:
        table.add_row(Text(one.planner), share(one.reaches, steps), f"{one.reaches:,}", f"{one.alone:,}")
    if len(holders) > MOST_PLANNERS:
        table.add_row(Text(f"{len(holders) - MOST_PLANNERS} more", "dim"))
    return uncut(table)


def _front(found: Fronts, front: Front) -> Iterator[RenderableType]:
    place = ", ".join(front.setting.values()) or "all plans"
    shown = thinned(front.steps, MOST_STEPS)
    some = f"; {len(shown)} are shown, evenly spaced" if len(shown) < front.steps else ""
    unknown = f", {front.unknown:,} of unknown quality left out" if front.unknown else ""
    yield Text(one_line(f"{place}: {front.steps:,} steps of {front.plans:,} plans{unknown}{some}"), "bold")
    rows = found.frame.iloc[front.start : front.stop]
    budgets = {column: name for column, name in _BUDGETS.items() if found.frame[column].nunique(dropna=False) > 1}
    table = Table(box=None, pad_edge=False)
    for heading in ("latency", MEMORY[found.memory], front.measure or "quality", *budgets.values(), "point"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("planner")
    starts = rows["step"].to_numpy(int)
    for step in shown:
        own = rows[starts == starts[0] + step]
        one = own.iloc[0]
        good = "unknown" if front.measure is None else f"{one['quality']:.4f}"
        asked = [_amount(column, one[column]) for column in budgets]
        figures = show_ns(int(one["latency_ns"])), show_bytes(int(one[found.memory])), good
        table.add_row(*figures, *asked, f"{one['point']:,}", Text(", ".join(own["planner"])))
    yield uncut(table)


def _amount(column: str, value: object) -> str:
    if not isinstance(value, int | np.integer):
        return "unlimited"
    return show_ns(int(value)) if column.endswith("_ns") else show_bytes(int(value))


def thinned(many: int, most: int) -> list[int]:
    """Return at most so many numbers below another, evenly spaced, the first and the last among them."""
    return sorted({round(at * (many - 1) / (most - 1)) for at in range(most)}) if many > most else list(range(many))
