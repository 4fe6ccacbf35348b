"""Tables of reports, which terminals show, as rows that a page can show and sort."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rich.table import Table
from rich.text import Text

from edgesim.units import KINDS

_AMOUNT = re.compile(r"([+-]?[\d,]+(?:\.\d+)?(?:e[+-]?\d+)?) ?(\S+)?")
_PERCENTILE = re.compile(r"p\d+")
_FACTORS: Mapping[str, float] = {
    **{unit: factor for units in KINDS.values() for unit, factor in units.items()},
    "MJ": 10**9,
    "uJ": 10**-3,
    "nJ": 10**-6,
    "pJ": 10**-9,
}
_MOODS = {"green": "good", "bold red": "bad", "yellow": "doubt", "dim": "dim"}


class Cell(NamedTuple):
    """What stands in one cell, how it is meant, what the table is sorted by, and the heading of phones."""

    text: str
    mood: str = ""
    key: float | None = None


class Heading(NamedTuple):
    """The heading of a column, and whether its cells are numbers."""

    text: str
    numbers: bool = False


class Grid(NamedTuple):
    """A table: the first cell of each row says what the row is about."""

    caption: str
    headings: Sequence[Heading]
    rows: Sequence[Sequence[Cell]]


def grid(table: Table, caption: str) -> Grid:
    """Return a report's table with its caption; what it says once for several rows, each of them says."""
    named = _headings([str(each.header) for each in table.columns])
    headings = [Heading(text, each.justify == "right") for text, each in zip(named, table.columns, strict=True)]
    columns = [[cell_of(each) for each in column.cells] for column in table.columns]
    for row, cell in enumerate(columns[0]):
        columns[0][row] = cell if cell.text or not row else columns[0][row - 1]
    return Grid(caption, headings, list(zip(*columns, strict=True)))


def _headings(headers: Sequence[str]) -> list[str]:
    """Return headings on one line: percentiles say of what, and ``n x m`` stays together."""
    found, above = list[str](), ""
    for header in headers:
        first, _, second = header.partition("\n")
        above = first or above
        text = f"{above} {second}" if not first and _PERCENTILE.fullmatch(second) else f"{first} {second}"
        found.append(text.strip().replace(" x ", "\N{NO-BREAK SPACE}x\N{NO-BREAK SPACE}"))
    return found


def cell_of(content: object) -> Cell:
    """Return the cell of a text with or without a style."""
    if isinstance(content, Text):
        return Cell(content.plain, mood(content), sort_key(content.plain))
    return Cell(str(content), key=sort_key(str(content)))


def mood(text: Text) -> str:
    """Say what the colour of a report's text means: good, bad, a doubt, or less important."""
    return _MOODS.get(str(text.style), "")


def sort_key(text: str) -> float | None:
    """Return the amount that a text begins with, in the smallest unit; None if it begins with something else."""
    found = _AMOUNT.match(text)
    if found is None:
        return None
    return float(found[1].replace(",", "")) * _FACTORS.get(found[2] or "", 1)
