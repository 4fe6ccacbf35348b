"""The trace of a session has a process for each app and one for the device, and Perfetto drops nothing of it."""

from collections import defaultdict
from itertools import pairwise
from typing import Any

from days import day

from edgesim.report.trace import chrome_trace

Event = dict[str, Any]


def processes(trace: dict[str, Any]) -> dict[str, list[Event]]:
    """Return the events that are no names, by the name of their process."""
    names = {event["pid"]: event["args"]["name"] for event in trace["traceEvents"] if event["name"] == "process_name"}
    found: dict[str, list[Event]] = {name: [] for name in names.values()}
    for event in trace["traceEvents"]:
        if event["ph"] != "M":
            found[names[event["pid"]]].append(event)
    return found


def test_each_app_is_a_process_of_the_trace() -> None:
    """Every span of every app is a slice of its process; what happens beside is in the device's."""
    result, scenario = day()
    found = processes(chrome_trace([(scenario, result)]))
    keyboard, assistant, device = found
    assert (keyboard, assistant) == ("quickstart · keyboard · wrx", "quickstart · assistant · std_pipeline")
    assert device == "quickstart · odroid-n2plus"
    own = [span for span in result.timeline.spans if span.request >= 0]
    others = [span for span in result.timeline.spans if span.request < 0]
    for name, spans in ((keyboard, own), (assistant, result.beside[0].timeline.spans)):
        assert sum(event["ph"] == "X" for event in found[name]) == len(spans)
    instants = [event["name"] for event in found[device] if event["ph"] == "i"]
    assert len(instants) == sum(span.lane == "memory" for span in others)
    assert "keyboard evicted" in instants
    slices = [event["cat"] for event in found[device] if event["ph"] == "X"]
    assert set(slices) == {"read", "write", "gc"}
    assert len(slices) + len(instants) == len(others)


def test_slices_of_a_session_never_overlap() -> None:
    """Apps that wait for the same storage at the same time do so on threads of their own."""
    result, scenario = day()
    tracks: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for event in chrome_trace([(scenario, result)])["traceEvents"]:
        if event["ph"] == "X":
            start = int(event["ts"] * 1000)
            tracks[event["pid"], event["tid"]].append((start, start + int(event["dur"] * 1000)))
    assert len(tracks) >= 7
    assert all(end <= start for track in tracks.values() for (_, end), (start, _) in pairwise(sorted(track)))
