"""A plan as a map of the model: each shard in the colour of its bitwidth, and beside it how much it matters."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from edgesim.cost import bits_of
from edgesim.model import Model
from edgesim.plans import Plan, Shard
from edgesim.plot.contrast import ink_on_hex
from edgesim.plot.look import colour_of_bits

_WIDE, _HIGH = 560.0, 420.0
_LARGEST, _SMALLEST, _ROOM = 26.0, 5.0, 15.0
"""Sides of a cell [px]; from `_ROOM` on there is room for a number."""
_LABELS, _LABEL = 24, 14
_STEPS = ("#fee0b6", "#fdb863", "#e08214", "#b35806", "#7f3b08")
_HARMS = "#8073ac"
"""Brewer's PuOr: from hardly to most important, and what harms."""


class Text(NamedTuple):
    """A text at a place [px]."""

    x: float
    y: float
    text: str
    ink: str = ""


class Fill(NamedTuple):
    """All cells of one look: a path, its colour, and what the legend says."""

    path: str
    colour: str
    label: str


class Map(NamedTuple):
    """Cells in rows and columns [px], with what is drawn over them; `corners` is the path of their marks."""

    name: str
    width: float
    height: float
    cells: str
    fills: Sequence[Fill]
    corners: str
    numbers: Sequence[Text]
    labels: Sequence[Text]


class _Grid(NamedTuple):
    rows: int
    columns: int
    wide: float
    high: float

    def x(self, column: int) -> float:
        return _LABELS + column * self.wide

    def y(self, row: int) -> float:
        return _LABEL + row * self.high

    def path(self, places: Sequence[Shard]) -> str:
        """Return the path of cells, those beside one another as one."""
        return "".join(
            f"M{self.x(start):g} {self.y(row):g}h{many * self.wide:g}v{self.high:g}h-{many * self.wide:g}z"
            for row, start, many in _runs(places)
        )

    @property
    def roomy(self) -> bool:
        """Whether a cell has room for a number."""
        return min(self.wide, self.high) >= _ROOM

    def numbers(self, texts: Mapping[Shard, tuple[str, str]]) -> list[Text]:
        """Return texts, each with the colour below it, in the middle of their cells."""
        middle_x, middle_y = self.wide / 2, self.high / 2
        return [
            Text(round(self.x(column) + middle_x, 1), round(self.y(row) + middle_y, 1), text, ink_on_hex(colour))
            for (row, column), (text, colour) in texts.items()
        ]


def _runs(places: Sequence[Shard]) -> Iterator[tuple[int, int, int]]:
    """Yield row, first column and number of cells that lie side by side."""
    numbered = enumerate(sorted(places))
    for (row, _), run in groupby(numbered, lambda each: (each[1][0], each[1][1] - each[0])):
        cells = [place for _, place in run]
        yield row, cells[0][1], len(cells)


def plan_map(plan: Plan, model: Model) -> Map:
    """Return the map of a plan: layers from top to bottom, slices from left to right; preloaded ones have a corner."""
    bits, grid = bits_of(plan), _grid(model)
    fills = [
        Fill(grid.path([shard for shard in bits if bits[shard] == width]), colour_of_bits(width), f"{width} bits")
        for width in sorted(set(bits.values()))
    ]
    side = round(min(10.0, 0.5 * min(grid.wide, grid.high)), 2)
    corners = "".join(f"M{grid.x(c):g} {grid.y(r):g}h{side}l-{side} {side}z" for r, c in sorted(plan.preload))
    colours = {shard: (str(width), colour_of_bits(width)) for shard, width in bits.items()}
    return _map("bits a weight", grid, fills, corners, grid.numbers(colours) if grid.roomy else [])


def importance_map(model: Model) -> Map | None:
    """Return how much each shard of a model matters, a minus where it harms; None where that was not measured."""
    if model.importance.values is None:
        return None
    grid = _grid(model)
    values = {(row, column): value for row, line in enumerate(model.importance.values)
              for column, value in enumerate(line)}  # fmt: skip
    most = max(values.values())

    def step(value: float) -> int:
        return -1 if value < 0 else min(len(_STEPS) - 1, int(len(_STEPS) * value / most))

    steps = {place: step(value) for place, value in values.items()}
    fills = [
        Fill(grid.path([place for place in steps if steps[place] == number]), _colour(number), _label(number, most))
        for number in sorted(set(steps.values()), reverse=True)
    ]
    harms = {place: ("\N{MINUS SIGN}", _HARMS) for place, number in steps.items() if number < 0}
    return _map("importance", grid, fills, "", grid.numbers(harms) if grid.roomy else [])


def _colour(number: int) -> str:
    return _HARMS if number < 0 else _STEPS[number]


def _label(number: int, most: float) -> str:
    if number < 0:
        return "below 0: it harms"
    low, high = (most * end / len(_STEPS) for end in (number, number + 1))
    return f"{low:.2g} to {high:.2g}" if number else f"up to {high:.2g}"


def _grid(model: Model) -> _Grid:
    wide = max(_SMALLEST, min(_LARGEST, _WIDE / model.shards_per_layer))
    high = max(_SMALLEST, min(_LARGEST, _HIGH / model.layers))
    return _Grid(model.layers, model.shards_per_layer, round(wide, 1), round(high, 1))


def _map(name: str, grid: _Grid, fills: Sequence[Fill], corners: str, numbers: Sequence[Text]) -> Map:
    across, down = grid.columns * grid.wide, grid.rows * grid.high
    cells = "".join(f"M{grid.x(each):g} {_LABEL}v{down:g}" for each in range(grid.columns + 1))
    cells += "".join(f"M{_LABELS} {grid.y(each):g}h{across:g}" for each in range(grid.rows + 1))
    digits = len(str(grid.columns - 1))
    labels = _labels(
        grid.columns,
        grid.wide / max(1.0, (7 * digits + 6) / _ROOM),
        lambda at, text: Text(round(grid.x(at) + grid.wide / 2, 1), 7, text),
    )
    labels += _labels(grid.rows, grid.high, lambda at, text: Text(11, round(grid.y(at) + grid.high / 2, 1), text))
    size = round(_LABELS + across + 1, 1), round(_LABEL + down + 1, 1)
    return Map(name, *size, cells, fills, corners, numbers, labels)


def _labels(many: int, side: float, place: Callable[[int, str], Text]) -> list[Text]:
    """Return the numbers of rows or columns, of every so manieth if they are narrow."""
    every = next(step for step in (1, 2, 4, 8, 16, 32) if step * side >= _ROOM or step == 32)
    return [place(at, str(at)) for at in range(0, many, every)]
