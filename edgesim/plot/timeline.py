"""One result, inference by inference: its lanes over time, and below them the memory it needs."""

from typing import TYPE_CHECKING, Any

from edgesim.memory import session_memory
from edgesim.metrics import promised_ns
from edgesim.plot.head import beside, fitting, keep_fitting, name_and_planner
from edgesim.plot.lanes import draw_lanes
from edgesim.plot.look import BUFFERS, FAINT, HALO, INK, LARGE, NORMAL, SMALL, TARGET, draw_legend, tidy
from edgesim.result import Result
from edgesim.scenario import Scenario
from edgesim.timeline import BESIDE, MEMORY, Request, Span, Timeline
from edgesim.units import show_bytes, show_ns

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_REQUESTS = 8
"""So many inferences of a session are drawn."""


def gantt(result: Result, scenario: Scenario, axes: "Axes", memory_axes: "Axes") -> None:
    """Draw what happened on each lane, and below it the bytes of each buffer.

    Parameters
    ----------
    result, scenario
        What to draw; of a session the first `MOST_REQUESTS` inferences of the scenario's own app, from the first
        question on, and below them who else used the storage meanwhile.
    axes, memory_axes
        Where to draw lanes and buffers. A time axis that was set before is kept. Legends stand to the right, where a
        figure with ``layout="constrained"`` makes room.
    """
    drawn = first_requests(result)
    if axes.get_autoscalex_on():
        axes.set_xlim(0, end_ns(drawn, scenario) / 1e6)
    memory_axes.set_xlim(axes.get_xlim())
    draw_lanes(drawn, result, scenario, axes)
    draw_memory(drawn, result, scenario, memory_axes)
    targets = _targets(result, scenario, drawn)
    _draw_targets(drawn, targets, result.metrics.target_latency_ns, (axes, memory_axes))
    _title(result, scenario, drawn, axes)
    axes.tick_params(labelbottom=False, left=False)
    since = "after the first question " if result.timeline.requests[0].arrival_ns else ""
    memory_axes.set_xlabel(f"time {since}[ms]", fontsize=NORMAL, color=INK)
    for each in (axes, memory_axes):
        tidy(each)


def _title(result: Result, scenario: Scenario, drawn: Timeline, axes: "Axes") -> None:
    """Write what was asked above the lanes, and below that what came of it."""
    look: dict[str, Any] = {"color": INK, "parse_math": False}
    session, facts = _session(result, drawn), _facts(result)
    axes.set_title(session, loc="right", pad=17, fontsize=NORMAL, **look)
    room = beside(session)
    above = axes.set_title("", loc="left", pad=17, fontsize=LARGE, fontweight="bold", **look)
    keep_fitting(axes, above, lambda wide: name_and_planner(scenario.name, result.planner, wide - room))
    below = axes.annotate("", (0, 1), (0, 6), "axes fraction", "offset points", fontsize=NORMAL, **look)
    keep_fitting(axes, below, lambda wide: fitting(facts, NORMAL, wide))


def first_requests(result: Result) -> Timeline:
    """Return what is drawn: the first inferences, from the question on, and what went on beside on the storage."""
    requests = result.timeline.requests[:MOST_REQUESTS]
    numbers = {request.number for request in requests}
    since, until = requests[0].arrival_ns, max(request.finish_ns for request in requests)
    spans = [_later(span, -since) for span in result.timeline.spans if span.request in numbers]
    for span in result.timeline.spans:
        if span.request == BESIDE and span.lane != MEMORY and since < span.end_ns and span.start_ns < until:
            inside = span._replace(start_ns=max(since, span.start_ns), end_ns=min(until, span.end_ns), lane=span.app)
            spans.append(_later(inside, -since))
    return Timeline(tuple(_asked_later(request, -since) for request in requests), tuple(spans))


def _later(span: Span, ns: int) -> Span:
    return span._replace(start_ns=span.start_ns + ns, end_ns=span.end_ns + ns) if ns else span


def _asked_later(request: Request, ns: int) -> Request:
    arrival, start, finish = (time + ns for time in request[:3])
    tokens = tuple(time + ns for time in request.token_ns)
    return request._replace(arrival_ns=arrival, start_ns=start, finish_ns=finish, token_ns=tokens)


def end_ns(drawn: Timeline, scenario: Scenario) -> float:
    """Return where the time axis ends; a target far away does not squeeze what happened."""
    last = max(request.finish_ns for request in drawn.requests)
    if drawn.requests[-1].token_ns:
        return 1.01 * last
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


def _targets(result: Result, scenario: Scenario, drawn: Timeline) -> list[int]:
    """Return when each answer was promised; the target of a reply is of its tokens, and stands nowhere."""
    asked = zip(result.timeline.requests, drawn.requests, strict=False)
    return [one.arrival_ns + scenario.target_at(true.arrival_ns) for true, one in asked if not one.token_ns]


def _draw_targets(drawn: Timeline, targets_ns: list[int], target_ns: int, both: "tuple[Axes, Axes]") -> None:
    for axes in both:
        for ns in targets_ns:
            axes.axvline(ns / 1e6, color=TARGET, linewidth=1, linestyle=(0, (4, 2)))
        for request in drawn.requests[1:]:
            axes.axvline(request.arrival_ns / 1e6, color=FAINT, linewidth=0.7, linestyle=":")
    if not targets_ns:
        return
    (start, end), first = both[0].get_xlim(), targets_ns[0] / 1e6
    text = f"target {show_ns(target_ns)}" + (" \N{RIGHTWARDS ARROW}" if first > end else "")
    side, offset = ("right", -3) if first > start + 0.85 * (end - start) else ("left", 3)
    both[0].annotate(text, (min(first, end), 1), (offset, -2), ("data", "axes fraction"), "offset points",
                     size=SMALL + 0.5, color=TARGET, ha=side, va="top", bbox=HALO)  # fmt: skip


def _facts(result: Result) -> str:
    metrics, plan, first = result.metrics, result.plan, result.timeline.requests[0]
    late = (promised_ns(first) if first.token_ns else metrics.latency_ns) - metrics.target_latency_ns
    several = result.service is not None and result.service.inferences > 1
    facts = (
        f"{'first ' if several else ''}latency {show_ns(metrics.latency_ns)}",
        f"target missed by {show_ns(late)}{' a token' * bool(first.token_ns)}" if late > 0 else "target met",
        "fidelity unknown" if metrics.fidelity is None else f"fidelity {metrics.fidelity:.4f}",
        f"{len(plan.layers)} x {len(plan.shards[0])} shards",
        f"{result.model} on {result.device}, {result.processor}",
    )
    return "  ·  ".join(facts)


def _session(result: Result, drawn: Timeline) -> str:
    service, shown = result.service, len(drawn.requests)
    inferences = service.inferences if service else len(result.requests)
    if inferences == 1:
        return ""
    first = f"first {shown} of " if shown < inferences else ""
    lost = " (the others cannot be drawn: their timelines were not kept)" if len(result.requests) == 1 else ""
    return f"{first}{inferences:,} inferences{lost}, {result.metrics.target_met_fraction:.0%} meet the target"
