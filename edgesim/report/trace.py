"""Results as a Chrome trace, which https://ui.perfetto.dev and chrome://tracing open.

Source: "Trace Event Format", N. Duca and D. Sinclair, Google 2016: JSON object form, times in microseconds.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any

from edgesim.cost import bits_of
from edgesim.memory import session_memory
from edgesim.provenance import provenance
from edgesim.result import Result
from edgesim.scenario import Scenario
from edgesim.timeline import BESIDE, MEMORY, Span, Timeline
from edgesim.units import show_ns
from edgesim.works import reads_of

SCHEMA = "edgesim.trace/1"
Event = dict[str, Any]
App = tuple[Result, Scenario]
"""What came back for an app, and what was asked for."""
_ANY_TID = 1  # what belongs to a process still names a thread; an unused one would show as an empty track


def chrome_trace(done: Sequence[tuple[Scenario, Result]]) -> dict[str, Any]:
    """Turn results into one trace, ready for JSON.

    Parameters
    ----------
    done
        Each result, with its scenario, becomes a process: a thread for every lane, a counter of its buffers and a
        mark at every target. The other apps of a session are processes as well, and so is the device: a thread for
        everybody else who uses its storage, and marks where memory changes hands.

    Returns
    -------
    dict
        Names first, then all events by time.
    """
    names: list[Event] = []
    events: list[Event] = []
    for pid, (name, timeline, app) in enumerate(chain.from_iterable(_processes(*each) for each in done), 1):
        tids = _threads(timeline)
        names += _names(pid, name, tids)
        events += _of_app(pid, tids, timeline, app) if app else _of_device(pid, tids, timeline)
    return {
        "traceEvents": names + sorted(events, key=itemgetter("ts")),
        "displayTimeUnit": "ms",
        "otherData": {"schema": SCHEMA, "scenarios": {scenario.name: provenance(scenario) for scenario, _ in done}},
    }


def _processes(scenario: Scenario, result: Result) -> Iterator[tuple[str, Timeline, App | None]]:
    """Yield a name and a timeline for each app, with what was executed, and for the device if it did more."""
    beside = [(f" · {app.scenario}", app, asked) for app, asked in _beside(result, scenario)]
    whose = f" · {scenario.app}" if beside else ""
    for name, one, asked in [(whose, result, scenario), *beside]:
        spans = tuple(span for span in one.timeline.spans if span.request != BESIDE)
        yield f"{scenario.name}{name} · {one.planner}", Timeline(one.timeline.requests, spans), (one, asked)
    if others := tuple(span for span in result.timeline.spans if span.request == BESIDE):
        yield f"{scenario.name} · {scenario.device.name}", Timeline((), others), None


def _beside(result: Result, scenario: Scenario) -> Iterator[App]:
    yield from zip(result.beside, scenario.apps.values(), strict=True)


def _threads(timeline: Timeline) -> dict[str, int]:
    """Give each lane a number; what happens beside has a thread for each who does it, and one for memory."""
    found = timeline.lanes() if timeline.requests else list(dict.fromkeys(map(_lane, timeline.spans)))
    return {lane: tid for tid, lane in enumerate(found, 1)}


def _lane(span: Span) -> str:
    return span.lane if span.request != BESIDE or span.lane == MEMORY else span.app


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


def _of_app(pid: int, tids: dict[str, int], timeline: Timeline, app: App) -> Iterator[Event]:
    result, scenario = app
    yield from _slices(pid, tids, timeline, app)
    yield from _memory(pid, timeline, result, scenario)
    yield from _targets(pid, timeline, scenario)


def _of_device(pid: int, tids: dict[str, int], timeline: Timeline) -> Iterator[Event]:
    for span in timeline.spans:
        if span.lane == MEMORY:
            name, more = f"{span.app} {span.kind}", {"bytes": span.bytes}
            ts = _us(span.start_ns)
            yield {"ph": "i", "s": "t", "name": name, "pid": pid, "tid": tids[MEMORY], "ts": ts, "args": more}
        else:
            yield _slice(pid, tids, span, [], {"bytes": span.bytes} if span.bytes else {})


def _slices(pid: int, tids: dict[str, int], timeline: Timeline, app: App) -> Iterator[Event]:
    """Yield a slice for each span; those of loads say what was read, unless they belong to a reply of many passes."""
    result, scenario = app
    bits = [bits_of(plan) for plan in result.all_plans]
    plans = {request.number: request.plan for request in timeline.requests if not request.token_ns}
    known = Timeline(timeline.requests, tuple(span for span in timeline.spans if span.request in plans))
    loads = dict(reads_of(known, result.all_plans, scenario))
    for span in timeline.spans:
        load = loads.get(span)
        more: Event = {"bytes": span.bytes} if span.bytes else {}
        layers = sorted({layer for layer, _ in load.shards}) if load else [span.layer]
        if load:
            shards = Counter(bits[plans[span.request]][shard] for shard in load.shards)
            more["bitwidths"] = {str(width): shards[width] for width in sorted(shards)}
        yield _slice(pid, tids, span, layers, more)


def _slice(pid: int, tids: dict[str, int], span: Span, layers: Sequence[int], more: Event) -> Event:
    return {
        "ph": "X",
        "name": _title(span.kind, layers),
        "cat": span.kind,
        "pid": pid,
        "tid": tids[_lane(span)],
        "ts": _us(span.start_ns),
        "dur": _us(span.end_ns - span.start_ns),
        "args": ({"layer": span.layer, "request": span.request} if layers else {}) | more,
    }


def _title(kind: str, layers: Sequence[int]) -> str:
    if kind not in ("load", "decompress", "copy", "compute"):
        return "hand-off" if kind == "handoff" else kind
    return f"{kind} layer {layers[0]}" if len(layers) == 1 else f"{kind} layers {layers[0]}-{layers[-1]}"


def _memory(pid: int, timeline: Timeline, result: Result, scenario: Scenario) -> Iterator[Event]:
    steps = session_memory(timeline, result.all_plans, scenario)
    for time_ns, *levels in {step.time_ns: step for step in steps}.values():
        held = dict(zip(("preload", "load buffer", "working"), levels, strict=True))
        yield {"ph": "C", "name": "memory [bytes]", "pid": pid, "tid": _ANY_TID, "ts": _us(time_ns), "args": held}


def _targets(pid: int, timeline: Timeline, scenario: Scenario) -> Iterator[Event]:
    for request in (one for one in timeline.requests if not one.token_ns):  # that of a reply is of its tokens
        target_ns = scenario.target_at(request.arrival_ns)
        at, name = _us(request.arrival_ns + target_ns), f"target {show_ns(target_ns)}"
        yield {"ph": "i", "s": "p", "name": name, "pid": pid, "tid": _ANY_TID, "ts": at}
