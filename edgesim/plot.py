"""Results as pictures: lanes over time, and below them the memory they need. The only user of matplotlib."""

from collections import Counter
from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgesim.cost import bits_of, shard_bytes
from edgesim.errors import InputError, choose
from edgesim.files import write_atomically
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

Bars = dict[tuple[str, str], list[tuple[float, float]]]
"""Start and width of bars [ms] by lane and label."""

_LOAD = "load, {}-bit".format
_LOOKS: dict[str, dict[str, Any]] = {
    _LOAD(bits): {"facecolor": shade, "linewidth": 0}
    for bits, shade in {  # ColorBrewer's YlGnBu in even steps of lightness: dark is faithful
        1: "#eef8b3", 2: "#d0edb3", 3: "#92d5b9", 4: "#55bec1", 5: "#2a9ec1",
        6: "#2072b1", 7: "#2354a3", 8: "#253896", 32: "#081d58",
    }.items()
} | {
    "decompress": {"facecolor": "#f9ddb1", "edgecolor": "white"},
    "compute": {"facecolor": "#ee9b3a", "edgecolor": "white"},
    "stall": {"facecolor": "white", "edgecolor": "#c8102e", "hatch": "/////", "linewidth": 0.7},
    "blocked": {"facecolor": "white", "edgecolor": "#8a8a8a", "hatch": r"\\\\\\", "linewidth": 0.7},
    "held": {"facecolor": "white", "edgecolor": "#8a8a8a", "hatch": ".....", "linewidth": 0.7},
    "load": {"facecolor": "none", "edgecolor": "white", "label": "_"},  # parts one load from the next; not in legends
}  # fmt: skip
_BUFFERS = {"preload": "#5d6875", "load buffer": "#94b4d8", "working": "#ee9b3a"}
_INK, _FAINT, _TARGET = "#222222", "#666666", "#6a1b9a"
_SMALL, _NORMAL, _LARGE = 6.5, 8, 10  # points
_HALO = {"facecolor": "white", "linewidth": 0, "pad": 0.4}
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
    _draw_lanes(drawn, result, scenario, axes)
    _draw_memory(drawn, result, scenario, memory_axes)
    _draw_targets(drawn, scenario.target_latency_ns, (axes, memory_axes))
    axes.set_title(result.planner, loc="left", fontsize=_LARGE, fontweight="bold", color=_INK, pad=17)
    axes.set_title(_session(result, scenario, drawn), loc="right", fontsize=_NORMAL, color=_INK, pad=17)
    axes.annotate(_facts(result), (0, 1), (0, 6), "axes fraction", "offset points", fontsize=_NORMAL, color=_INK)
    axes.tick_params(labelbottom=False, left=False)
    memory_axes.set_xlabel("time [ms]", fontsize=_NORMAL, color=_INK)
    for each in (axes, memory_axes):
        _tidy(each)


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

    drawn = [_first_requests(result) for result in results]
    lanes = [_ROW * (0.6 + len(_lanes(timeline))) for timeline in drawn]
    top = sum(lanes) + len(results) * (_TITLE + _GAP + _MEMORY + _TIME)
    drawing = Figure(figsize=(_WIDTH, top), facecolor="white")
    FigureCanvasAgg(drawing)
    end_ns = max(_end_ns(timeline, scenario) for timeline in drawn)
    for result, height in zip(results, lanes, strict=True):
        top -= _TITLE + height
        axes = _place(drawing, top, height)
        axes.set_xlim(0, end_ns / 1e6)
        top -= _GAP + _MEMORY
        gantt(result, scenario, axes, _place(drawing, top, _MEMORY))
        top -= _TIME
    return drawing


def save(results: Sequence[Result], scenario: Scenario, path: Path) -> None:
    """Write the figure of some results to a file, all of it or nothing; the same results give the same bytes.

    Parameters
    ----------
    results, scenario
        What `figure` draws.
    path
        Where to; its suffix chooses the format.

    Raises
    ------
    InputError
        If the suffix names no known format, or the file cannot be written.
    """
    from matplotlib import rc_context

    suffix = path.suffix.lower()
    if suffix not in _METADATA:
        raise InputError(f"{path}: the suffix is the format of a plot, got '{suffix}'; {choose(suffix, _METADATA)}")
    drawing, content = figure(results, scenario), BytesIO()
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


def _lanes(drawn: Timeline) -> list[str]:
    """Return the lanes from top to bottom; a loader that has nothing to do is shown idle."""
    found = {span.lane for span in drawn.spans}
    if not any(lane.startswith(LOADER) for lane in found):
        found.add(LOADER)
    return sorted(found, key=lambda lane: (not lane.startswith(LOADER), lane == EXECUTOR, len(lane), lane))


def _draw_lanes(drawn: Timeline, result: Result, scenario: Scenario, axes: "Axes") -> None:
    rows = {lane: row for row, lane in enumerate(_lanes(drawn))}
    axes.set_yticks(range(len(rows)), list(rows))
    axes.set_ylim(len(rows) - 0.5, -1.1)
    reads = list(_reads(drawn, result, scenario))
    bars = _bars(drawn, reads, result, scenario)
    for label, look in _LOOKS.items():
        lined: dict[str, Any] = {"linewidth": _edge_points(drawn, axes), "label": label} | look
        for lane in (lane for lane in rows if (lane, label) in bars):
            axes.broken_barh(bars[lane, label], (rows[lane] - 0.3, 0.6), **lined)
    if not reads:
        axes.text(0.005, 0, "nothing to load", transform=axes.get_yaxis_transform(), size=_SMALL, color=_FAINT)
    _number_layers(drawn, reads, rows, axes)
    _draw_legend(axes)


def _edge_points(drawn: Timeline, axes: "Axes") -> float:
    """Width of the white lines between bars [points]; none where they would wash out the bars."""
    fits = 0.1 * _points(axes, axes.get_xlim()[1]) / len(drawn.spans)
    return min(0.7, fits) if fits > 0.2 else 0.0


def _reads(drawn: Timeline, result: Result, scenario: Scenario) -> Iterator[tuple[Span, Load]]:
    """Yield every load span with what it read: loads are issued in the order of the work."""
    first, later = first_and_later(result.plan, scenario.model, scenario.device, scenario.session)
    issued: dict[int, Iterator[Load]] = {}
    for span in drawn.spans:
        if span.kind == "load":
            yield span, next(issued.setdefault(span.request, iter((later if span.request else first).loads)))


def _bars(drawn: Timeline, reads: Sequence[tuple[Span, Load]], result: Result, scenario: Scenario) -> Bars:
    """Return one bar a span, and divide each load among the bitwidths it brings, in proportion to their bytes."""
    bits, bars = bits_of(result.plan), Bars()
    for span in drawn.spans:
        bars.setdefault((span.lane, span.kind), []).append((span.start_ns / 1e6, (span.end_ns - span.start_ns) / 1e6))
    for span, load in reads:
        shards = Counter(bits[shard] for shard in load.shards)
        sizes = {width: count * shard_bytes(scenario.model, width) for width, count in sorted(shards.items())}
        start, ms_per_byte = span.start_ns / 1e6, (span.end_ns - span.start_ns) / 1e6 / sum(sizes.values())
        for width, n_bytes in sizes.items():
            bars.setdefault((span.lane, _LOAD(width)), []).append((start, n_bytes * ms_per_byte))
            start += n_bytes * ms_per_byte
    return bars


def _points(axes: "Axes", ms: float) -> float:
    """Width of some time on paper [points]."""
    start, end = axes.get_xlim()
    return 72 / axes.figure.dpi * axes.get_window_extent().width * ms / (end - start)


def _number_layers(drawn: Timeline, reads: Sequence[tuple[Span, Load]], rows: dict[str, int], axes: "Axes") -> None:
    """Write the layer into every computation, and above every run of loads that serves it, where there is room."""
    for span in drawn.spans:
        if span.kind == "compute":
            _write(axes, str(span.layer), (span.start_ns, span.end_ns), rows[span.lane], color=_INK)
    in_turn = sorted(reads, key=lambda read: read[0][:3])  # request, app, lane; the order of issue within
    for (*_, lane, text), run in groupby(in_turn, key=lambda read: (*read[0][:3], _layers(read[1]))):
        spans = [span for span, _ in run]
        _write(axes, text, (spans[0].start_ns, spans[-1].end_ns), rows[lane] - 0.48, color=_FAINT, bbox=_HALO)


def _write(axes: "Axes", text: str, between_ns: tuple[int, int], row: float, **look: Any) -> None:  # noqa: ANN401
    start, end = (time / 1e6 for time in between_ns)
    if _points(axes, end - start) > _SMALL * (0.62 * len(text) + 0.4):
        axes.text((start + end) / 2, row, text, size=_SMALL, ha="center", va="center_baseline", clip_on=True, **look)


def _layers(load: Load) -> str:
    layers = [layer for layer, _ in load.shards]
    return f"{min(layers)}" if min(layers) == max(layers) else f"{min(layers)} to {max(layers)}"


def _draw_legend(axes: "Axes", *, reverse: bool = False) -> None:
    handles = {str(handle.get_label()): handle for handle in axes.get_legend_handles_labels()[0]}
    axes.legend(handles.values(), handles, loc="upper left", bbox_to_anchor=(1.005, 1.02), frameon=False,
                fontsize=_SMALL + 0.5, handlelength=1.6, labelspacing=0.35, borderaxespad=0.2,
                labelcolor=_INK, reverse=reverse)  # fmt: skip


def _draw_memory(drawn: Timeline, result: Result, scenario: Scenario, axes: "Axes") -> None:
    """Stack the buffers that are used; what the model always holds would dwarf them, and is only told."""
    times, *levels = zip(*session_memory(drawn, result.plan, scenario), strict=True)
    used = {name: level for name, level in zip(_BUFFERS, levels, strict=True) if any(level)}
    stack = [[n_bytes / 1e6 for n_bytes in level] for level in used.values()]
    axes.stackplot([time / 1e6 for time in times], *stack, labels=list(used), colors=[_BUFFERS[name] for name in used],
                   step="post", linewidth=0)  # fmt: skip
    axes.set_ylim(bottom=0)
    axes.set_ylabel("memory [MB]", fontsize=_NORMAL, color=_INK)
    resident = result.metrics.resident_bytes
    always = f", plus {show_bytes(resident)} always resident" if resident else ""
    peak = f"peak {show_bytes(result.metrics.peak_memory_bytes - resident)}{always}"
    axes.set_title(peak, loc="left", fontsize=_SMALL + 0.5, color=_FAINT, pad=3)
    _draw_legend(axes, reverse=True)


def _draw_targets(drawn: Timeline, target_ns: int, both: "tuple[Axes, Axes]") -> None:
    targets = [(request.arrival_ns + target_ns) / 1e6 for request in drawn.requests]
    for axes in both:
        for target in targets:
            axes.axvline(target, color=_TARGET, linewidth=1, linestyle=(0, (4, 2)))
        for request in drawn.requests[1:]:
            axes.axvline(request.arrival_ns / 1e6, color=_FAINT, linewidth=0.7, linestyle=":")
    start, end = both[0].get_xlim()
    text = f"target {show_ns(target_ns)}" + (" \N{RIGHTWARDS ARROW}" if targets[0] > end else "")
    side, offset = ("right", -3) if targets[0] > start + 0.85 * (end - start) else ("left", 3)
    both[0].annotate(text, (min(targets[0], end), 1), (offset, -2), ("data", "axes fraction"), "offset points",
                     size=_SMALL + 0.5, color=_TARGET, ha=side, va="top", bbox=_HALO)  # fmt: skip


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
    inferences, shown = scenario.session.inferences, len(drawn.requests)
    if inferences == 1:
        return ""
    first = f"first {shown} of " if shown < inferences else ""
    return f"{first}{inferences:,} inferences, {result.metrics.target_met_fraction:.0%} meet the target"


def _tidy(axes: "Axes") -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=_NORMAL, labelcolor=_INK, width=0.6)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")
    axes.grid(axis="x", color="#dddddd", linewidth=0.5)
    axes.set_axisbelow(True)
