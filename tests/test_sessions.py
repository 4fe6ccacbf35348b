"""Apps that share a board: nothing changes for who is alone, and what always holds for those who are not."""

from collections.abc import Sequence
from functools import reduce
from itertools import pairwise
from random import Random
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st
from queueing import check_laws
from sessions import (
    FAR,
    NEVER,
    READER,
    app,
    board,
    conserved,
    most_at_once,
    of,
    play,
    services,
    spans,
    took_ns,
    workload,
)
from strategies import SEEDS, Case, legal_cases, made_legal, plans, scenarios

from edgesim.session import Beside
from edgesim.testing.draws import random_model, scenario_of
from edgesim.timeline import EXECUTOR, LOADER, Timeline
from edgesim.workload import Workload

# --- who shares a board, but never meets another, is served as without it

POLICIES = st.sampled_from(["fifo", "priority"])


@settings(max_examples=1200)
@given(legal_cases(), st.sets(st.sampled_from(sorted(NEVER)), max_size=2), st.booleans(), POLICIES)
def test_sharing_with_nobody_changes_nothing(case: Case, sections: set[str], beside: bool, policy: str) -> None:
    """Spans and times are those of the plain path, loads in the same order, which is the recurrence's."""
    (scenario, _), given = case, reduce(lambda a, b: a | b, (NEVER[name] for name in sections), {})
    late = [app("late", case, workload(kind="trace", values=[(FAR, 0)]))] if beside or not sections else []
    shared = board(given if sections else None, storage=policy, processor=policy)
    plain, found = play(scenario.device, [app("app", case)]), play(scenario.device, [app("app", case), *late], shared)
    for before, after in zip(plain, of(found, "app"), strict=True):
        assert after.requests == before.requests
        assert sorted(after.spans) == sorted(before.spans)
        assert [span for span in after.spans if span.kind == "load"] == [
            span for span in before.spans if span.kind == "load"
        ]


# --- who meets others


class Played(NamedTuple):
    """Two or three apps, what disturbed them, and what happened."""

    apps: Sequence[Beside]
    lanes: int
    parts: Sequence[Timeline]


BURSTS = {"kind": "engagements", "inferences": [1, 3], "engagements": 3, "think_time": "50 ns"}
WORKLOADS: list[dict[str, Any]] = [
    {"inferences": 4},
    {"kind": "multi_stream", "queries": 2, "samples": 2},
    {"kind": "server", "rate": "1e6 /s", "inferences": 5},
    {"kind": "server", "rate": "3e6 /s", "duration": "3000 ns", "start": "cold"},
    {"kind": "offline", "inferences": 4},
    {"kind": "trace", "values": [(0, 0), (0, 0), (300, 1), (900, 2)]},
    BURSTS | {"gap": {"exponential": "800 ns"}},
]
BUSY: list[dict[str, Any] | None] = [
    None,
    {"background_io": [READER | {"gap": {"exponential": "400 ns"}}],
     "io_jitter": {"quantiles": {0.1: 0.5, 0.5: 1, 1: 9}}},
    {"contention": {"share": "50 %", "active": "200 ns", "idle": {"uniform": ["100 ns", "500 ns"]}},
     "compute_jitter": {"quantiles": {0: 0.7, 0.5: 1, 0.9: 2}}},
]  # fmt: skip


@st.composite
def sessions(draw: st.DrawFn, storage: str = "fifo", processor: str = "fifo") -> Played:
    """Draw apps with plans of their own on one device, who ask in any way, and play them."""
    scenario, random = draw(scenarios()), Random(draw(SEEDS))
    cases = [made_legal(*_ample(scenario, draw(plans(scenario))))]
    for _ in range(random.choice([1, 1, 2])):
        model = random_model(random, random.randint(1, 6), scenario.model.shards_per_layer)
        other = scenario_of(random, model, scenario.device, 3)
        cases.append(made_legal(*_ample(other, draw(plans(other)))))
    apps = [
        app(f"app{number}", case, _any(random), priority=-number, processor="cpu") for number, case in enumerate(cases)
    ]
    disturbed = random.choice(BUSY)
    shared = board(disturbed, random.randrange(9), storage=storage, processor=processor)
    return Played(apps, scenario.device.storage.lanes, play(scenario.device, apps, shared))


def _ample(scenario: Any, plan: Any) -> Case:  # noqa: ANN401
    return scenario.model_copy(update={"preload_bytes": 10**6}), plan


def _any(random: Random) -> Workload:
    return workload(**random.choice(WORKLOADS))


@settings(max_examples=300)
@given(sessions())
def test_lanes_serve_one_at_a_time(played: Played) -> None:
    """Not more reads than lanes are in service at once, whoever's they are, and one layer on a processor."""
    assert most_at_once(list(services(played.parts, LOADER))) <= played.lanes
    assert most_at_once(list(services(played.parts, EXECUTOR))) <= 1


@settings(max_examples=300)
@given(sessions())
def test_an_executor_queues_stalls_or_computes(played: Played) -> None:
    """From the start of an inference to its answer, with nothing between; before it, the question waits its turn.

    So latency = queueing + queued for the processor + stall + busy, exactly.
    """
    for each in played.apps:
        before = 0
        for part in of(played.parts, each.session.app):
            (request,) = part.requests
            row = [span for span in part.spans if span.lane == EXECUTOR]
            assert request.start_ns == max(request.arrival_ns, before) == row[0].start_ns
            assert all(left.end_ns == right.start_ns for left, right in pairwise(row))
            assert row[-1].end_ns == request.finish_ns
            assert {span.kind for span in row} <= {"queued", "stall", "handoff", "decompress", "compute"}
            assert request.finish_ns - request.arrival_ns == request.start_ns - request.arrival_ns + took_ns(row)
            before = request.finish_ns
        check_laws([part.requests[0][:3] for part in of(played.parts, each.session.app)])


@settings(max_examples=300)
@given(sessions())
def test_layers_wait_for_their_shards(played: Played) -> None:
    """A layer is decompressed and computed when all that was read for it is there; an inference reads in its time."""
    for part in (part for part in played.parts if part.requests):
        (request,) = part.requests
        there: dict[int, int] = {}
        plan = next(each.plan for each in played.apps if each.session.app == request.app)
        for span in part.spans:
            assert request.start_ns <= span.start_ns <= span.end_ns <= request.finish_ns
            assert (span.app, span.request) == (request.app, request.number)
            if span.kind == "load":
                there[span.layer] = max(there.get(span.layer, 0), span.end_ns)
        layers = spans([part], "compute", lane=EXECUTOR)
        assert [span.layer for span in layers] == list(plan.layers)
        assert all(span.start_ns >= there.get(span.layer, 0) for span in layers)


@settings(max_examples=300)
@given(sessions())
def test_who_has_waited_longest_is_next(played: Played) -> None:
    """Nobody who asked later is served before, and nobody waits while there is room: neither storage nor processor."""
    for lane, room in ((LOADER, played.lanes), (EXECUTOR, 1)):
        found = sorted(services(played.parts, lane), key=lambda each: (each.asked_ns, each.start_ns))
        known = [each for each in found if each.app != READER["name"]]  # when that asked, nobody says
        assert all(left.start_ns <= right.start_ns for left, right in pairwise(known) if left.asked_ns < right.asked_ns)
        conserved(found, room)


@settings(max_examples=300)
@given(sessions(storage="priority", processor="priority"))
def test_the_urgent_wait_for_one_service_at_most(played: Played) -> None:
    """Where priorities decide, nobody less urgent begins while somebody more urgent waits; no lane rests."""
    rank = {each.session.app: -each.session.priority for each in played.apps} | {"gallery": 0}
    for lane, room in ((LOADER, played.lanes), (EXECUTOR, 1)):
        found = list(services(played.parts, lane))
        conserved(found, room)
        for each in found:
            since = each.asked_ns - (lane == EXECUTOR)  # who goes on from layer to layer is not overtaken in between
            rivals = [other for other in found if rank[other.app] > rank[each.app] and other.asked_ns < other.start_ns]
            assert not any(since < other.start_ns < each.start_ns for other in rivals)
