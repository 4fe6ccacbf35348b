"""What happened, one row a lane."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from edgesim.cost import bits_of, stored_bytes
from edgesim.plans import Load
from edgesim.plot.look import FAINT, HALO, INK, LOAD, LOOKS, REPLY, SLOW, SMALL, draw_bars, draw_legend, points_of
from edgesim.result import Result
from edgesim.scenario import Scenario
from edgesim.timeline import BESIDE, CLOCK, LOADER, READS, Span, Timeline
from edgesim.works import reads_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Bars = dict[tuple[str, str], list[tuple[float, float]]]
"""Start and width of bars [ms] by lane and label."""


def shown_lanes(drawn: Timeline) -> list[str]:
    """Return the lanes from top to bottom, others' below; a loader that has nothing to do is shown idle."""
    beside = dict.fromkeys(span.lane for span in drawn.spans if span.request == BESIDE)
    found = [lane for lane in drawn.lanes() if lane not in {CLOCK, *beside}]
    slowed = [CLOCK] if any(span.lane == CLOCK for span in drawn.spans) else []
    return [*([] if found[0].startswith(LOADER) else [LOADER]), *found, *slowed, *beside]


def draw_lanes(drawn: Timeline, result: Result, scenario: Scenario, axes: "Axes") -> None:
    """Draw every span, loads divided among the bitwidths that they bring."""
    rows = {lane: row for row, lane in enumerate(shown_lanes(drawn))}
    axes.set_yticks(range(len(rows)), list(rows))
    axes.set_ylim(len(rows) - 0.5, -1.1)
    reads = _reads(drawn, result, scenario)
    bars = _bars(drawn, reads, result, scenario)
    for label, look in LOOKS.items():
        lined: dict[str, Any] = {"linewidth": _edge_points(drawn, axes), "label": label} | look
        for lane in (lane for lane in rows if (lane, label) in bars):
            draw_bars(axes, bars[lane, label], (rows[lane] - 0.3, 0.6), **lined)
    if not any(span.kind in READS for span in drawn.spans):
        axes.text(0.005, 0, "nothing to load", transform=axes.get_yaxis_transform(), size=SMALL, color=FAINT)
    _number_layers(drawn, reads, rows, axes)
    draw_legend(axes)


def lane_bars(drawn: Timeline, result: Result, scenario: Scenario) -> Bars:
    """Return what `draw_lanes` draws: one bar a span, loads divided among the bitwidths that they bring."""
    return _bars(drawn, _reads(drawn, result, scenario), result, scenario)


def _reads(drawn: Timeline, result: Result, scenario: Scenario) -> list[tuple[Span, Load]]:
    """Return the loads with what they read; a reply reads in many passes, and that is not told apart."""
    plain = {request.number for request in drawn.requests if not request.token_ns}
    spans = tuple(span for span in drawn.spans if span.request in plain)
    return list(reads_of(Timeline(drawn.requests, spans), result.all_plans, scenario))


def _edge_points(drawn: Timeline, axes: "Axes") -> float:
    """Width of the white lines between bars [points]; none where they would wash out the bars."""
    fits = 0.1 * _points(axes, axes.get_xlim()[1]) / len(drawn.spans)
    return min(0.7, fits) if fits > 0.2 else 0.0


def _bars(drawn: Timeline, reads: Sequence[tuple[Span, Load]], result: Result, scenario: Scenario) -> Bars:
    """Return one bar a span, and divide each load among the bitwidths it brings, in proportion to their bytes."""
    bars, every = Bars(), [bits_of(plan) for plan in result.all_plans]
    plans = {request.number: request.plan for request in drawn.requests}
    known = {span for span, _ in reads}
    for span in drawn.spans:
        label = SLOW if span.lane == CLOCK else REPLY if span.kind == "load" and span not in known else span.kind
        bars.setdefault((span.lane, label), []).append((span.start_ns / 1e6, (span.end_ns - span.start_ns) / 1e6))
    for span, load in reads:
        bits = every[plans[span.request]]
        sizes = Counter[int]()
        for shard in load.shards:
            sizes[bits[shard]] += stored_bytes(scenario.model, shard, bits[shard])
        start, ms_per_byte = span.start_ns / 1e6, (span.end_ns - span.start_ns) / 1e6 / sizes.total()
        for width, n_bytes in sorted(sizes.items()):
            bars.setdefault((span.lane, LOAD(width)), []).append((start, n_bytes * ms_per_byte))
            start += n_bytes * ms_per_byte
    return bars


def _points(axes: "Axes", ms: float) -> float:
    """Width of some time on paper [points]."""
    start, end = axes.get_xlim()
    return points_of(axes)[0] * ms / (end - start)


def _number_layers(drawn: Timeline, reads: Sequence[tuple[Span, Load]], rows: dict[str, int], axes: "Axes") -> None:
    """Write the layer into every computation, and above every run of loads that serves it, where there is room."""
    for span in drawn.spans:
        if span.kind == "compute":
            _write(axes, str(span.layer), (span.start_ns, span.end_ns), rows[span.lane], color=INK)
    in_turn = sorted(reads, key=lambda read: read[0][:3])  # request, app, lane; the order of issue within
    for (*_, lane, text), run in groupby(in_turn, key=lambda read: (*read[0][:3], _layers(read[1]))):
        spans = [span for span, _ in run]
        _write(axes, text, (spans[0].start_ns, spans[-1].end_ns), rows[lane] - 0.48, color=FAINT, bbox=HALO)


def _write(axes: "Axes", text: str, between_ns: tuple[int, int], row: float, **look: Any) -> None:  # noqa: ANN401
    start, end = (time / 1e6 for time in between_ns)
    if _points(axes, end - start) > SMALL * (0.62 * len(text) + 0.4):
        axes.text((start + end) / 2, row, text, size=SMALL, ha="center", va="center_baseline", clip_on=True, **look)


def _layers(load: Load) -> str:
    layers = [layer for layer, _ in load.shards]
    return f"{min(layers)}" if min(layers) == max(layers) else f"{min(layers)} to {max(layers)}"
