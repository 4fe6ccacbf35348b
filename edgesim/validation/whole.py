"""Whether a campaign that was read can be computed with: its works could be executed, its timelines are of them."""

from collections import Counter
from dataclasses import fields

from edgesim.rules import waits_for_itself
from edgesim.timeline import EXECUTOR, Timeline
from edgesim.validation.records import Campaign, Case
from edgesim.work import NEVER, Work

_DEEPEST = 20


def is_whole(campaign: Campaign) -> bool:
    """Tell whether nothing is missing, and nothing contradicts anything that the figures rest on."""
    return (
        0 < len(campaign.cases) == len(campaign.runs)
        and campaign.tolerance >= 0
        and _is_shallow(campaign.circumstances)
        and all(_is_right(case) for case in campaign.cases)
        and all(
            _is_of(run.timeline, case) and run.metrics.latency_ns == _latency_ns(run.timeline)
            for case, runs in zip(campaign.cases, campaign.runs, strict=True)
            for run in runs
        )
    )


def _is_shallow(value: object, levels: int = _DEEPEST) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels > 0 and all(_is_shallow(item, levels - 1) for item in inner)


def _is_right(case: Case) -> bool:
    return (
        all(_is_executable(work, case.load_buffer_bytes) for work in case.works)
        and _is_of(case.simulated, case)
        and case.metrics.latency_ns == _latency_ns(case.simulated)
    )


def _latency_ns(timeline: Timeline) -> int:
    return timeline.requests[0].finish_ns - timeline.requests[0].arrival_ns


def _is_executable(work: Work, room: int | None) -> bool:
    """Tell whether the recurrence has an answer."""
    loads, layers = len(work.load_layers), len(work.compute_ns)
    times = [getattr(work, item.name) for item in fields(work) if item.name.endswith("_ns") and item.name != "load_ns"]
    by_load, by_layer = (work.buffer_bytes, *work.load_ns), (work.freed_bytes, *filter(_is_row, times))
    single = [time for time in times if not _is_row(time)]
    quantities = (quantity for row in (*by_load, *by_layer, single) for quantity in row)
    return (
        layers > 0
        and len(work.load_ns) > 0
        and all(len(row) == loads for row in (work.after, *by_load))
        and all(len(row) == layers for row in by_layer)
        and min(room or 0, *quantities) >= 0
        and all(served and min(served) >= 0 and max(served) < layers for served in work.load_layers)
        and all(NEVER <= after < layers for after in work.after)
        and next(waits_for_itself(work, room), None) is None
    )


def _is_row(value: object) -> bool:
    return isinstance(value, tuple)


def _is_of(timeline: Timeline, case: Case) -> bool:
    """Tell whether a timeline has the loads and layers of a case's session, and time runs forward in it."""
    asked, wanted = len(case.simulated.requests), Counter[tuple[int, str]]()
    for number in range(asked):
        work = case.works[number > 0]
        wanted += Counter({(number, "load"): len(work.load_layers), (number, "compute"): len(work.compute_ns)})
    kinds = ("load", "compute")
    return (
        0 < asked == len(timeline.requests)
        and all(0 <= request.arrival_ns <= request.start_ns < request.finish_ns for request in timeline.requests)
        and all(0 <= span.start_ns < span.end_ns and 0 <= span.request < asked for span in timeline.spans)
        and Counter((span.request, span.kind) for span in timeline.spans if span.kind in kinds) == wanted
        and _layers(timeline) == _layers(case.simulated)
        and [span.request for span in timeline.spans] == sorted(span.request for span in timeline.spans)
    )


def _layers(timeline: Timeline) -> set[tuple[int, int]]:
    kinds = ("decompress", "copy", "compute")
    return {(span.request, span.layer) for span in timeline.spans if span.lane == EXECUTOR and span.kind in kinds}
