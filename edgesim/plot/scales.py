"""What pictures of a sweep have in common: sheets, colours of planners, and scales of colours and positions."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from edgesim.plot.head import draw_page_title
from edgesim.plot.look import INK, NORMAL

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axis import XAxis, YAxis
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize
    from matplotlib.figure import Figure, SubFigure
    from numpy.typing import NDArray

COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#000000")
"""Okabe and Ito's, which all eyes tell apart."""
OTHERS = "#999999"
_WIDE = 30.0
"""A figure whose most is so many times its least is drawn on a logarithmic scale."""
_WIDTH, _HEAD = 11.0, 0.5  # inches: of a sheet, and of its title


class Scale(NamedTuple):
    """What colours or positions stand for: the label with its unit, the ends, and whether steps are ratios."""

    label: str
    least: float
    most: float
    log: bool


def scale_of(label: str, values: Sequence[float]) -> Scale:
    """Return a scale on which some values, at least one, can be told apart."""
    least, most = min(values), max(values)
    return Scale(label, least, most, least > 0 and most > _WIDE * least)


def norm_of(scale: Scale) -> "Normalize":
    """Return what turns values into colours; panels that share it can be compared."""
    from matplotlib.colors import LogNorm, Normalize

    return (LogNorm if scale.log else Normalize)(scale.least, scale.most)


def colour_of(number: int) -> str:
    """Return the colour of a planner by its rank."""
    return COLOURS[number] if number < len(COLOURS) else OTHERS


def sheet(title: str, height: float) -> "Figure":
    """Return an empty sheet with a title, so high [inches] below it."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(_WIDTH, height + _HEAD), facecolor="white", layout="constrained")
    FigureCanvasAgg(drawing)
    draw_page_title(drawing, title)
    return drawing


def draw_bar(strip: "SubFigure | Figure", image: "ScalarMappable", scale: Scale, panels: "NDArray[np.object_]") -> None:
    """Say what colours stand for, beside a row or a column of panels."""
    bar = strip.colorbar(image, ax=panels.ravel().tolist(), pad=0.01, aspect=25 * len(panels))
    bar.set_label(scale.label, fontsize=NORMAL, color=INK)
    bar.ax.tick_params(labelsize=NORMAL - 0.5, labelcolor=INK, width=0.6)
    bar.outline.set_visible(False)
    plain_ticks(bar.ax.yaxis, scale)


def plain_ticks(axis: "XAxis | YAxis", scale: Scale) -> None:
    """Write numbers out, and on a logarithmic scale as many as can be read."""
    from matplotlib.ticker import LogLocator, NullFormatter

    axis.set_major_formatter(lambda value, _: f"{value:,.6g}")
    if scale.log:
        axis.set_major_locator(LogLocator(10, (1.0, 2.0, 5.0) if scale.most < 1000 * scale.least else (1.0,)))
        axis.set_minor_formatter(NullFormatter())
