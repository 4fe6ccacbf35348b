"""A plan as a map of the model, for a browser."""

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from edgesim.cost import bits_of, stored_bytes
from edgesim.model import Model
from edgesim.notebook.svg import INK, LETTERS, box, legend, line, sign, svg, swatch, text
from edgesim.plans import Plan
from edgesim.plot.contrast import ink_on_hex
from edgesim.plot.look import colour_of_bits
from edgesim.units import show_bytes

_LARGEST, _SIDE, _MARGIN = 26.0, 300, 26
"""Sides of a cell and of the map, and the room for numbers [px]."""
_ROOM, _NARROW = 13, 16
"""From this height and width on a cell has room for a number [px]."""
_CORNERED = 9
"""Smaller cells have no corners [px]."""
_DENSE = 4
"""Narrower columns have no lines between them [px]."""
_MIDDLE = 'text-anchor="middle" dy=".35em"'


class _Grid(NamedTuple):
    """Where cells are, and how large [px]."""

    rows: int
    columns: int
    wide: float
    high: float

    @property
    def is_small(self) -> bool:
        """Whether cells have no room for a corner."""
        return min(self.wide, self.high) < _CORNERED

    def x(self, column: float) -> float:
        return _MARGIN + self.wide * column

    def y(self, row: float) -> float:
        return self.high * row


def plan_svg(plan: Plan, model: Model) -> str:
    """Return the map of a plan, the first layer on top: the colour is the bitwidth, preloaded shards have a corner.

    Pointing at a shard tells its bitwidth and size. Where cells are small, neighbours that are alike are one.
    """
    rows, columns = model.layers, model.shards_per_layer
    grid = _Grid(rows, columns, min(_SIDE / columns, _LARGEST), min(_SIDE / rows, _LARGEST))
    shapes = [*_empty(grid), *_cells(plan, model, grid), *_numbers(grid)]
    label = f"Plan: {len(plan.layers)} of {rows} layers, {len(plan.shards[0])} of {columns} shards in the first"
    return svg(grid.x(columns) + 1, grid.y(rows) + 2.6 * LETTERS, label, shapes) + legend(_MARGIN, _key(plan, grid))


def _key(plan: Plan, grid: _Grid) -> list[tuple[str, str]]:
    widths = sorted(set(bits_of(plan).values()))
    key = [(f"{bits} bits", swatch(colour_of_bits(bits))) for bits in widths]
    mark = box((1, 1, 14, 3), f'fill="#000" stroke="{INK}" stroke-width=".5"') if grid.is_small else _corner(2, 1, 8)
    return key + [("preloaded", sign(mark))] * bool(plan.preload)


def _mark(x: float, y: float, many: int, grid: _Grid) -> str:
    """Mark preloaded shards: each with a corner, or small ones together with a black edge above them."""
    if grid.is_small:
        return box((x, y, many * grid.wide, max(1.0, 0.25 * grid.high)), 'fill="#000"')
    return "".join(_corner(x + each * grid.wide, y, 0.35 * min(grid.wide, grid.high)) for each in range(many))


def _corner(x: float, y: float, side: float) -> str:
    path = f"M{x:.1f},{y:.1f}h{side:.1f}l-{side:.1f},{side:.1f}z"
    return f'<path d="{path}" fill="#fff" stroke="#000" stroke-width=".7"/>'


def _empty(grid: _Grid) -> Iterator[str]:
    """Draw the whole model: what is not executed stays so."""
    wide, high = grid.wide * grid.columns, grid.high * grid.rows
    yield box((_MARGIN, 0, wide, high), f'fill="{INK}" fill-opacity=".06"')
    columns = range(grid.columns + 1) if grid.wide > _DENSE else (0, grid.columns)
    lines = "".join(f"M{grid.x(each):.1f},0v{high:.1f}" for each in columns)
    lines += "".join(f"M{_MARGIN},{grid.y(each):.1f}h{wide:.1f}" for each in range(grid.rows + 1))
    yield line(lines, f'stroke="{INK}" stroke-opacity=".2"')


def _cells(plan: Plan, model: Model, grid: _Grid) -> Iterator[str]:
    roomy = grid.high >= _ROOM and grid.wide >= _NARROW
    for layer, shards, bits, kept in _runs(plan, together=not roomy):
        first, many = shards[0], len(shards)
        x, y = grid.x(first), grid.y(layer)
        sizes = sum(stored_bytes(model, (layer, shard), bits) for shard in shards)
        which = f"shard {first}" if many == 1 else f"shards {first} to {shards[-1]}"
        told = f"layer {layer}, {which}: {bits} bits, {show_bytes(sizes)}{', preloaded' * kept}"
        gap = min(0.5, 0.1 * grid.wide)
        place = x + gap, y + gap, many * grid.wide - 2 * gap, grid.high - 2 * gap
        yield box(place, f'fill="{colour_of_bits(bits)}"', told)
        if roomy:
            yield text(str(bits), x + grid.wide / 2, y + grid.high / 2, _MIDDLE, ink_on_hex(colour_of_bits(bits)))
        if kept:
            yield _mark(x, y, many, grid)


def _runs(plan: Plan, *, together: bool) -> Iterator[tuple[int, list[int], int, bool]]:
    """Yield layer, shards, bitwidth and whether they are preloaded: one by one, or all neighbours that are alike."""
    bits, preloaded = bits_of(plan), set(plan.preload)
    for layer, chosen in zip(plan.layers, plan.shards, strict=True):
        places = enumerate(sorted(chosen))

        def alike(each: tuple[int, int], layer: int = layer) -> tuple[int, int, bool]:
            number, shard = each
            return shard - number if together else shard, bits[layer, shard], (layer, shard) in preloaded

        for (_, width, kept), run in groupby(places, alike):
            yield layer, [shard for _, shard in run], width, kept


def _numbers(grid: _Grid) -> Iterator[str]:
    """Write the numbers of as many layers and shards as have room."""
    for layer in range(0, grid.rows, _every(grid.high, _ROOM)):
        yield text(str(layer), _MARGIN - 4, grid.y(layer + 0.5), 'text-anchor="end" dy=".35em"')
    for shard in range(0, grid.columns, _every(grid.wide, 7 * len(str(grid.columns)))):
        yield text(str(shard), grid.x(shard + 0.5), grid.y(grid.rows) + 1.2 * LETTERS, 'text-anchor="middle"')
    middle = grid.x(grid.columns / 2)
    yield text("shard, by layer", middle, grid.y(grid.rows) + 2.4 * LETTERS, 'text-anchor="middle"')


def _every(side: float, room: float) -> int:
    """Return how manieth number there is room for."""
    return next(step for step in (1, 2, 4, 8, 16, 32, 64, 1000) if step * side >= room)
