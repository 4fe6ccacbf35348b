"""Results as pictures: lanes over time, and below them the memory they need. The only user of matplotlib."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from edgesim.cost import bits_of, shard_bytes
from edgesim.errors import ExecutionError, InputError, choose
from edgesim.memory import session_memory
from edgesim.plans import Load
from edgesim.result import Result
from edgesim.scenario import Scenario
from edgesim.timeline import EXECUTOR, LOADER, Span, Timeline
from edgesim.units import show_bytes, show_ns
from edgesim.work import first_and_later

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_REQUESTS = 8
"""So many inferences of a session are drawn."""

_FORMATS = {".png": {"Software": None}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
_LOOKS = {
    "decompress": {"facecolor": "#F7D9A8", "edgecolor": "white"},
    "compute": {"facecolor": "#E8952E", "edgecolor": "white"},
    "stall": {"facecolor": "white", "edgecolor": "#C8102E", "hatch": "/////"},
    "blocked": {"facecolor": "white", "edgecolor": "#8A8A8A", "hatch": "/////"},
    "held": {"facecolor": "white", "edgecolor": "#8A8A8A", "hatch": "....."},
}
_MEMORY = {"preload": "#7FB8A4", "load buffer": "#5E9BC9", "working": "#F0B469"}
_INK, _FAINT, _TARGET = "#222222", "#666666", "#7A1FA2"
_SMALL, _NORMAL, _LARGE = 7, 8, 10  # points
_MARGINS = {"left": 1.0, "right": 1.45, "title": 0.62, "gap": 0.33, "axis": 0.5}  # inches
_WIDTH, _MEMORY_HEIGHT, _DOTS_PER_INCH, _MOST_DOTS = 11.0, 1.0, 200, 60_000


class _Bar(NamedTuple):
    start_ns: float
    width_ns: float


def gantt(result: Result, scenario: Scenario, axes: "Axes", memory_axes: "Axes") -> None:
    """Draw what happened on each lane, and below it the bytes of each buffer.

    Parameters
    ----------
    result, scenario
        What to draw; of a session the first `MOST_REQUESTS` inferences.
    axes, memory_axes
        Where to draw lanes and buffers. Limits in time that were set before are kept.
    """
    shown = _first_requests(result.timeline)
    if axes.get_autoscalex_on():
        axes.set_xlim(0, _end_ns(shown, scenario) / 1e6)
    memory_axes.set_xlim(axes.get_xlim())
    _draw_lanes(shown, result, scenario, axes)
    _draw_memory(shown, result, scenario, memory_axes)
    for each in (axes, memory_axes):
        _draw_targets(shown, scenario.target_latency_ns, each)
        _tidy(each)
    _label_target(shown, scenario.target_latency_ns, axes)
    axes.tick_params(labelbottom=False)
    axes.set_title(result.planner, loc="left", fontsize=_LARGE, fontweight="bold", color=_INK, pad=19)
    axes.annotate(_facts(result), (0, 1), (0, 7), "axes fraction", "offset points", fontsize=_NORMAL, color=_INK)


def figure(results: Sequence[Result], scenario: Scenario) -> "Figure":
    """Draw results below one another on one time axis.

    Parameters
    ----------
    results
        At least one.
    scenario
        What they are results of.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    heights = [0.5 + 0.4 * len(_lanes(result.timeline)) for result in results]
    around = _MARGINS["title"] + _MARGINS["gap"] + _MEMORY_HEIGHT + _MARGINS["axis"]
    drawing = Figure(figsize=(_WIDTH, sum(heights) + around * len(results)), facecolor="white")
    FigureCanvasAgg(drawing)
    end_ns = max(_end_ns(_first_requests(result.timeline), scenario) for result in results)
    bottom = float(drawing.get_figheight())
    for result, height in zip(results, heights, strict=True):
        top = bottom - _MARGINS["title"]
        bottom = top - height - around + _MARGINS["title"]
        lanes = _place(drawing, top - height, height)
        lanes.set_xlim(0, end_ns / 1e6)
        gantt(result, scenario, lanes, _place(drawing, bottom + _MARGINS["axis"], _MEMORY_HEIGHT))
    return drawing


def save(results: Sequence[Result], scenario: Scenario, path: Path) -> None:
    """Write the figure of some results to a file, all of it or nothing.

    Parameters
    ----------
    results, scenario
        What `figure` draws.
    path
        Where to; its suffix chooses the format.

    Raises
    ------
    InputError
        If the suffix names no known format.
    ExecutionError
        If the file cannot be written.
    """
    import matplotlib as mpl

    suffix = path.suffix.lower()
    if suffix not in _FORMATS:
        raise InputError(f"{path}: the suffix chooses the format of a plot, got '{suffix}'; {choose(suffix, _FORMATS)}")
    drawing = figure(results, scenario)
    dots = min(_DOTS_PER_INCH, _MOST_DOTS / drawing.get_figheight())
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with mpl.rc_context({"svg.hashsalt": "edgesim", "hatch.linewidth": 0.6, "pdf.fonttype": 42}):
            drawing.savefig(part, format=suffix[1:], dpi=dots, metadata=_FORMATS[suffix])
        part.replace(path)
    except OSError as error:
        raise ExecutionError(f"{path}: cannot be written, {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def _place(drawing: "Figure", bottom: float, height: float) -> "Axes":
    tall = drawing.get_figheight()
    width = _WIDTH - _MARGINS["left"] - _MARGINS["right"]
    return drawing.add_axes((_MARGINS["left"] / _WIDTH, bottom / tall, width / _WIDTH, height / tall))


def _first_requests(timeline: Timeline) -> Timeline:
    spans = tuple(span for span in timeline.spans if span.request < MOST_REQUESTS)
    return Timeline(timeline.requests[:MOST_REQUESTS], spans)


def _end_ns(timeline: Timeline, scenario: Scenario) -> float:
    """Return where the time axis ends: a target far away does not squeeze what happened."""
    last = max(span.end_ns for span in timeline.spans)
    target = timeline.requests[-1].arrival_ns + scenario.target_latency_ns
    return 1.01 * max(last, target if target <= 2 * last else 0)


def _lanes(timeline: Timeline) -> list[str]:
    found = {span.lane for span in timeline.spans}
    loaders = found if any(lane.startswith(LOADER) for lane in found) else {LOADER, *found}
    return sorted(loaders, key=lambda lane: (not lane.startswith(LOADER), lane == EXECUTOR, len(lane), lane))


def _draw_lanes(timeline: Timeline, result: Result, scenario: Scenario, axes: "Axes") -> None:
    lanes = _lanes(timeline)
    rows = {lane: row for row, lane in enumerate(lanes)}
    axes.set_yticks(range(len(lanes)), lanes)
    axes.set_ylim(len(lanes) - 0.5, -0.75)
    edge = min(0.6, 0.15 * _points_per_ms(axes) * (axes.get_xlim()[1] / len(timeline.spans)))
    bars = _bars(timeline, result, scenario)
    for label in sorted(bars, key=_legend_order):
        look = {"linewidth": edge} | _look(label)
        for lane, parts in bars[label].items():
            xranges = [(part.start_ns / 1e6, part.width_ns / 1e6) for part in parts]
            axes.broken_barh(xranges, (rows[lane] - 0.3, 0.6), label=label, **look)
    _label_layers(timeline, rows, axes)
    _legend(axes)
