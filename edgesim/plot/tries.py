"""What was tried to find how much of a number a goal needs: a line for each planner."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from edgesim.plot.head import draw_page_title
from edgesim.plot.look import FAINT, INK, NORMAL, SMALL, TARGET
from edgesim.plot.scales import colour_of
from edgesim.plot.style import own_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SIZE = (8.0, 3.2)  # inches
_WIDE = 20.0
"""Numbers whose most is more than so many times their least are drawn on a logarithmic scale."""
_MARKERS = "os^vDPX*"


class Tries(NamedTuple):
    """A planner's tried values, the figure that came of each (None: no plan), and whether the goal is reached."""

    planner: str
    values: Sequence[float]
    figures: Sequence[float | None]
    reached: Sequence[bool]


class Names(NamedTuple):
    """The title, and the names of both axes with their units: of the number that is searched, and of the figure."""

    title: str
    number: str
    figure: str


@own_style()
def tries_figure(every: Sequence[Tries], names: Names, goal: float | None) -> "Figure":
    """Draw what a goal is about against the number that is searched: full where it is reached, hollow where not.

    Parameters
    ----------
    every
        At most as many planners as can be told apart; values by size.
    names
        What it is about.
    goal
        The figure that is asked for; None where any will do.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    drawing = Figure(figsize=_SIZE, facecolor="white", layout="constrained")
    FigureCanvasAgg(drawing)
    axes = drawing.subplots()
    about = _scale([value for one in every for value in one.values], axes)
    for place, one in enumerate(every):
        _draw(one, place, axes)
    if goal is not None:
        axes.axhline(goal, color=TARGET, linewidth=1, linestyle=(0, (4, 2)), label="goal")
    _finish(axes, names._replace(number=names.number + about))
    drawing.legend(loc="outside right center", frameon=False, fontsize=SMALL + 0.5, labelcolor=INK)
    draw_page_title(drawing, names.title)
    return drawing


def _scale(values: Sequence[float], axes: "Axes") -> str:
    """Spread values of very different sizes, and say where such a scale is linear, because 0 is among them."""
    least = min((value for value in values if value > 0), default=1.0)
    if max(values, default=1.0) <= _WIDE * least:
        return ""
    if min(values) > 0:
        axes.set_xscale("log")
        return ""
    axes.set_xscale("symlog", linthresh=least)
    return f"; linear below {least:,.4g}"


def _draw(one: Tries, place: int, axes: "Axes") -> None:
    colour, marker = colour_of(place), _MARKERS[place % len(_MARKERS)]
    known = [(value, figure, met) for value, figure, met in zip(one.values, one.figures, one.reached, strict=True)
             if figure is not None]  # fmt: skip
    axes.plot([value for value, *_ in known], [figure for _, figure, _ in known], "-", color=colour, linewidth=0.6)
    for met, face, what in ((True, colour, "reached"), (False, "white", "not reached")):
        own = [(value, figure) for value, figure, reached in known if reached is met]
        if own:
            axes.plot(*zip(*own, strict=True), marker, color=colour, markerfacecolor=face, linestyle="none",
                      markersize=5, label=f"{one.planner}: {what}")  # fmt: skip
    if none := [value for value, figure in zip(one.values, one.figures, strict=True) if figure is None]:
        heights = [0.03 + 0.05 * place] * len(none)
        axes.plot(none, heights, "x", color=colour, markersize=5, label=f"{one.planner}: no plan",
                  transform=axes.get_xaxis_transform())  # fmt: skip


def _finish(axes: "Axes", names: Names) -> None:
    axes.set_xlabel(names.number, fontsize=NORMAL, color=INK)
    axes.set_ylabel(names.figure, fontsize=NORMAL, color=INK)
    axes.set_ymargin(0.12)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=NORMAL, labelcolor=INK, width=0.6, color=FAINT)
    axes.grid(color="#dddddd", linewidth=0.5)
    axes.set_axisbelow(True)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.6g}")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.6g}")
