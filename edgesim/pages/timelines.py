"""Timelines as a browser draws them: which lanes there are, what was read, what was promised, bytes over time."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from edgesim.cost import bits_of, stored_bytes
from edgesim.memory import MemoryStep, session_memory
from edgesim.pages.looks import KINDS, Look, look_of, look_of_bits
from edgesim.pages.packing import Packed, differences, packed_column
from edgesim.plans import Load
from edgesim.plot.lanes import shown_lanes
from edgesim.plot.timeline import MOST_REQUESTS
from edgesim.result import Result
from edgesim.scenario import Scenario
from edgesim.timeline import BESIDE, CLOCK, MEMORY, Span, Timeline
from edgesim.works import reads_of

_BUSY = 0.3
"""At first so many inferences are shown that this share of the time is spent on them."""


class Drawn(NamedTuple):
    """What a timeline needs beside its spans: data for the canvas, the looks that its legend lists, and other marks."""

    data: Packed
    legend: Sequence[Look]
    marks: str


def drawn(result: Result, scenario: Scenario) -> Drawn:
    """Return what is drawn of a result: a group of lanes for each app, and one for the device if it did more."""
    named = [(scenario.app, result, scenario)]
    named += [(asked.app, each, asked) for each, asked in zip(result.beside, scenario.apps.values(), strict=True)]
    bits = set[int]()
    groups: list[Packed] = []
    kills = [(span.app, span.start_ns) for span in result.timeline.spans if span.kind == "evicted"]
    for name, one, asked in named:
        killed = [ns for app, ns in kills if app == name]
        groups.append({"name": name if len(named) > 1 else ""} | _group(one, asked, killed))
        bits |= {width for load in groups[-1]["loads"] for width, *_ in load["bits"]}
    spans = [span for _, one, _ in named for span in one.timeline.spans]
    if others := [span for span in result.timeline.spans if span.request == BESIDE]:
        lanes = dict.fromkeys(span.lane if span.lane in (MEMORY, CLOCK) else span.app for span in others)
        groups.append({"name": scenario.device.name, "lanes": list(lanes), "beside": True})
    several = any(len(one.timeline.requests) > 1 for _, one, _ in named)
    marks = marks_of(targets=any(group.get("targets") for group in groups), questions=several)
    return Drawn({"groups": groups, "view": first_view(result, scenario)}, legend(spans, bits), marks)


def marks_of(*, targets: bool, questions: bool) -> str:
    """Say what is drawn across the lanes."""
    said = ["Violet dashes are targets"] * targets + ["dotted lines are questions"] * questions
    return f"{', '.join(said).capitalize()}." if said else ""


def legend(spans: Sequence[Span], bits: set[int]) -> list[Look]:
    """Return the looks of what there is, reads by their bitwidths where these are known."""
    there = {span.kind for span in spans}
    known = [look_of(kind) for kind in KINDS if kind in there and not (kind == "load" and bits)]
    slow = [look_of("step1")] if any(kind.startswith("step") for kind in there) else []
    return [look_of_bits(width) for width in sorted(bits)] + known + slow


def first_view(result: Result, scenario: Scenario) -> list[int]:
    """Return from when to when is shown at first [ns]: of the first inferences as many as are not far apart."""
    first, *others = result.timeline.requests[:MOST_REQUESTS]
    last, busy_ns = first, first.finish_ns - first.start_ns
    for request in others:
        busy_ns += request.finish_ns - request.start_ns
        if busy_ns > _BUSY * (request.finish_ns - first.arrival_ns):
            last = request
    until = max(last.finish_ns, first.finish_ns)
    target = last.arrival_ns + scenario.target_at(last.arrival_ns)
    if not last.token_ns and until < target < 2 * until - first.arrival_ns:  # one far away does not squeeze the rest
        until = target
    return [first.arrival_ns, first.arrival_ns + round(1.01 * (until - first.arrival_ns))]


def _group(result: Result, scenario: Scenario, killed_ns: Sequence[int]) -> Packed:
    own = Timeline(result.timeline.requests, tuple(s for s in result.timeline.spans if s.request != BESIDE))
    reads = _reads(own, result, scenario)
    table = {load: number for number, load in enumerate(dict.fromkeys(load for load in reads if load))}
    described = [_described(load, result, scenario) for load in table]
    return {
        "lanes": shown_lanes(own),
        "loads": described,
        "load": packed_column([-1 if load is None else table[load] for load in reads]) if reads else None,
        "targets": [] if scenario.generation else _targets(scenario),
        "memory": _memory(own, result, scenario, killed_ns),
        "always_held": result.metrics.resident_bytes,
    }


def _reads(timeline: Timeline, result: Result, scenario: Scenario) -> list[tuple[Load, int] | None]:
    """Return what each load span reads and by which plan, in order; None for replies, which read in many passes."""
    plans = {request.number: request.plan for request in timeline.requests if not request.token_ns}
    known = Timeline(timeline.requests, tuple(span for span in timeline.spans if span.request in plans))
    found = iter(list(reads_of(known, result.all_plans, scenario)))
    loads = (span for span in timeline.spans if span.kind == "load")
    return [(next(found)[1], plans[span.request]) if span.request in plans else None for span in loads]


def _described(read: tuple[Load, int], result: Result, scenario: Scenario) -> Packed:
    """Say which layers a load serves, and how many shards and bytes of each bitwidth it brings."""
    load, plan = read
    bits, shards, sizes = bits_of(result.all_plans[plan]), Counter[int](), Counter[int]()
    for shard in load.shards:
        shards[bits[shard]] += 1
        sizes[bits[shard]] += stored_bytes(scenario.model, shard, bits[shard])
    layers = sorted({layer for layer, _ in load.shards})
    return {"layers": layers, "bits": [[width, shards[width], sizes[width]] for width in sorted(shards)]}


def _targets(scenario: Scenario) -> list[list[int]]:
    """Return since when which target holds [ns]."""
    moments = [0, *(change.at for change in scenario.schedule)]
    return [[moment, scenario.target_at(moment)] for moment in moments]


def _memory(timeline: Timeline, result: Result, scenario: Scenario, killed_ns: Sequence[int]) -> Packed | None:
    """Return the bytes of each buffer over time as columns; who was killed has none until it starts anew."""
    steps = session_memory(timeline, result.all_plans, scenario)
    if not steps:
        return None
    known = {step.time_ns: step for step in steps}
    last = max(known)
    known |= {ns: MemoryStep(ns, 0, 0, 0) for ns in killed_ns if ns < last and ns not in known}
    return packed_steps([known[ns] for ns in sorted(known)])


def packed_steps(steps: Sequence[tuple[int, ...]]) -> Packed:
    """Return moments [ns], and from each on the bytes of some buffers, as columns of differences."""
    times, *levels = zip(*steps, strict=True)
    columns = [packed_column(differences(each)) for each in levels]
    return {"rows": len(steps), "time": packed_column(differences(times)), "levels": columns}


def first_spans(timelines: Sequence[tuple[str, Timeline]], most: int) -> Iterator[tuple[str, Span]]:
    """Yield the first spans of some timelines, by time, with the names of their timelines."""
    every = [(span.start_ns, span.end_ns, number, span) for number, (_, one) in enumerate(timelines)
             for span in one.spans]  # fmt: skip
    for *_, number, span in sorted(every)[:most]:
        yield timelines[number][0], span
