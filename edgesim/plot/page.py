"""Results on one page, each with the memory it needs below."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from edgesim.errors import InputError, choose
from edgesim.files import write_atomically
from edgesim.memory import session_memory
from edgesim.plot.lanes import draw_lanes, shown_lanes
from edgesim.plot.look import BUFFERS, FAINT, HALO, INK, LARGE, NORMAL, SMALL, TARGET, draw_legend
from edgesim.result import Result
from edgesim.scenario import Scenario
from edgesim.timeline import Timeline
from edgesim.units import show_bytes, show_ns

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_REQUESTS = 8
"""So many inferences of a session are drawn."""

_WIDTH, _LEFT, _RIGHT = 11.0, 1.0, 1.35  # inches
_TITLE, _ROW, _GAP, _MEMORY, _TIME = 0.55, 0.42, 0.32, 0.95, 0.5  # inches, from top to bottom of one result
_DOTS_PER_INCH, _MOST_DOTS = 200, 60_000
_METADATA = {".pdf": {"CreationDate": None}, ".png": {"Software": None}, ".svg": {"Date": None}}


def gantt(result: Result, scenario: Scenario, axes: "Axes", memory_axes: "Axes") -> None:
    """Draw what happened on each lane, and below it the bytes of each buffer.

    Parameters
    ----------
    result, scenario
        What to draw; of a session the first `MOST_REQUESTS` inferences.
    axes, memory_axes
        Where to draw lanes and buffers. A time axis that was set before is kept.
    """
    drawn = _first_requests(result)
    if axes.get_autoscalex_on():
        axes.set_xlim(0, _end_ns(drawn, scenario) / 1e6)
    memory_axes.set_xlim(axes.get_xlim())
    draw_lanes(drawn, result, scenario, axes)
    draw_memory(drawn, result, scenario, memory_axes)
    _draw_targets(drawn, scenario.target_latency_ns, (axes, memory_axes))
    axes.set_title(
        f"{scenario.name}: {result.planner}", loc="left", fontsize=LARGE, fontweight="bold", color=INK, pad=17
    )
    axes.set_title(_session(result, scenario, drawn), loc="right", fontsize=NORMAL, color=INK, pad=17)
    axes.annotate(_facts(result), (0, 1), (0, 6), "axes fraction", "offset points", fontsize=NORMAL, color=INK)
    axes.tick_params(labelbottom=False, left=False)
    memory_axes.set_xlabel("time [ms]", fontsize=NORMAL, color=INK)
    for each in (axes, memory_axes):
        _tidy(each)


def figure(done: Sequence[tuple[Scenario, Result]]) -> "Figure":
    """Draw results below one another on one time axis.

    Parameters
    ----------
    done
        At least one result, each with its scenario.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    drawn = [_first_requests(result) for _, result in done]
    lanes = [_ROW * (0.6 + len(shown_lanes(timeline))) for timeline in drawn]
    top = sum(lanes) + len(done) * (_TITLE + _GAP + _MEMORY + _TIME)
    drawing = Figure(figsize=(_WIDTH, top), facecolor="white")
    FigureCanvasAgg(drawing)
    end_ns = max(_end_ns(timeline, scenario) for timeline, (scenario, _) in zip(drawn, done, strict=True))
    for (scenario, result), height in zip(done, lanes, strict=True):
        top -= _TITLE + height
        axes = _place(drawing, top, height)
        axes.set_xlim(0, end_ns / 1e6)
        top -= _GAP + _MEMORY
        gantt(result, scenario, axes, _place(drawing, top, _MEMORY))
        top -= _TIME
    return drawing


def check_format(path: Path) -> None:
    """Refuse a file name whose suffix names no known format of a picture.

    Raises
    ------
    InputError
        With the known ones.
    """
    suffix = path.suffix.lower()
    if suffix not in _METADATA:
        raise InputError(f"{path}: the suffix is the format of a plot, got '{suffix}'; {choose(suffix, _METADATA)}")


def save(done: Sequence[tuple[Scenario, Result]], path: Path) -> None:
    """Write the figure of some results to a file, all of it or nothing; the same results give the same bytes.

    Parameters
    ----------
    done
        What `figure` draws.
    path
        Where to; its suffix chooses the format.

    Raises
    ------
    InputError
        If the suffix names no known format, or the file cannot be written.
    """
    check_format(path)
    write_figure(figure(done), path)


def write_figure(drawing: "Figure", path: Path) -> None:
    """Write a figure to a file of a known format; the same figure gives the same bytes.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    from matplotlib import rc_context

    suffix, content = path.suffix.lower(), BytesIO()
    dots = min(_DOTS_PER_INCH, _MOST_DOTS / drawing.get_figheight())
    with rc_context({"svg.hashsalt": "edgesim", "pdf.fonttype": 42, "hatch.linewidth": 0.6}):
        drawing.savefig(content, format=suffix[1:], dpi=dots, metadata=_METADATA[suffix])
    write_atomically(path, content.getvalue())


def _place(drawing: "Figure", bottom: float, height: float) -> "Axes":
    tall = drawing.get_figheight()
    return drawing.add_axes((_LEFT / _WIDTH, bottom / tall, (_WIDTH - _LEFT - _RIGHT) / _WIDTH, height / tall))


def _first_requests(result: Result) -> Timeline:
    spans = (span for span in result.timeline.spans if span.request < MOST_REQUESTS)
    return Timeline(result.timeline.requests[:MOST_REQUESTS], tuple(spans))


def _end_ns(drawn: Timeline, scenario: Scenario) -> float:
    """Return where the time axis ends; a target far away does not squeeze what happened."""
    last = max(request.finish_ns for request in drawn.requests)
    target = drawn.requests[-1].arrival_ns + scenario.target_latency_ns
    return 1.01 * (target if last < target < 2 * last else last)


def draw_memory(drawn: Timeline, result: Result, scenario: Scenario, axes: "Axes") -> None:
    """Stack the buffers that are used; what the model always holds would dwarf them, and is only told."""
    times, *levels = zip(*session_memory(drawn, result.all_plans, scenario), strict=True)
    used = {name: level for name, level in zip(BUFFERS, levels, strict=True) if any(level)}
    stack = [[n_bytes / 1e6 for n_bytes in level] for level in used.values()]
    axes.stackplot([time / 1e6 for time in times], *stack, labels=list(used), colors=[BUFFERS[name] for name in used],
                   step="post", linewidth=0)  # fmt: skip
    axes.set_ylim(bottom=0)
    axes.set_ylabel("memory [MB]", fontsize=NORMAL, color=INK)
    resident = result.metrics.resident_bytes
    always = f", plus {show_bytes(resident)} always resident" if resident else ""
    peak = f"peak {show_bytes(result.metrics.peak_memory_bytes - resident)}{always}"
    axes.set_title(peak, loc="left", fontsize=SMALL + 0.5, color=FAINT, pad=3)
    draw_legend(axes, reverse=True)


def _draw_targets(drawn: Timeline, target_ns: int, both: "tuple[Axes, Axes]") -> None:
    targets = [(request.arrival_ns + target_ns) / 1e6 for request in drawn.requests]
    for axes in both:
        for target in targets:
            axes.axvline(target, color=TARGET, linewidth=1, linestyle=(0, (4, 2)))
        for request in drawn.requests[1:]:
            axes.axvline(request.arrival_ns / 1e6, color=FAINT, linewidth=0.7, linestyle=":")
    start, end = both[0].get_xlim()
    text = f"target {show_ns(target_ns)}" + (" \N{RIGHTWARDS ARROW}" if targets[0] > end else "")
    side, offset = ("right", -3) if targets[0] > start + 0.85 * (end - start) else ("left", 3)
    both[0].annotate(text, (min(targets[0], end), 1), (offset, -2), ("data", "axes fraction"), "offset points",
                     size=SMALL + 0.5, color=TARGET, ha=side, va="top", bbox=HALO)  # fmt: skip


def _facts(result: Result) -> str:
    metrics, plan = result.metrics, result.plan
    late = metrics.latency_ns - metrics.target_latency_ns
    facts = (
        f"{result.model} on {result.device}, {result.processor}",
        f"{len(plan.layers)} x {len(plan.shards[0])} shards",
        f"{'first ' if len(result.requests) > 1 else ''}latency {show_ns(metrics.latency_ns)}",
        f"target missed by {show_ns(late)}" if late > 0 else "target met",
        "fidelity unknown" if metrics.fidelity is None else f"fidelity {metrics.fidelity:.4f}",
    )
    return "  ·  ".join(facts)


def _session(result: Result, scenario: Scenario, drawn: Timeline) -> str:
    inferences = result.service.inferences if result.service else len(result.requests)
    shown = len(drawn.requests)
    if inferences == 1:
        return ""
    first = f"first {shown} of " if shown < inferences else ""
    return f"{first}{inferences:,} inferences, {result.metrics.target_met_fraction:.0%} meet the target"


def _tidy(axes: "Axes") -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=NORMAL, labelcolor=INK, width=0.6)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")
    axes.grid(axis="x", color="#dddddd", linewidth=0.5)
    axes.set_axisbelow(True)
