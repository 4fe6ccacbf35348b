"""A figure over many replications: every one a dot, and the mean with its interval, a row for each planner."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from edgesim.files.text import one_line
from edgesim.plot.head import draw_page_title
from edgesim.plot.look import FAINT, INK, NORMAL, SMALL, tidy
from edgesim.plot.style import own_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH, _ROW, _REST = 8.0, 0.42, 1.0  # inches
_MEAN, _DOT = "#d55e00", "#0072b2"
_DOWN = 0.16
"""How far below its interval a row's dots are, in rows."""


class Row(NamedTuple):
    """What the row is of, the figure of each replication, their mean, and its interval's ends; None is unbounded."""

    label: str
    values: Sequence[float]
    mean: float
    low: float | None
    high: float | None


@own_style()
def intervals_figure(rows: Sequence[Row], title: str, figure: str) -> "Figure":
    """Draw a row for each planner on one axis.

    Parameters
    ----------
    rows
        The first on top.
    title, figure
        What it is about, and the figure with its unit.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(_WIDTH, _REST + _ROW * len(rows)), facecolor="white", layout="constrained")
    FigureCanvasAgg(drawing)
    axes = drawing.subplots()
    for place, row in enumerate(rows):
        _draw(row, place, axes)
    axes.set_yticks(range(len(rows)), [one_line(row.label) for row in rows], parse_math=False)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlabel(figure, fontsize=NORMAL, color=INK)
    tidy(axes)
    axes.tick_params(axis="y", left=False)
    axes.locator_params(axis="x", nbins=7)
    handles = {str(one.get_label()): one for one in axes.get_legend_handles_labels()[0]}
    drawing.legend(handles.values(), handles, loc="outside upper right", ncols=2, frameon=False, fontsize=SMALL + 0.5,
                   labelcolor=INK)  # fmt: skip
    draw_page_title(drawing, title)
    return drawing


def _draw(row: Row, place: int, axes: "Axes") -> None:
    axes.plot(row.values, [place + _DOWN] * len(row.values), "|", color=_DOT, alpha=0.6, markersize=8,
              label="a replication")  # fmt: skip
    bounded = row.low is not None and row.high is not None
    if bounded and row.low is not None and row.high is not None:
        axes.plot([row.low, row.high], [place - _DOWN] * 2, "-", color=_MEAN, linewidth=2.5)
    label = "mean, 95 % interval" if bounded else "mean, its interval has no bound"
    axes.plot([row.mean], [place - _DOWN], "o", color=_MEAN, markeredgecolor="white", markersize=7, label=label)
    axes.axhline(place + 0.5, color=FAINT, linewidth=0.3)
