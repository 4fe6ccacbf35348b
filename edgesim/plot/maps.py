"""Shares over two swept quantities: maps side by side, a number in each field."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from edgesim.plot.contrast import ink_on
from edgesim.plot.head import draw_page_title
from edgesim.plot.look import FAINT, INK, NORMAL, SMALL
from edgesim.plot.page import check_format, write_figure
from edgesim.plot.style import own_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

_WIDTH, _HEIGHT, _HEAD = 1.75, 1.6, 0.55  # inches: of a map, and of what stands above a row of them
_SHARE, _POINTS = ("cividis", 0.0, 1.0), ("PuOr", -0.5, 0.5)
"""Colours that all eyes tell apart, and what their ends stand for."""


class Map(NamedTuple):
    """One map.

    Parameters
    ----------
    title, note
        What it shows, and what else is to be known of it.
    values
        Shares from 0 to 1, (Y, X), the first row at the bottom.
    signed
        Whether they are differences of shares, in colours to both sides of white.
    """

    title: str
    note: str
    values: Sequence[Sequence[float]]
    signed: bool = False


class Axis(NamedTuple):
    """What is swept: its name with the unit, and its values as they are written."""

    label: str
    ticks: Sequence[str]


class Atlas(NamedTuple):
    """Rows of maps that have their axes in common, each row with its heading."""

    title: str
    x: Axis
    y: Axis
    rows: Sequence[tuple[str, Sequence[Map]]]


@own_style()
def maps_figure(atlas: Atlas) -> "Figure":
    """Draw every map, in per cent: shares dark to bright, differences orange below zero and violet above."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    across = max(len(maps) for _, maps in atlas.rows)
    high = len(atlas.rows) * (_HEIGHT + _HEAD) + 0.8
    drawing = Figure(figsize=(across * _WIDTH + 0.6, high), facecolor="white", layout="constrained")
    FigureCanvasAgg(drawing)
    draw_page_title(drawing, atlas.title)
    strips = drawing.subfigures(len(atlas.rows), 1, squeeze=False)
    for strip, (heading, maps) in zip(strips.flat, atlas.rows, strict=True):
        _strip(strip, heading, maps, atlas)
    drawing.supxlabel(atlas.x.label, fontsize=NORMAL, color=INK)
    drawing.supylabel(atlas.y.label, fontsize=NORMAL, color=INK)
    return drawing


def _strip(strip: "SubFigure", heading: str, maps: Sequence[Map], atlas: Atlas) -> None:
    strip.suptitle(heading, x=0.01, ha="left", fontsize=NORMAL, fontweight="bold", color=INK)
    panels = strip.subplots(1, len(maps), sharey=True, squeeze=False)
    for axes, one in zip(panels.flat, maps, strict=True):
        draw_map(one, axes)
        axes.set_xticks(range(len(atlas.x.ticks)), atlas.x.ticks)
        axes.set_yticks(range(len(atlas.y.ticks)), atlas.y.ticks)


def draw_map(one: Map, axes: "Axes") -> None:
    """Draw one map: its colours, and the per cent in each field."""
    import numpy as np

    colours, low, high = _POINTS if one.signed else _SHARE
    shares = np.asarray(one.values, dtype=float)
    image = axes.imshow(shares, cmap=colours, vmin=low, vmax=high, origin="lower", aspect="auto")
    form, fields = "{:+.0f}" if one.signed else "{:.0f}", image.to_rgba(shares)
    for (y, x), value in np.ndenumerate(shares):
        text = form.format(100 * value).replace("+0", "0").replace("-0", "0")
        axes.text(x, y, text, ha="center", va="center", fontsize=NORMAL - 0.5, color=ink_on(fields[y, x]))
    axes.set_title(one.title, loc="left", fontsize=NORMAL, color=INK, pad=13)
    axes.annotate(one.note, (0, 1), (0, 3), "axes fraction", "offset points", fontsize=SMALL, color=FAINT)
    axes.tick_params(labelsize=NORMAL - 0.5, labelcolor=INK, length=0)
    axes.spines[:].set_visible(False)


def save_maps(atlas: Atlas, path: Path) -> None:
    """Write the picture to a file, all of it or nothing.

    Raises
    ------
    InputError
        If the suffix names no known format, or the file cannot be written.
    """
    check_format(path)
    write_figure(maps_figure(atlas), path)
