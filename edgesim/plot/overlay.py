"""Simulated over real timelines, span by span."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgesim.files.text import one_line
from edgesim.plot.head import draw_head
from edgesim.plot.look import FAINT, INK, LOAD, LOOKS, NORMAL, SMALL, tidy, unique
from edgesim.plot.page import check_format, write_figure
from edgesim.plot.style import own_style
from edgesim.timeline import Timeline
from edgesim.units import show_ns

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH, _LEFT, _RIGHT = 11.0, 1.6, 0.3  # inches
_TITLE, _ROW, _TIME = 0.62, 0.62, 0.5
_LOOKS = LOOKS | {
    "load": {"facecolor": LOOKS[LOAD(6)]["facecolor"], "edgecolor": "white"},
    "copy": {"facecolor": "#007a59", "edgecolor": "white"},
}
_KINDS = ("load", "restore", "blocked", "held", "queued", "stall", "handoff", "decompress", "copy", "compute")


def draw_overlay(label: str, simulated: Timeline, real: Timeline, axes: "Axes") -> None:
    """Draw two timelines of one plan on the same lanes: simulated above, real below; lines stand where they end.

    Parameters
    ----------
    label
        What the plan is called.
    simulated, real
        The timelines, with at least one request; of a session the first inference is drawn.
    axes
        Where to draw.
    """
    lanes = list(dict.fromkeys([*simulated.lanes(), *real.lanes()]))
    for kind in _KINDS:
        for side, timeline in enumerate((simulated, real)):
            for row, lane in enumerate(lanes):
                _bars(timeline, (lane, kind), row + (0.02 if side else -0.32), axes)
    sides = ((-0.17, "simulated"), (0.17, "real"))
    ticks = [row + offset for row in range(len(lanes)) for offset, _ in sides]
    names = [one_line(f"{lane}, {name}") for lane in lanes for _, name in sides]
    axes.set_yticks(ticks, names, parse_math=False)
    axes.set_ylim(len(lanes) - 0.5, -0.5)
    ends = [timeline.requests[0].finish_ns for timeline in (simulated, real)]
    axes.set_xlim(0, 1.01 * max(ends) / 1e6)
    for end, style in zip(ends, ("-", (0, (3, 2))), strict=True):
        axes.axvline(end / 1e6, color=INK, linewidth=0.8, linestyle=style)
    tidy(axes)
    axes.tick_params(axis="y", left=False, labelsize=SMALL, labelcolor=FAINT)
    axes.set_xlabel("time [ms]", fontsize=NORMAL, color=INK)
    draw_head(axes, label, _figures(ends), unique(axes.get_legend_handles_labels()[0]))


def _figures(ends: Sequence[int]) -> str:
    return (
        f"simulated {show_ns(ends[0])} (solid line)  ·  real {show_ns(ends[1])} (dashed)"
        f"  ·  error {100 * (ends[0] / ends[1] - 1):+.2f} %"
    )


def _bars(timeline: Timeline, which: tuple[str, str], bottom: float, axes: "Axes") -> None:
    bars = [
        (span.start_ns / 1e6, (span.end_ns - span.start_ns) / 1e6)
        for span in timeline.spans
        if span.request == 0 and (span.lane, span.kind) == which
    ]
    if bars:
        _, kind = which
        look: dict[str, Any] = {"linewidth": 0.4, "label": kind} | _LOOKS[kind]
        axes.broken_barh(bars, (bottom, 0.3), **look)


def save_overlay(pairs: Sequence[tuple[str, Timeline, Timeline]], path: Path) -> None:
    """Write a picture of some plans, each with its simulated and its real timeline.

    Raises
    ------
    InputError
        If the suffix names no known format, or the file cannot be written.
    """
    check_format(path)
    write_figure(overlay_figure(pairs), path)


@own_style()
def overlay_figure(pairs: Sequence[tuple[str, Timeline, Timeline]]) -> "Figure":
    """Draw some plans below one another, each with its simulated and its real timeline."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = [_ROW * len({*simulated.lanes(), *real.lanes()}) for _, simulated, real in pairs]
    tall = sum(rows) + len(pairs) * (_TITLE + _TIME)
    drawing = Figure(figsize=(_WIDTH, tall), facecolor="white")
    FigureCanvasAgg(drawing)
    top = tall
    for (label, simulated, real), height in zip(pairs, rows, strict=True):
        top -= _TITLE + height
        place = (_LEFT / _WIDTH, top / tall, (_WIDTH - _LEFT - _RIGHT) / _WIDTH, height / tall)
        axes = drawing.add_axes(place)
        draw_overlay(label, simulated, real, axes)
        top -= _TIME
    return drawing
