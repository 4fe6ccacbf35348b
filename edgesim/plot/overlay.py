"""Simulated over real timelines, span by span."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from edgesim.plot.look import FAINT, INK, LARGE, LOAD, LOOKS, NORMAL, SMALL, draw_legend
from edgesim.plot.page import check_format, write_figure
from edgesim.timeline import Timeline
from edgesim.units import show_ns

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH, _LEFT, _RIGHT = 11.0, 1.6, 1.35  # inches
_TITLE, _ROW, _TIME = 0.45, 0.62, 0.5
_LOAD_LOOK = {"facecolor": LOOKS[LOAD(6)]["facecolor"], "edgecolor": "white", "linewidth": 0.5}


def overlay(label: str, simulated: Timeline, real: Timeline, axes: "Axes") -> None:
    """Draw two timelines of one plan on the same lanes: simulated above, real below.

    Parameters
    ----------
    label
        What the plan is called.
    simulated, real
        The timelines; of a session the first inference is drawn.
    axes
        Where to draw.
    """
    lanes = list(dict.fromkeys([*simulated.lanes(), *real.lanes()]))
    ticks, names = [], []
    for row, lane in enumerate(lanes):
        for side, timeline in enumerate((simulated, real)):
            _bars(timeline, lane, row + (0.02 if side else -0.32), axes)
            ticks.append(row + (0.17 if side else -0.17))
            names.append(f"{lane}, {'real' if side else 'simulated'}")
    axes.set_yticks(ticks, names, fontsize=SMALL)
    axes.set_ylim(len(lanes) - 0.5, -0.5)
    ends = [timeline.requests[0].finish_ns for timeline in (simulated, real)]
    axes.set_xlim(0, 1.01 * max(ends) / 1e6)
    for end, style in zip(ends, ("-", (0, (3, 2))), strict=True):
        axes.axvline(end / 1e6, color=INK, linewidth=0.8, linestyle=style)
    error = 100 * (ends[0] / ends[1] - 1)
    axes.set_title(label, loc="left", fontsize=LARGE, fontweight="bold", color=INK)
    axes.set_title(f"simulated {show_ns(ends[0])}, real {show_ns(ends[1])}: {error:+.2f} %", loc="right",
                   fontsize=NORMAL, color=INK)  # fmt: skip
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(axis="x", labelsize=NORMAL, labelcolor=INK, width=0.6)
    axes.tick_params(axis="y", left=False, labelcolor=FAINT)
    axes.set_axisbelow(True)
    axes.grid(axis="x", color="#dddddd", linewidth=0.5)
    draw_legend(axes)


def _bars(timeline: Timeline, lane: str, bottom: float, axes: "Axes") -> None:
    found: dict[str, list[tuple[float, float]]] = {}
    for span in timeline.spans:
        if span.lane == lane and span.request == 0:
            bar = (span.start_ns / 1e6, (span.end_ns - span.start_ns) / 1e6)
            found.setdefault(span.kind, []).append(bar)
    for kind, bars in found.items():
        look = dict(_LOAD_LOOK if kind == "load" else LOOKS.get(kind, LOOKS["decompress"]))
        axes.broken_barh(bars, (bottom, 0.3), **{"linewidth": 0.4} | look | {"label": kind})


def save_overlay(pairs: Sequence[tuple[str, Timeline, Timeline]], path: Path) -> None:
    """Write a picture of some plans, each with its simulated and its real timeline.

    Raises
    ------
    InputError
        If the suffix names no known format, or the file cannot be written.
    """
    check_format(path)
    write_figure(_figure(pairs), path)


def _figure(pairs: Sequence[tuple[str, Timeline, Timeline]]) -> "Figure":
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
        overlay(label, simulated, real, axes)
        axes.set_xlabel("time [ms]", fontsize=NORMAL, color=INK)
        top -= _TIME
    return drawing
