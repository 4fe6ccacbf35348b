"""All points of a page in one table: who is best at each, and whether that is in time."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from edgesim.metrics import promised_ns
from edgesim.pages.points import Point
from edgesim.pages.tables import Cell, Heading, cell_of
from edgesim.report.columns import Column, quality_columns
from edgesim.report.comparison import target_text
from edgesim.report.verdict import keeps_to_buffers
from edgesim.result import Result
from edgesim.units import show_bytes, show_ns


class Row(NamedTuple):
    """One point: its label, what shows it, and the cells of its best planner."""

    label: str
    shows: str
    cells: Sequence[Cell]


class Summary(NamedTuple):
    """One row for each point."""

    headings: Sequence[Heading]
    rows: Sequence[Row]


def summary(points: Sequence[Point]) -> Summary:
    """Return one row for each point, about its `best` planner."""
    columns = quality_columns([result for point in points for result in point.results])
    names = ("plans in time", "target", "took", *columns, "shards kept", "peak")
    rows = []
    for point in points:
        found = best(point.results)
        cells = (
            list(_cells(point, found, columns)) if found else [Cell("no plan fits", "bad"), *[Cell("-")] * len(names)]
        )
        rows.append(Row(point.label, _shows(point, found), cells))
    return Summary([Heading("point"), Heading("best planner"), *(Heading(name, numbers=True) for name in names)], rows)


def best(results: Sequence[Result]) -> Result | None:
    """Return the most faithful of those that are in time and keep to the buffers, or else of those that are in time.

    Where none is in time, or no fidelity is known, it is the first one.
    """
    meet = [one for one in results if one.metrics.meets_target]
    fair = [one for one in meet if keeps_to_buffers(one)] or meet or results[:1]
    return max(fair, key=lambda one: one.metrics.fidelity or 0.0, default=None)


def _shows(point: Point, found: Result | None) -> str:
    """Return what the page's chooser is set to for a result, or for the point's first one where it is a number only."""
    number = next((entry.number for entry in point.entries if entry.result is found), None)
    first = point.entries[0].number if point.entries else None
    return f"n{point.number}" if first is None else f"e{first if number is None else number}"


def _cells(point: Point, found: Result, columns: Mapping[str, Column]) -> Iterator[Cell]:
    tried = len(point.results) + (len(point.compared.left_out) if point.compared else 0)
    metrics = found.metrics
    yield Cell(found.planner)
    yield cell_of(f"{sum(one.metrics.meets_target for one in point.results)} of {tried}")
    yield cell_of(target_text(metrics))
    yield cell_of(show_ns(promised_ns(found.timeline.requests[0])))
    yield from (cell_of(column.cell(found)) for column in columns.values())
    yield from (cell_of(show_bytes(size)) for size in (metrics.preload_bytes, metrics.peak_memory_bytes))
