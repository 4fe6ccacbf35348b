"""The fronts of a sweep: latency, memory and quality of the plans that no other beats in all three."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from edgesim.plot.look import INK, NORMAL, SMALL
from edgesim.plot.page import check_format, write_figure
from edgesim.plot.scales import Scale, colour_of, draw_bar, norm_of, plain_ticks, sheet
from edgesim.plot.style import own_style

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

_HEIGHT = 2.5  # inches, of a front


class FrontPanel(NamedTuple):
    """The front of plans that can be compared.

    Parameters
    ----------
    title
        What they have in common.
    quality
        What quality is.
    latency_ms, memory_mb, goodness
        Of each step, (S,).
    planner
        Which of the page's planners reaches each step, (S,).
    others
        Latency, memory and quality of other plans, (3, O).
    """

    title: str
    quality: str
    latency_ms: "NDArray[np.float64]"
    memory_mb: "NDArray[np.float64]"
    goodness: "NDArray[np.float64]"
    planner: "NDArray[np.int64]"
    others: "NDArray[np.float64]"


class FrontPage(NamedTuple):
    """Fronts below one another, the planners that reach their steps, the leading one first, and what memory is."""

    title: str
    panels: Sequence[FrontPanel]
    planners: Sequence[str]
    memory: Scale
    latency: Scale


@own_style()
def steps_figure(page: FrontPage) -> "Figure":
    """Draw each front twice: latency and quality, coloured by memory; and memory and quality, coloured by planner."""
    from matplotlib.lines import Line2D

    drawing = sheet(page.title, len(page.panels) * _HEIGHT)
    panels = drawing.subplots(len(page.panels), 2, squeeze=False, sharex="col")
    norm = norm_of(page.memory)
    for (left, right), one in zip(panels, page.panels, strict=True):
        image = _draw_by_memory(one, page, norm, left)
        _draw_by_planner(one, page, right)
    draw_bar(drawing, image, page.memory, panels[:, 0])
    for axes, scale in zip(panels[-1], (page.latency, page.memory), strict=True):
        axes.set_xlabel(scale.label, fontsize=NORMAL, color=INK)
    handles = [
        Line2D([], [], color=colour_of(number), marker="o", markersize=4, linestyle="none", label=name)
        for number, name in enumerate(page.planners)
    ]
    handles.append(Line2D([], [], color="#cccccc", marker=".", markersize=3, linestyle="none", label="other plans"))
    drawing.legend(handles=handles, loc="outside right center", frameon=False, fontsize=SMALL + 0.5, labelcolor=INK)
    return drawing


def _draw_by_memory(one: FrontPanel, page: FrontPage, norm: "Normalize", axes: "Axes") -> "ScalarMappable":
    _prepare(axes, page.latency, one)
    axes.plot(one.others[0], one.others[2], ".", color="#cccccc", markersize=2, zorder=0.5, rasterized=True)
    points = axes.scatter(one.latency_ms, one.goodness, c=one.memory_mb, norm=norm, cmap="cividis", s=12, linewidth=0)
    axes.set_title(one.title, loc="left", fontsize=NORMAL, color=INK, pad=4)
    return points


def _draw_by_planner(one: FrontPanel, page: FrontPage, axes: "Axes") -> None:
    _prepare(axes, page.memory, one)
    axes.plot(one.others[1], one.others[2], ".", color="#cccccc", markersize=2, zorder=0.5, rasterized=True)
    for number in range(len(page.planners)):
        own = one.planner == number
        axes.plot(
            one.memory_mb[own], one.goodness[own], "o", color=colour_of(number), markersize=3.5, markeredgewidth=0
        )


def _prepare(axes: "Axes", scale: Scale, one: FrontPanel) -> None:
    axes.set_xscale("log" if scale.log else "linear")
    plain_ticks(axes.xaxis, scale)
    axes.set_ylabel(one.quality, fontsize=NORMAL, color=INK)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=NORMAL - 0.5, labelcolor=INK, width=0.6)
    axes.grid(color="#dddddd", linewidth=0.5)
    axes.set_axisbelow(True)


def save_steps(page: FrontPage, path: Path) -> None:
    """Write the fronts to a file, all of it or nothing.

    Raises
    ------
    InputError
        If the suffix names no known format, or the file cannot be written.
    """
    check_format(path)
    write_figure(steps_figure(page), path)
