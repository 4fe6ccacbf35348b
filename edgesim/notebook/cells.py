"""A plan as a map of the model, for a browser."""

from collections.abc import Iterator
from typing import NamedTuple

from edgesim.cost import bits_of, stored_bytes
from edgesim.model import Model
from edgesim.notebook.svg import INK, LETTERS, box, legend, line, sign, svg, swatch, text
from edgesim.plans import Plan
from edgesim.plot.contrast import ink_on
from edgesim.plot.look import LOAD, LOOKS
from edgesim.units import show_bytes

_LARGEST, _SIDE, _MARGIN = 26.0, 300, 26
"""Sides of a cell and of the map, and the room for numbers [px]."""
_ROOM, _NARROW = 13, 16
"""From this height and width on a cell has room for a number [px]."""
_MIDDLE = 'text-anchor="middle" dy=".35em"'


class _Grid(NamedTuple):
    """Where cells are, and how large [px]."""

    rows: int
    columns: int
    wide: float
    high: float

    def x(self, column: float) -> float:
        return _MARGIN + self.wide * column

    def y(self, row: float) -> float:
        return self.high * row


def plan_svg(plan: Plan, model: Model) -> str:
    """Return the map of a plan, the first layer on top: the colour is the bitwidth, preloaded shards have a corner.

    Pointing at a shard tells its bitwidth and size.
    """
    rows, columns = model.layers, model.shards_per_layer
    grid = _Grid(rows, columns, min(_SIDE / columns, _LARGEST), min(_SIDE / rows, _LARGEST))
    shapes = [*_empty(grid), *_cells(plan, model, grid), *_numbers(grid)]
    label = f"Plan: {len(plan.layers)} of {rows} layers, {len(plan.shards[0])} of {columns} shards in the first"
    return svg(grid.x(columns) + 1, grid.y(rows) + 2.6 * LETTERS, label, shapes) + legend(_MARGIN, _key(plan))


def _key(plan: Plan) -> list[tuple[str, str]]:
    widths = sorted(set(bits_of(plan).values()))
    key = [(f"{bits} bits", swatch(_colour(bits))) for bits in widths]
    return key + [("preloaded", sign(_corner(2, 1, 8)))] * bool(plan.preload)


def _colour(bits: int) -> str:
    return str(LOOKS[LOAD(bits)]["facecolor"])


def _corner(x: float, y: float, side: float) -> str:
    path = f"M{x:.1f},{y:.1f}h{side:.1f}l-{side:.1f},{side:.1f}z"
    return f'<path d="{path}" fill="#fff" stroke="#000" stroke-width=".7"/>'


def _empty(grid: _Grid) -> Iterator[str]:
    """Draw the whole model: what is not executed stays so."""
    wide, high = grid.wide * grid.columns, grid.high * grid.rows
    yield box((_MARGIN, 0, wide, high), f'fill="{INK}" fill-opacity=".06"')
    lines = "".join(f"M{grid.x(each):.1f},0v{high:.1f}" for each in range(grid.columns + 1))
    lines += "".join(f"M{_MARGIN},{grid.y(each):.1f}h{wide:.1f}" for each in range(grid.rows + 1))
    yield line(lines, f'stroke="{INK}" stroke-opacity=".2"')


def _cells(plan: Plan, model: Model, grid: _Grid) -> Iterator[str]:
    preloaded, roomy = set(plan.preload), grid.high >= _ROOM and grid.wide >= _NARROW
    for (layer, shard), bits in bits_of(plan).items():
        x, y, kept = grid.x(shard), grid.y(layer), (layer, shard) in preloaded
        size = show_bytes(stored_bytes(model, (layer, shard), bits))
        told = f"layer {layer}, shard {shard}: {bits} bits, {size}{', preloaded' * kept}"
        yield box((x + 0.5, y + 0.5, grid.wide - 1, grid.high - 1), f'fill="{_colour(bits)}"', told)
        if roomy:
            yield text(str(bits), x + grid.wide / 2, y + grid.high / 2, _MIDDLE, _ink(_colour(bits)))
        if kept:
            yield _corner(x, y, max(3.0, 0.35 * min(grid.wide, grid.high)))


def _ink(colour: str) -> str:
    return ink_on([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])


def _numbers(grid: _Grid) -> Iterator[str]:
    """Write the numbers of as many layers and shards as have room."""
    for layer in range(0, grid.rows, _every(grid.high)):
        yield text(str(layer), _MARGIN - 4, grid.y(layer + 0.5), 'text-anchor="end" dy=".35em"')
    for shard in range(0, grid.columns, _every(grid.wide)):
        yield text(str(shard), grid.x(shard + 0.5), grid.y(grid.rows) + 1.2 * LETTERS, 'text-anchor="middle"')
    middle = grid.x(grid.columns / 2)
    yield text("shard, by layer", middle, grid.y(grid.rows) + 2.4 * LETTERS, 'text-anchor="middle"')


def _every(side: float) -> int:
    """Return how manieth number there is room for."""
    return next(step for step in (1, 2, 4, 8, 16, 32, 64, 1000) if step * side >= _ROOM)
