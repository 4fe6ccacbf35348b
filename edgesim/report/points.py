"""Planners at many points: a table by device and target, and one row a planner over all of them."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from textwrap import wrap

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from edgesim.quantities import counted
from edgesim.report.columns import (
    LATENCY,
    PEAK,
    SHARDS_KEPT,
    Column,
    asked_columns,
    footnotes,
    quality_columns,
    session_columns,
)
from edgesim.report.comparison import is_too_short, target_text
from edgesim.report.families import Family, Row, best_rows
from edgesim.report.fitted import Fitted, Narrowed, ever_fewer
from edgesim.report.text import rests_on, uncut
from edgesim.report.verdict import not_run
from edgesim.result import Comparison, Result
from edgesim.scenario import Scenario
from edgesim.units import show_bytes, show_ns

Compared = Sequence[tuple[Scenario, Comparison]]
_PLACES: dict[str, Callable[[Scenario], str]] = {
    "scenario": lambda point: point.name,
    "model": lambda point: point.model.name,
    "device": lambda point: point.device.name,
    "processor": lambda point: point.processor,
    "target": lambda point: show_ns(point.target_latency_ns),
    "preload buffer": lambda point: show_bytes(point.preload_bytes),
    "load buffer": lambda point: (
        "unlimited" if point.load_buffer_bytes is None else show_bytes(point.load_buffer_bytes)
    ),
}
_COUNTS = ("points", "plans", "met")
_ALWAYS, _NAMED = ("device", "target"), ("preload buffer", "load buffer")
"""Places that are always shown, and those whose values do not say what they are of."""
_ROOM = 28
"""How wide a column of planners is at least where places stand in it, too."""
_LEAST_NEEDED = ("shards kept", "ready", "p90", "points", "plans", "peak", "fidelity")
"""What a narrow terminal does without, one after the other until a table fits; what was asked for stays."""
_NO_BREAK = "\N{NO-BREAK SPACE}"


def points_text(compared: Compared, *, every: bool = False, rest: str = "--all") -> RenderableType:
    """Show one row for each planner at each point, then one row for each planner over all points.

    Parameters
    ----------
    compared
        Scenarios and their comparisons.
    every
        Show all bitwidths; else those that the scenario names, and the best of others.
    rest
        What shows all of them to the reader.
    """
    rows = [_rows(comparison, scenario, every) for scenario, comparison in compared]
    results = [row.result for found in rows for row in found.values() if row.result]
    names = ", ".join(dict.fromkeys(scenario.name for scenario, _ in compared))
    missing = [Text(said, "bold") for said in not_run([left for _, one in compared for left in one.left_out])]
    if not results:
        none = Text(f"No planner has a plan that fits at any of {len(rows)} points.")
        return Group(Text(names, "bold"), none, *missing)
    hidden = sum(len(comparison.results) + len(comparison.left_out) for _, comparison in compared) - sum(map(len, rows))
    left = counted(hidden, "more row")
    more = f"; the best bitwidths by accuracy or else fidelity, {left} with {rest}" if hidden else ""
    title = Text(f"{names}: {counted(len(rows), 'point')}, {counted(sum(map(len, rows)), 'row')}{more}", "bold")
    columns = session_columns(results) | {"shards kept": SHARDS_KEPT, "peak": PEAK}
    columns |= quality_columns(results) | asked_columns(results)
    return Group(
        title,
        Fitted(
            _points_table(compared, rows, columns, stacked=False),
            Narrowed(lambda without: _points_table(compared, rows, _but(columns, without), stacked=True),
                     ever_fewer(_LEAST_NEEDED, columns)),
        ),
        Text("Over all points, medians of the plans that meet their target", "bold"),
        Narrowed(lambda without: _summary_table(rows, columns, without),
                 ever_fewer(_LEAST_NEEDED, [*_COUNTS, *columns])),
        *missing, *footnotes(results), *_doubts(results),
    )  # fmt: skip


def _but(columns: dict[str, Column], without: Collection[str]) -> dict[str, Column]:
    return {name: column for name, column in columns.items() if name not in without}


def _doubts(results: Sequence[Result]) -> Iterator[Text]:
    """Say which numbers are derived or estimated, once for all devices that it is true of."""
    devices: dict[str, list[str]] = {}
    for result in results:
        devices.setdefault(rests_on(result).plain, []).append(result.device)
    for said, names in devices.items():
        yield Text(f"{', '.join(dict.fromkeys(names))}: {said[0].lower()}{said[1:]}", "dim")


def _rows(comparison: Comparison, scenario: Scenario, every: bool) -> dict[Family, Row]:
    return best_rows(comparison, [choice.label for choice in scenario.planner], every=every)


def left_out_lines(compared: Compared, *, every: bool = False) -> list[str]:
    """Return why rows have no plan; at many points the first reason of each, and at how many points it is so.

    What the report says in one sentence is not said again, unless all is to be shown: that planners were not run for
    want of a library, and that a point's target is too short for all of them.
    """
    rows = [
        (name, row.reason, f"{scenario.device.name}, {show_ns(scenario.target_latency_ns)}")
        for scenario, comparison in compared
        for name, row in _rows(comparison, scenario, every).items()
        if row.result is None and (every or not _is_said(row, comparison, alone=len(compared) == 1))
    ]
    if len(compared) == 1:
        return [reason for _, reason, _ in rows]
    counts = Counter(name for name, _, _ in rows)
    first = {name: (reason, where) for name, reason, where in reversed(rows)}
    return [
        f"{first[name][0]} (at {count} of {len(compared)} points, first {first[name][1]})"
        for name, count in counts.items()
    ]


def _is_said(row: Row, comparison: Comparison, *, alone: bool) -> bool:
    missing = any(left.needs and left.planner == row.label for left in comparison.left_out)
    return missing or (alone and is_too_short(comparison))


def _points_table(
    compared: Compared, rows: Sequence[dict[Family, Row]], columns: dict[str, Column], *, stacked: bool
) -> Table:
    """Show where, then the planners: beside each other, or below if they are to be stacked."""
    places = _places([scenario for scenario, _ in compared])
    table = Table(*([] if stacked else places), "planner", box=None, pad_edge=False)
    for heading in ("latency", "met", *columns):
        table.add_column(heading, justify="right", no_wrap=True)
    for (scenario, _), found in zip(compared, rows, strict=True):
        where = [] if stacked else [Text(place(scenario), "bold") for place in places.values()]
        if stacked:
            longest = max((len(row.label) for row in _in_order(found, rows)), default=0)
            table.add_row(Text(_where(scenario, places, max(longest, _ROOM)), "bold"))
        for label, result, _ in _in_order(found, rows):
            table.add_row(*where, Text(label), *_cells(result, list(columns.values())))
            where = [Text("")] * len(where)
        table.add_row()
    return uncut(table)


def _where(scenario: Scenario, places: dict[str, Callable[[Scenario], str]], room: int) -> str:
    """Say where on a few lines that are no wider than there is room; a value and its unit are not parted."""
    said = (f"{name} {place(scenario)}" if name in _NAMED else place(scenario) for name, place in places.items())
    words = " ".join(f"{part.replace(' ', _NO_BREAK)}," for part in said)
    return "\n".join(wrap(words.removesuffix(","), room)).replace(_NO_BREAK, " ")


def _places(points: Sequence[Scenario]) -> dict[str, Callable[[Scenario], str]]:
    """Return device, target, and whatever else differs between points."""
    return {
        name: place for name, place in _PLACES.items() if name in _ALWAYS or len({place(point) for point in points}) > 1
    }


def _in_order(found: dict[Family, Row], rows: Sequence[dict[Family, Row]]) -> Iterator[Row]:
    """Yield rows in the same order at every point."""
    yield from (found[family] for family in _families(rows) if family in found)


def _families(rows: Sequence[dict[Family, Row]]) -> list[Family]:
    return list(dict.fromkeys(family for found in rows for family in found))


def _cells(result: Result | None, columns: Sequence[Column]) -> Iterator[str | Text]:
    yield LATENCY.cell(result) if result else "-"
    yield target_text(result.metrics) if result else Text("no plan", "yellow")
    yield from (column.cell(result) if result else "-" for column in columns)


def _summary_table(rows: Sequence[dict[Family, Row]], columns: dict[str, Column], without: Collection[str]) -> Table:
    table, columns = Table("planner", box=None, pad_edge=False), _but(columns, without)
    worst = ["worst gap"] if "gap" in columns else []
    counts = [name for name in _COUNTS if name not in without]
    for heading in (*counts, *columns, *worst):
        table.add_column(heading, justify="right", no_wrap=True)
    for name in _families(rows):
        tried = [found[name].result for found in rows if name in found]
        results = [result for result in tried if result]
        meet = [result for result in results if result.metrics.meets_target]
        medians = [column.over(meet) for column in columns.values()]
        gaps = [columns["gap"].over(meet, max) for _ in worst]
        many = dict(zip(_COUNTS, (len(tried), len(results), len(meet)), strict=True))
        table.add_row(Text(name[0]), *(str(many[count]) for count in counts), *medians, *gaps)
    return uncut(table)
