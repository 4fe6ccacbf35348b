"""A sweep on one page: who is best where, and how large a figure is."""

from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, NamedTuple

from edgesim.plot.heat import Heat, Winners, draw_axes, draw_heat, draw_winners, winner_handles
from edgesim.plot.look import FAINT, INK, NORMAL, SMALL
from edgesim.plot.maps import Axis
from edgesim.plot.page import check_format, write_figure
from edgesim.plot.scales import Scale, draw_bar, norm_of, sheet
from edgesim.plot.style import own_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

_MAP, _HEATS = 3.6, 2.9  # inches: heights of the parts
_LETTERS = 125
"""So many are on a line."""


class SweepPage(NamedTuple):
    """Maps over two swept keys.

    Parameters
    ----------
    title, note
        What it is about, and how cells are to be read.
    x, y
        The keys; None where less than two were swept.
    winners
        Who is best.
    heading, heats, scale
        What is said of a figure of the leading planners, that figure, and what its colours stand for; None where nobody
        has a plan.
    """

    title: str
    note: str
    x: Axis | None
    y: Axis | None
    winners: Winners
    heading: str
    heats: Sequence[Heat]
    scale: Scale | None


@own_style()
def sweep_figure(page: SweepPage) -> "Figure":
    """Draw the map of the best planners, and below it a figure of each of the leading ones on one scale."""
    drawing = sheet(page.title, _MAP + (_HEATS if page.heats else 0))
    strips = drawing.subfigures(2 if page.heats else 1, 1, squeeze=False,
                                height_ratios=(_MAP, _HEATS) if page.heats else None)  # fmt: skip
    _draw_map(page, strips[0, 0])
    if page.heats and page.scale:
        _draw_heats(page, page.scale, strips[1, 0])
    return drawing


def _draw_map(page: SweepPage, strip: "SubFigure") -> None:
    axes = strip.subplots()
    draw_winners(page.winners, axes)
    draw_axes(axes, page.x, page.y)
    _name_axes(page, axes)
    note = fill(page.note, _LETTERS)
    pad = 5 + 10 * len(note.splitlines())
    axes.set_title("best planner", loc="left", fontsize=NORMAL, fontweight="bold", color=INK, pad=pad)
    axes.annotate(note, (0, 1), (0, 4), "axes fraction", "offset points", fontsize=SMALL + 0.5, color=FAINT)
    strip.legend(handles=winner_handles(page.winners), loc="outside right upper", frameon=False,
                 fontsize=SMALL + 0.5, labelcolor=INK, handlelength=1.4)  # fmt: skip


def _name_axes(page: SweepPage, axes: "Axes") -> None:
    axes.set_xlabel(page.x.label if page.x else "", fontsize=NORMAL, color=INK)
    axes.set_ylabel(page.y.label if page.y else "", fontsize=NORMAL, color=INK)


def _draw_heats(page: SweepPage, scale: Scale, strip: "SubFigure") -> None:
    panels = strip.subplots(1, len(page.heats), sharey=True, squeeze=False)
    norm = norm_of(scale)
    strip.suptitle(fill(page.heading, _LETTERS), x=0.01, ha="left", fontsize=NORMAL, fontweight="bold", color=INK)
    for axes, heat in zip(panels[0], page.heats, strict=True):
        image = draw_heat(heat, norm, axes)
        draw_axes(axes, page.x, page.y, crowded=len(page.heats))
        axes.set_xlabel(page.x.label if page.x else "", fontsize=NORMAL, color=INK)
    panels[0, 0].set_ylabel(page.y.label if page.y else "", fontsize=NORMAL, color=INK)
    draw_bar(strip, image, scale, panels)


def save_sweep(page: SweepPage, path: Path) -> None:
    """Write the maps to a file, all of it or nothing.

    Raises
    ------
    InputError
        If the suffix names no known format, or the file cannot be written.
    """
    check_format(path)
    write_figure(sweep_figure(page), path)
