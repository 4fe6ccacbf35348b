"""Results as a Chrome trace, which https://ui.perfetto.dev and chrome://tracing open.

Source: "Trace Event Format", N. Duca and D. Sinclair, Google 2016: JSON object form, times in microseconds.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Any

from edgesim.cost import bits_of
from edgesim.memory import session_memory
from edgesim.provenance import provenance
from edgesim.result import Result
from edgesim.scenario import Scenario
from edgesim.timeline import Span, Timeline
from edgesim.units import show_ns
from edgesim.works import reads_of

SCHEMA = "edgesim.trace/1"
Event = dict[str, Any]
_ANY_TID = 1  # what belongs to a process still names a thread; an unused one would show as an empty track


def chrome_trace(done: Sequence[tuple[Scenario, Result]]) -> dict[str, Any]:
    """Turn results into one trace, ready for JSON.

    Parameters
    ----------
    done
        Each result, with its scenario, becomes a process: a thread for every lane, a counter of its buffers and a
        mark at every target.

    Returns
    -------
    dict
        Names first, then all events by time.
    """
    names: list[Event] = []
    events: list[Event] = []
    for pid, (scenario, result) in enumerate(done, 1):
        tids = {lane: tid for tid, lane in enumerate(result.timeline.lanes(), 1)}
        names += _names(pid, f"{scenario.name} · {result.planner}", tids)
        events += [*_slices(pid, tids, result, scenario), *_memory(pid, result, scenario)]
        events += _targets(pid, result.timeline, scenario.target_latency_ns)
    return {
        "traceEvents": names + sorted(events, key=itemgetter("ts")),
        "displayTimeUnit": "ms",
        "otherData": {"schema": SCHEMA, "scenarios": {scenario.name: provenance(scenario) for scenario, _ in done}},
    }


def timelines_trace(named: Sequence[tuple[str, Timeline]], other: dict[str, Any]) -> dict[str, Any]:
    """Turn timelines into one trace, ready for JSON: each is a process with a thread for every lane.

    Parameters
    ----------
    named
        Timelines with the names that they are to have.
    other
        What else the file is to say.
    """
    names: list[Event] = []
    events: list[Event] = []
    for pid, (name, timeline) in enumerate(named, 1):
        tids = {lane: tid for tid, lane in enumerate(timeline.lanes(), 1)}
        names += _names(pid, name, tids)
        sizes = [{"bytes": span.bytes} if span.kind == "load" else {} for span in timeline.spans]
        events += [
            _slice(pid, tids, span, [span.layer], size) for span, size in zip(timeline.spans, sizes, strict=True)
        ]
    return {
        "traceEvents": names + sorted(events, key=itemgetter("ts")),
        "displayTimeUnit": "ms",
        "otherData": {"schema": SCHEMA} | other,
    }


def _us(ns: int) -> float:
    """Return a time [us] that a reader which truncates it to nanoseconds, as Perfetto does, gets back exactly.

    Off by one nanosecond, two neighbours would overlap, and Perfetto drops such slices.
    """
    us = ns / 1000
    return us if int(us * 1000) == ns else math.nextafter(us, math.inf)


def _names(pid: int, process: str, tids: dict[str, int]) -> Iterator[Event]:
    yield _name("process_name", pid, _ANY_TID, name=process)
    yield _name("process_sort_index", pid, _ANY_TID, sort_index=pid)
    for lane, tid in tids.items():
        yield _name("thread_name", pid, tid, name=lane)
        yield _name("thread_sort_index", pid, tid, sort_index=tid)


def _name(what: str, pid: int, tid: int, **args: object) -> Event:
    return {"ph": "M", "name": what, "pid": pid, "tid": tid, "args": args}


def _slices(pid: int, tids: dict[str, int], result: Result, scenario: Scenario) -> Iterator[Event]:
    bits = bits_of(result.plan)
    loads = dict(reads_of(result.timeline, result.all_plans, scenario))
    for span in result.timeline.spans:
        load = loads.get(span)
        layers = sorted({layer for layer, _ in load.shards}) if load else [span.layer]
        more: Event = {}
        if load:
            shards = Counter(bits[shard] for shard in load.shards)
            more = {"bytes": span.bytes, "bitwidths": {str(width): shards[width] for width in sorted(shards)}}
        yield _slice(pid, tids, span, layers, more)


def _slice(pid: int, tids: dict[str, int], span: Span, layers: Sequence[int], more: Event) -> Event:
    return {
        "ph": "X",
        "name": _title(span.kind, layers),
        "cat": span.kind,
        "pid": pid,
        "tid": tids[span.lane],
        "ts": _us(span.start_ns),
        "dur": _us(span.end_ns - span.start_ns),
        "args": {"layer": span.layer, "request": span.request} | more,
    }


def _title(kind: str, layers: Sequence[int]) -> str:
    if kind not in ("load", "decompress", "copy", "compute"):
        return "hand-off" if kind == "handoff" else kind
    return f"{kind} layer {layers[0]}" if len(layers) == 1 else f"{kind} layers {layers[0]}-{layers[-1]}"


def _memory(pid: int, result: Result, scenario: Scenario) -> Iterator[Event]:
    steps = session_memory(result.timeline, result.all_plans, scenario)
    for time_ns, *levels in {step.time_ns: step for step in steps}.values():
        held = dict(zip(("preload", "load buffer", "working"), levels, strict=True))
        yield {"ph": "C", "name": "memory [bytes]", "pid": pid, "tid": _ANY_TID, "ts": _us(time_ns), "args": held}


def _targets(pid: int, timeline: Timeline, target_ns: int) -> Iterator[Event]:
    for request in timeline.requests:
        at = _us(request.arrival_ns + target_ns)
        yield {"ph": "i", "s": "p", "name": f"target {show_ns(target_ns)}", "pid": pid, "tid": _ANY_TID, "ts": at}
