"""Results as pictures: lanes over time, and below them the memory they need. The only user of matplotlib."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

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

_METADATA = {".pdf": {"CreationDate": None}, ".png": {"Software": None}, ".svg": {"Date": None}}
_KINDS = {
    "decompress": {"facecolor": "#F9DDB1", "edgecolor": "white"},
    "compute": {"facecolor": "#EE9B3A", "edgecolor": "white"},
    "stall": {"facecolor": "white", "edgecolor": "#C8102E", "hatch": "/////"},
    "blocked": {"facecolor": "white", "edgecolor": "#8A8A8A", "hatch": r"\\\\\\"},
    "held": {"facecolor": "white", "edgecolor": "#8A8A8A", "hatch": "....."},
}
_BUFFERS = {"preload": "#66A797", "load buffer": "#6FA8D6", "working": "#EE9B3A"}
_INK, _FAINT, _TARGET = "#222222", "#6A6A6A", "#6A1B9A"
_SMALL, _NORMAL, _LARGE = 6.5, 8, 10  # points
_WIDTH, _LEFT, _RIGHT = 11.0, 1.0, 1.4  # inches
_TITLE, _ROW, _GAP, _MEMORY, _TIME = 0.55, 0.42, 0.3, 0.95, 0.5  # inches, from top to bottom of one result
_DOTS_PER_INCH, _MOST_DOTS = 200, 60_000


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
    axes.annotate(_facts(result, scenario), (0, 1), (0, 6), "axes fraction", "offset points", fontsize=_NORMAL)
    axes.tick_params(labelbottom=False, left=False)
    memory_axes.set_xlabel("time [ms]", fontsize=_NORMAL)
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
    lanes = [_ROW * (0.5 + len(_lanes(timeline))) for timeline in drawn]
    tall = sum(lanes) + len(results) * (_TITLE + _GAP + _MEMORY + _TIME)
    drawing = Figure(figsize=(_WIDTH, tall), facecolor="white")
    FigureCanvasAgg(drawing)
    end_ns = max(_end_ns(timeline, scenario) for timeline in drawn)
    top = tall
    for result, height in zip(results, lanes, strict=True):
        top -= _TITLE + height
        axes = _place(drawing, top, height)
        axes.set_xlim(0, end_ns / 1e6)
        top -= _GAP + _MEMORY
        gantt(result, scenario, axes, _place(drawing, top, _MEMORY))
        top -= _TIME
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
    from matplotlib import rc_context

    suffix = path.suffix.lower()
    if suffix not in _METADATA:
        raise InputError(f"{path}: the suffix is the format of the plot, got '{suffix}'; {choose(suffix, _METADATA)}")
    drawing = figure(results, scenario)
    dots = min(_DOTS_PER_INCH, _MOST_DOTS / drawing.get_figheight())
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with rc_context({"svg.hashsalt": "edgesim", "pdf.fonttype": 42, "hatch.linewidth": 0.6}):
            drawing.savefig(part, format=suffix[1:], dpi=dots, metadata=_METADATA[suffix])
        part.replace(path)
    except OSError as error:
        raise ExecutionError(f"{path}: cannot be written, {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def _place(drawing: "Figure", bottom: float, height: float) -> "Axes":
    tall = drawing.get_figheight()
    return drawing.add_axes((_LEFT / _WIDTH, bottom / tall, (_WIDTH - _LEFT - _RIGHT) / _WIDTH, height / tall))


def _first_requests(result: Result) -> Timeline:
    spans = (span for span in result.timeline.spans if span.request < MOST_REQUESTS)
    return Timeline(result.timeline.requests[:MOST_REQUESTS], tuple(spans))


def _end_ns(drawn: Timeline, scenario: Scenario) -> float:
    """Return where the time axis ends: a target far away does not squeeze what happened."""
    last = max(span.end_ns for span in drawn.spans)
    target = drawn.requests[-1].arrival_ns + scenario.target_latency_ns
    return 1.01 * (target if last < target < 2 * last else last)


def _lanes(timeline: Timeline) -> list[str]:
    """Return the lanes from top to bottom; a loader that has nothing to do is shown idle."""
    found = {span.lane for span in timeline.spans}
    if not any(lane.startswith(LOADER) for lane in found):
        found.add(LOADER)
    return sorted(found, key=lambda lane: (not lane.startswith(LOADER), lane == EXECUTOR, len(lane), lane))


def _draw_lanes(drawn: Timeline, result: Result, scenario: Scenario, axes: "Axes") -> None:
    rows = {lane: row for row, lane in enumerate(_lanes(drawn))}
    axes.set_yticks(range(len(rows)), list(rows))
    axes.set_ylim(len(rows) - 0.5, -1)
    edge = min(0.7, 0.1 * _points(axes, axes.get_xlim()[1]) / len(drawn.spans))
    reads = list(_reads(drawn, result, scenario))
    for (bits, lane), bars in _by_bitwidth(reads, result, scenario).items():
        axes.broken_barh(bars, (rows[lane] - 0.3, 0.6), facecolor=_shade(bits), linewidth=0, label=f"load, {bits} bits")
    for kind, look in _KINDS.items():
        for lane, bars in _bars(drawn, kind).items():
            axes.broken_barh(bars, (rows[lane] - 0.3, 0.6), label=kind, linewidth=edge, **look)
    for lane, bars in _bars(drawn, "load").items():  # tells one load from the next
        axes.broken_barh(bars, (rows[lane] - 0.3, 0.6), facecolor="none", edgecolor="white", linewidth=edge)
    _number_layers(drawn, reads, rows, axes)
    _draw_legend(axes)


def _reads(drawn: Timeline, result: Result, scenario: Scenario) -> Iterator[tuple[Span, Load]]:
    """Yield every load span with what it read: loads are issued in the order of the work."""
    first, later = first_and_later(result.plan, scenario.model, scenario.device, scenario.session)
    issued: dict[int, Iterator[Load]] = {}
    for span in drawn.spans:
        if span.kind == "load":
            yield span, next(issued.setdefault(span.request, iter((later if span.request else first).loads)))


Bars = list[tuple[float, float]]
"""Start and width of each bar [ms]."""


def _by_bitwidth(reads: Sequence[tuple[Span, Load]], result: Result, scenario: Scenario) -> dict[tuple[int, str], Bars]:
    """Divide each load among the bitwidths it brings, in proportion to their bytes."""
    bits = bits_of(result.plan)
    found: dict[tuple[int, str], Bars] = {}
    for span, load in reads:
        sizes = Counter[int]()
        for shard in load.shards:
            sizes[bits[shard]] += shard_bytes(scenario.model, bits[shard])
        start, per_byte = span.start_ns / 1e6, (span.end_ns - span.start_ns) / 1e6 / sizes.total()
        for width, n_bytes in sorted(sizes.items()):
            found.setdefault((width, span.lane), []).append((start, n_bytes * per_byte))
            start += n_bytes * per_byte
    return dict(sorted(found.items()))


def _bars(drawn: Timeline, kind: str) -> dict[str, Bars]:
    found: dict[str, Bars] = {}
    for span in drawn.spans:
        if span.kind == kind:
            found.setdefault(span.lane, []).append((span.start_ns / 1e6, (span.end_ns - span.start_ns) / 1e6))
    return found


def _shade(bits: int) -> Any:  # noqa: ANN401  (matplotlib's colour)
    from matplotlib import colormaps

    return colormaps["Blues"](1.0 if bits > 8 else 0.14 + 0.1 * bits)


def _points(axes: "Axes", ms: float) -> float:
    """Width of some time on paper [points]."""
    start, end = axes.get_xlim()
    return 72 / axes.figure.dpi * axes.get_window_extent().width * ms / (end - start)


def _number_layers(drawn: Timeline, reads: Sequence[tuple[Span, Load]], rows: dict[str, int], axes: "Axes") -> None:
    """Write the layer into every computation, and above every run of loads that serves it, where there is room."""
    computed = [(span, str(span.layer), 0.0) for span in drawn.spans if span.kind == "compute"]
    named = [(span, _layers(load)) for span, load in sorted(reads, key=lambda read: read[0].lane)]
    for _, run in groupby(named, key=lambda read: (read[0].lane, read[0].request, read[1])):
        parts = list(run)
        whole = parts[0][0]._replace(end_ns=parts[-1][0].end_ns)
        computed.append((whole, parts[0][1], -0.42))
    for span, text, above in computed:
        if _points(axes, (span.end_ns - span.start_ns) / 1e6) > _SMALL * (0.62 * len(text) + 0.4):
            middle = (span.start_ns + span.end_ns) / 2e6
            axes.text(middle, rows[span.lane] + above, text, size=_SMALL, color=_INK if not above else _FAINT,
                      ha="center", va="center_baseline", clip_on=True)  # fmt: skip


def _layers(load: Load) -> str:
    layers = [layer for layer, _ in load.shards]
    return str(layers[0]) if min(layers) == max(layers) else f"{min(layers)}–{max(layers)}"


def _draw_legend(axes: "Axes") -> None:
    handles = {str(handle.get_label()): handle for handle in axes.get_legend_handles_labels()[0]}
    axes.legend(handles.values(), handles, loc="upper left", bbox_to_anchor=(1.005, 1.02), frameon=False,
                fontsize=_SMALL + 0.5, handlelength=1.6, labelspacing=0.35, borderaxespad=0.2)  # fmt: skip


def _draw_memory(drawn: Timeline, result: Result, scenario: Scenario, axes: "Axes") -> None:
    steps = session_memory(drawn, result.plan, scenario)
    times, *levels = zip(*steps, strict=True)
    axes.stackplot(
        [time / 1e6 for time in times],
        *([level / 1e6 for level in buffer] for buffer in levels),
        labels=list(_BUFFERS), colors=list(_BUFFERS.values()), step="post", linewidth=0,
    )  # fmt: skip
    axes.set_ylim(bottom=0)
    axes.set_ylabel("memory [MB]", fontsize=_NORMAL)
    resident = result.metrics.resident_bytes
    peak = f"peak {show_bytes(result.metrics.peak_memory_bytes - resident)}"
    always = f", plus {show_bytes(resident)} always resident" if resident else ""
    axes.set_title(f"{peak}{always}", loc="left", fontsize=_SMALL + 0.5, color=_FAINT, pad=3)
    _draw_legend(axes)


def _draw_targets(drawn: Timeline, target_ns: int, both: "tuple[Axes, Axes]") -> None:
    for number, request in enumerate(drawn.requests):
        for axes in both:
            axes.axvline((request.arrival_ns + target_ns) / 1e6, color=_TARGET, linewidth=1, linestyle=(0, (4, 2)))
            if number:
                axes.axvline(request.arrival_ns / 1e6, color=_FAINT, linewidth=0.6, linestyle=":")
    first = (drawn.requests[0].arrival_ns + target_ns) / 1e6
    axes, end = both[0], both[0].get_xlim()[1]
    text = f"target {show_ns(target_ns)}" + (" →" if first > end else "")
    left = first > 0.85 * end
    axes.annotate(text, (min(first, end), 1), (-3 if left else 3, -2), ("data", "axes fraction"), "offset points",
                  size=_SMALL + 0.5, color=_TARGET, ha="right" if left else "left", va="top")  # fmt: skip


def _facts(result: Result, scenario: Scenario) -> str:
    metrics, plan, inferences = result.metrics, result.plan, scenario.session.inferences
    late = metrics.latency_ns - metrics.target_latency_ns
    facts = [
        f"{result.device}, {result.processor}",
        f"{len(plan.layers)} × {len(plan.shards[0])}",
        f"latency {show_ns(metrics.latency_ns)}{' (first)' if inferences > 1 else ''}",
        f"target missed by {show_ns(late)}" if late > 0 else "target met",
        "fidelity unknown" if metrics.fidelity is None else f"fidelity {metrics.fidelity:.4f}",
    ]
    if inferences > 1:
        facts.append(f"{inferences} inferences, {metrics.target_met_fraction:.0%} meet the target")
    if inferences > MOST_REQUESTS:
        facts.append(f"first {MOST_REQUESTS} drawn")
    return "  ·  ".join(facts)


def _tidy(axes: "Axes") -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=_NORMAL, colors=_INK, width=0.6)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")
    axes.grid(axis="x", color="#DDDDDD", linewidth=0.5)
    axes.set_axisbelow(True)
