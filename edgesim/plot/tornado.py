"""Which number moves an answer most: a bar to either side for each, the longest on top."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from edgesim.plot.head import draw_page_title
from edgesim.plot.look import FAINT, INK, NORMAL, tidy
from edgesim.plot.page import check_format, write_figure
from edgesim.plot.style import own_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_BARS = 20
_SIDES = ((-0.2, "less", "#2a9ec1", "-"), (0.2, "more", "#ee9b3a", "+"))
"""Where in its row a bar is, which change it is of, its colour, and its sign."""
_WIDTH, _ROW, _REST = 8.0, 0.32, 1.25  # inches


class Bar(NamedTuple):
    """One number, its grade, and how far the figure moves when it is smaller and larger, as shares; None: no run.

    What is given exactly has no grade.
    """

    label: str
    grade: str | None
    less: float | None
    more: float | None


@own_style()
def tornado_figure(bars: Sequence[Bar], title: str, figure: str, by: float) -> "Figure":
    """Draw the first bars, as many as there is room for, and below them those of what is given exactly.

    Parameters
    ----------
    bars
        The longest first.
    title, figure
        What it is about, and the figure whose relative changes are drawn.
    by
        How far each number was changed, as a share.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    given = [bar for bar in bars if bar.grade is None]
    graded = [bar for bar in bars if bar.grade is not None][: max(0, MOST_BARS - len(given))]
    rows = [f"{bar.label} ({bar.grade})" for bar in graded]
    rows += ["given exactly:", *(bar.label for bar in given)] if given else []
    height = _REST + _ROW * max(1, len(rows))
    drawing = Figure(figsize=(_WIDTH, height), facecolor="white", layout="constrained")
    FigureCanvasAgg(drawing)
    axes = drawing.subplots()
    _draw(graded, 0, axes)
    _draw(given, len(graded) + 1, axes)
    _finish(rows, by, axes)
    axes.set_xlabel(f"change of {figure} [%]", fontsize=NORMAL, color=INK)
    draw_page_title(drawing, title)
    return drawing


def _draw(bars: Sequence[Bar], first: int, axes: "Axes") -> None:
    """Draw two bars in each row, from some row on."""
    rows = range(first, first + len(bars))
    for offset, side, colour, sign in _SIDES:
        widths = [100 * (getattr(bar, side) or 0.0) for bar in bars]
        axes.barh([row + offset for row in rows], widths, 0.4, color=colour)
        for row, bar in zip(rows, bars, strict=True):
            if getattr(bar, side) is None:
                axes.annotate(f"{sign}: no run", (0, row + offset), (3, 0), textcoords="offset points", va="center",
                              fontsize=NORMAL - 2, color=FAINT)  # fmt: skip


def _finish(rows: Sequence[str], by: float, axes: "Axes") -> None:
    from matplotlib.patches import Patch

    axes.set_yticks(range(len(rows)), rows)
    axes.invert_yaxis()
    tidy(axes)
    if rows:
        axes.axvline(0, color=INK, linewidth=0.7)
        handles = [Patch(color=colour, label=f"number {sign}{100 * by:g} %") for _, _, colour, sign in _SIDES]
        axes.legend(handles=handles, frameon=False, fontsize=NORMAL - 1, labelcolor=INK, ncols=2,
                    loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0)  # fmt: skip
    else:
        axes.annotate("nothing moves it", (0.5, 0.5), xycoords="axes fraction", ha="center", color=FAINT)


def save_tornado(drawing: "Figure", path: Path) -> None:
    """Write the picture to a file, all of it or nothing.

    Raises
    ------
    InputError
        If the suffix names no known format, or the file cannot be written.
    """
    check_format(path)
    write_figure(drawing, path)
