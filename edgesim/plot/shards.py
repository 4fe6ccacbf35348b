"""A plan as a map of the model: each shard in the colour of its bitwidth, and beside it how much it matters."""

from typing import TYPE_CHECKING, Any

from edgesim.cost import bits_of
from edgesim.errors import InputError
from edgesim.model import Model
from edgesim.plans import Plan, Shard
from edgesim.plot.cells import Grid, Rows, cell_points, draw_cells, patch, text_size, write
from edgesim.plot.head import draw_head
from edgesim.plot.heat import spaced
from edgesim.plot.look import INK, NORMAL, SMALL, colour_of_bits
from edgesim.units import show_bytes

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

_EMPTY = "#f0f0f0"
_CORNER = [(0, 0), (1, 0), (0, -1), (0, 0)]
"""The mark of preloaded shards, from the corner at the top left of a cell."""
_TICKS = 16
"""So many numbers stand at each axis."""
_COLOURS = "PuOr_r"
"""Of importance: violet below zero, orange above."""
_MINUS = "\N{MINUS SIGN}"


def draw_plan(plan: Plan, axes: "Axes", model: Model | None = None) -> None:
    """Draw the shards of a plan, the first layer on top: the colour is the bitwidth, preloaded ones have a corner.

    Parameters
    ----------
    plan
        What to draw.
    axes
        Where to draw.
    model
        The model that it is for. Shards that are not executed are then there, empty, and beside the map stands how much
        accuracy each shard gains at full fidelity, if that was measured.

    Raises
    ------
    InputError
        If the plan is for another model.
    """
    bits = bits_of(plan)
    importance = model.importance.values if model else None
    grid = _grid(bits, plan, model)
    axes.set_xlim(-0.5, grid.wide - 0.5)
    axes.set_ylim(len(grid.rows) - 0.5, -0.5)
    key = [*_draw_bits(bits, grid, axes), *_draw_preloaded(plan, grid, axes)]
    if len(bits) < len(grid.rows) * len(grid.columns):
        key.append(patch(_EMPTY, "not executed"))
    if importance is not None:
        _draw_importance(importance, grid, axes)
    _number(grid, axes)
    alike = " (importance not measured: all count alike)" if model and importance is None else ""
    middle = len(grid.columns) / 2 / grid.wide
    axes.set_xlabel(f"shard{alike}", fontsize=NORMAL, color=INK, x=middle)
    axes.set_ylabel("layer", fontsize=NORMAL, color=INK)
    draw_head(axes, _title(plan, model), _facts(plan), key)


def _grid(bits: dict[Shard, int], plan: Plan, model: Model | None) -> Grid:
    if model is None:
        return Grid(plan.layers, sorted({shard for _, shard in bits}), twice=False)
    layers, shards = model.layers, model.shards_per_layer
    for layer, shard in bits:
        if layer >= layers or shard >= shards:
            has = f"{model.name} has {layers} x {shards}"
            raise InputError(f"draw_plan: the plan is for another model, with a shard {shard} of layer {layer}; {has}")
    return Grid(range(layers), range(shards), twice=model.importance.values is not None)


def _draw_bits(bits: dict[Shard, int], grid: Grid, axes: "Axes") -> "list[Artist]":
    """Draw every cell, its bits inside where there is room, and return what the key lists."""
    import numpy as np
    from matplotlib.colors import to_rgb

    shades = {width: colour_of_bits(width) for width in sorted(set(bits.values()))}
    fields = np.full((len(grid.rows), len(grid.columns), 3), to_rgb(_EMPTY))
    size = text_size(grid, axes)
    for shard, width in bits.items():
        x, y = grid.place(shard)
        fields[y, x] = to_rgb(shades[width])
        if size:
            write(str(width), (x, y), size, fields[y, x], axes)
    draw_cells(fields, grid, axes)
    return [patch(shade, f"{width} bits") for width, shade in shades.items()]


def _draw_preloaded(plan: Plan, grid: Grid, axes: "Axes") -> "list[Artist]":
    """Mark a corner of every preloaded shard, and return what the key lists."""
    from matplotlib.lines import Line2D

    if not plan.preload:
        return []
    xs, ys = zip(*map(grid.place, plan.preload), strict=True)
    look: dict[str, Any] = {"color": "white", "markeredgecolor": "black", "markeredgewidth": 0.7, "label": "preloaded"}
    side = min(8.0, 0.35 * min(cell_points(grid, axes)))
    axes.plot([x - 0.47 for x in xs], [y - 0.47 for y in ys], marker=_CORNER, markersize=2 * side, linestyle="none",
              zorder=2, **look)  # fmt: skip
    middle: Any = [(x - 0.5, y + 0.5) for x, y in _CORNER]
    return [Line2D([], [], linestyle="none", marker=middle, markersize=7, **look)]


def _draw_importance(importance: Rows, grid: Grid, axes: "Axes") -> None:
    """Draw how much each shard matters, with a minus where full fidelity does harm."""
    import numpy as np
    from matplotlib import colormaps
    from matplotlib.colors import Normalize

    values = np.asarray(importance, dtype=float)
    most = float(np.abs(values).max())
    fields = colormaps[_COLOURS](Normalize(-most, most)(values))[..., :3]
    draw_cells(fields, grid, axes, second=True)
    room = min(cell_points(grid, axes)) > SMALL
    for y, x in np.argwhere(values < 0).tolist() if room else ():
        write(_MINUS, (grid.second + x, y), SMALL, fields[y, x], axes)
    middle = grid.second + (len(grid.columns) - 1) / 2
    text = f"importance [accuracy gained]\n{_range(importance)}"
    axes.annotate(text, (middle, 0), (0, -4), ("data", "axes fraction"), "offset points",
                  fontsize=NORMAL - 0.5, color=INK, ha="center", va="top")  # fmt: skip


def _number(grid: Grid, axes: "Axes") -> None:
    """Write the numbers of layers and shards."""
    across, down = spaced(len(grid.columns), _TICKS), spaced(len(grid.rows), _TICKS)
    axes.set_xticks(across, [str(grid.columns[at]) for at in across])
    axes.set_yticks(down, [str(grid.rows[at]) for at in down])
    axes.tick_params(labelsize=NORMAL - 0.5, labelcolor=INK, length=0)
    axes.spines[:].set_visible(False)


def _range(importance: Rows) -> str:
    least, most = min(map(min, importance)), max(map(max, importance))
    if least < 0:
        return f"{_MINUS}{-least:.2g} (violet) to {most:.2g} (orange)"
    return f"{least:.2g} to {most:.2g} (dark)" if least < most else f"{most:.2g}"


def _title(plan: Plan, model: Model | None) -> str:
    widths = sorted({len(row) for row in plan.shards})
    shape = f"{len(plan.layers)} x {'-'.join(str(width) for width in dict.fromkeys((widths[0], widths[-1])))}"
    whole = f"{model.layers} x {model.shards_per_layer}" if model else shape
    return f"All {shape} shards" if model and whole == shape else f"{shape} {f'of {whole} ' * bool(model)}shards"


def _facts(plan: Plan) -> str:
    reads, n_bytes = len(plan.loads), show_bytes(sum(load.bytes for load in plan.loads))
    read = f"{reads} reads of {n_bytes} in all" if reads > 1 else f"1 read of {n_bytes}" if reads else "nothing to read"
    return f"{len(plan.preload) or 'none'} preloaded, {read}"
