"""The Chrome trace says what the result says, in a form of which Perfetto drops nothing."""

import json
from collections import defaultdict
from dataclasses import replace
from itertools import pairwise
from typing import Any

from played import CASES, Played, played

from edgesim.report.trace import chrome_trace

Event = dict[str, Any]


def events(trace: dict[str, Any], phase: str, pid: int = 1) -> list[Event]:
    """Return the events of one phase of one process."""
    return [event for event in trace["traceEvents"] if event["ph"] == phase and event["pid"] == pid]


def perfetto_ns(us: float) -> int:
    """Read a time as Perfetto's importer does: in floating point, truncated."""
    return int(us * 1000.0)


def test_cases_cover_every_kind_and_lane() -> None:
    """The cases below show each kind of span, several loaders and the decompressor at least once."""
    spans = [span for keys in CASES.values() for span in played(**keys)[0].timeline.spans]
    assert {span.kind for span in spans} == {
        "load", "blocked", "held", "stall", "handoff", "decompress", "compute",
    }  # fmt: skip
    assert {"loader", "loader0", "loader2", "decompressor", "executor"} <= {span.lane for span in spans}


def test_slices_are_the_spans(case: Played) -> None:
    """Each span is one slice of the same lane, kind, layer, request, bytes and exact nanoseconds."""
    result, scenario = case
    trace = chrome_trace([(scenario, result)])
    names = {event["tid"]: event["args"]["name"] for event in events(trace, "M") if event["name"] == "thread_name"}
    found = [
        (
            slice_["args"]["request"], names[slice_["tid"]], slice_["cat"], slice_["args"]["layer"],
            perfetto_ns(slice_["ts"]), perfetto_ns(slice_["ts"]) + perfetto_ns(slice_["dur"]),
            slice_["args"].get("bytes", 0),
        )
        for slice_ in events(trace, "X")
    ]  # fmt: skip
    assert sorted(found) == sorted((span.request, *span[2:]) for span in result.timeline.spans)


def test_slices_on_a_track_never_overlap(case: Played) -> None:
    """Perfetto drops a slice that overlaps another by a single nanosecond after truncation; none does."""
    tracks: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for slice_ in events(chrome_trace([(case[1], case[0])]), "X"):
        start = perfetto_ns(slice_["ts"])
        tracks[slice_["tid"]].append((start, start + perfetto_ns(slice_["dur"])))
    assert tracks
    assert all(end <= start for track in tracks.values() for (_, end), (start, _) in pairwise(sorted(track)))


def test_every_nanosecond_survives_truncation() -> None:
    """A time such as 1001 ns, whose double of 1.001 us truncates to 1000 ns, still arrives whole."""
    result, scenario = played()
    assert perfetto_ns(1001 / 1000) == 1000
    shifted = [span._replace(start_ns=1001, end_ns=1003) for span in result.timeline.spans[:1]]
    odd = replace(result, timeline=replace(result.timeline, spans=(*shifted, *result.timeline.spans[1:])))
    first = next(event for event in events(chrome_trace([(scenario, odd)]), "X") if event["cat"] == shifted[0].kind)
    assert (perfetto_ns(first["ts"]), perfetto_ns(first["dur"])) == (1001, 2)
    assert round(first["ts"], 3) == 1.001


def test_loads_tell_their_bitwidths(case: Played) -> None:
    """The bitwidths of a request's loads, with what was resident, are those of the plan."""
    result, scenario = case
    slices = [event for event in events(chrome_trace([(scenario, result)]), "X") if event["cat"] == "load"]
    for number in range(scenario.workload.inferences):
        loaded: dict[str, int] = defaultdict(int)
        for slice_ in slices:
            if slice_["args"]["request"] == number:
                for bits, count in slice_["args"]["bitwidths"].items():
                    loaded[bits] += count
        cold = number == 0 and scenario.workload.start == "cold"
        kept = set() if cold else set(result.plan.retain if number else result.plan.preload)
        expected: dict[str, int] = defaultdict(int)
        for layer, shards, row in zip(result.plan.layers, result.plan.shards, result.plan.bitwidths, strict=True):
            for shard, bits in zip(shards, row, strict=True):
                expected[str(bits)] += (layer, shard) not in kept
        assert loaded == {bits: count for bits, count in expected.items() if count}


def test_names_say_kind_and_layer() -> None:
    """Work is named with its layer, a load of several layers with the first and the last, waiting without."""
    result, scenario = played("load_exec[bitwidth=2]")
    names = [event["name"] for event in events(chrome_trace([(scenario, result)]), "X")]
    layers = result.plan.layers
    assert f"load layers 0-{layers[-1]}" in names
    assert "stall" in names
    assert {f"{kind} layer {layer}" for kind in ("decompress", "compute") for layer in layers} <= set(names)
    waiting, scenario = played(**CASES["hand_offs"])
    named = {(event["name"], event["cat"]) for event in events(chrome_trace([(scenario, waiting)]), "X")}
    assert ("hand-off", "handoff") in named
    result, scenario = played("std_pipeline[bitwidth=2]")
    names = [event["name"] for event in events(chrome_trace([(scenario, result)]), "X")]
    assert {f"load layer {layer}" for layer in result.plan.layers} <= set(names)


def test_counters_peak_where_the_metrics_do(case: Played) -> None:
    """The maxima of the buffer counters are the metrics' peaks, and that of their sum is the peak without resident."""
    result, scenario = case
    levels = [event["args"] for event in events(chrome_trace([(scenario, result)]), "C")]
    metrics = result.metrics
    assert max(level["preload"] for level in levels) == metrics.preload_bytes
    assert max(level["load buffer"] for level in levels) == metrics.load_buffer_peak_bytes
    assert max(level["working"] for level in levels) == metrics.working_bytes
    assert max(sum(level.values()) for level in levels) == metrics.peak_memory_bytes - metrics.resident_bytes
    assert levels[-1]["load buffer"] == levels[-1]["working"] == 0


def test_every_request_has_its_target(case: Played) -> None:
    """An instant for the whole process marks arrival + target of each request."""
    result, scenario = case
    marks = events(chrome_trace([(scenario, result)]), "i")
    target = scenario.target_latency_ns
    assert [perfetto_ns(mark["ts"]) for mark in marks] == [
        request.arrival_ns + target for request in result.timeline.requests
    ]
    assert {(mark["s"], mark["name"]) for mark in marks} == {("p", f"target {target / 1e6:,.1f} ms")}


def test_tracks_are_named_and_ordered() -> None:
    """Loaders come first, then the decompressor, then the executor, numbered as they are sorted."""
    result, scenario = played(lanes=3, overlap=True)
    meta = events(chrome_trace([(scenario, result)]), "M")
    names = {event["tid"]: event["args"]["name"] for event in meta if event["name"] == "thread_name"}
    places = {event["tid"]: event["args"]["sort_index"] for event in meta if event["name"] == "thread_sort_index"}
    ordered = sorted(names, key=places.__getitem__)
    assert [names[tid] for tid in ordered] == ["loader0", "loader1", "loader2", "decompressor", "executor"]


def test_each_result_is_a_process() -> None:
    """Planners stand below one another in the order given, with tracks of their own."""
    (wrx, scenario), (resident, _) = played("wrx"), played("preload_model")
    trace = chrome_trace([(scenario, wrx), (scenario, resident)])
    for pid, planner in ((1, "wrx"), (2, "preload_model")):
        named = {event["name"]: event["args"] for event in events(trace, "M", pid)}
        assert named["process_name"] == {"name": f"case · {planner}"}
        assert named["process_sort_index"] == {"sort_index": pid}
        assert events(trace, "X", pid)
    alone = chrome_trace([(scenario, resident)])
    assert [event | {"pid": 1} for event in events(trace, "X", 2)] == events(alone, "X")


def test_events_are_sorted_after_the_names(case: Played) -> None:
    """Names come first, then everything by time."""
    trace = chrome_trace([(case[1], case[0])] * 2)
    phases = [event["ph"] for event in trace["traceEvents"]]
    timed = [event["ts"] for event in trace["traceEvents"] if event["ph"] != "M"]
    assert phases[: phases.count("M")] == ["M"] * phases.count("M")
    assert timed == sorted(timed)


def test_trace_is_plain_and_the_same_every_time(case: Played) -> None:
    """It survives JSON unchanged, says what it is, and is the same for the same results."""
    trace = chrome_trace([(case[1], case[0])])
    text = json.dumps(trace, allow_nan=False)
    assert json.loads(text) == trace
    assert text == json.dumps(chrome_trace([(case[1], case[0])]))
    assert trace["displayTimeUnit"] == "ms"
    assert trace["otherData"]["schema"] == "edgesim.trace/1"
    assert set(trace["otherData"]["scenarios"]) == {"case"}
    assert trace["otherData"]["scenarios"]["case"]["version"]
