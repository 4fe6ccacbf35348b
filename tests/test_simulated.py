"""Small timelines, span by span, that can be computed in the head."""

from dataclasses import replace

import pytest
from strategies import toy_device, toy_model, toy_plan, toy_scenario

from edgesim.backends.simulated import execute
from edgesim.device import Device
from edgesim.plans import Plan
from edgesim.timeline import Timeline

MODEL = toy_model()
PLAN = toy_plan(MODEL, [[2, 6], [6, 6]])
"""Loads of 40 and 60 B and ns, layers of 200 ns."""
DEPTHS = {1: {"table": [["1 B", "50 ns"]]}, 2: {"table": [["1 B", "60 ns"]]}}

Row = tuple[str, str, int, int, int]


def simulate(
    plan: Plan, device: Device | None = None, load_buffer: int | None = None, **workload: object
) -> list[Timeline]:
    """Execute a plan of the toy model."""
    scenario = toy_scenario(MODEL, device, load_buffer=load_buffer, **workload)
    return list(execute(plan, MODEL, scenario.device, scenario.session))


def rows(part: Timeline) -> list[Row]:
    """Return lane, kind, layer, start and end of each span, by lane and start."""
    return sorted((s.lane, s.kind, s.layer, s.start_ns, s.end_ns) for s in part.spans)


def test_loads_run_while_layers_compute() -> None:
    """The executor stalls for the first load only."""
    (part,) = simulate(PLAN)
    assert rows(part) == [
        ("executor", "compute", 0, 40, 240),
        ("executor", "compute", 1, 240, 440),
        ("executor", "stall", 0, 0, 40),
        ("loader", "load", 0, 0, 40),
        ("loader", "load", 1, 40, 100),
    ]
    assert part.requests[0][:3] == (0, 0, 440)
    assert [span.bytes for span in part.spans if span.kind == "load"] == [40, 60]


def test_a_full_buffer_blocks_the_loader() -> None:
    """With room for 60 B the second load waits until layer 0 has finished."""
    (part,) = simulate(PLAN, load_buffer=60)
    assert rows(part)[2:] == [
        ("executor", "stall", 0, 0, 40),
        ("executor", "stall", 1, 240, 300),
        ("loader", "blocked", 1, 40, 240),
        ("loader", "load", 0, 0, 40),
        ("loader", "load", 1, 240, 300),
    ]


def test_after_holds_a_load_back() -> None:
    """A load held back for layer 0 is issued when that has finished, however large the buffer."""
    (part,) = simulate(replace(PLAN, loads=(PLAN.loads[0], replace(PLAN.loads[1], after=0))))
    assert ("loader", "held", 1, 40, 240) in rows(part)
    assert ("loader", "load", 1, 240, 300) in rows(part)


def test_two_lanes_have_two_rows() -> None:
    """The second load is issued at once, and takes what it takes with two in service."""
    device = toy_device(read={"depths": DEPTHS}, lanes=2)
    (part,) = simulate(replace(PLAN, lanes=2), device)
    found = [row[:1] + row[2:] for row in rows(part) if row[1] == "load"]
    assert found == [("loader0", 0, 0, 40 * 50), ("loader1", 1, 0, 60 * 60)]


def test_decompression_is_the_executor_s_work() -> None:
    """Each layer is decompressed, then computed."""
    (part,) = simulate(PLAN, toy_device(unpack_ns=5))
    assert rows(part)[:4] == [
        ("executor", "compute", 0, 50, 250),
        ("executor", "compute", 1, 260, 460),
        ("executor", "decompress", 0, 40, 50),
        ("executor", "decompress", 1, 250, 260),
    ]


def test_overlapped_decompression_has_its_own_lane() -> None:
    """Layer 1 is decompressed as soon as it is resident, while layer 0 computes."""
    (part,) = simulate(PLAN, toy_device(unpack_ns=5, overlap=True))
    assert rows(part)[:5] == [
        ("decompressor", "decompress", 0, 40, 50),
        ("decompressor", "decompress", 1, 100, 110),
        ("executor", "compute", 0, 50, 250),
        ("executor", "compute", 1, 250, 450),
        ("executor", "stall", 0, 0, 50),
    ]


COLD = ({1: 150, 4: 450}, 8)
"""A layer of two shards takes 250 instead of 200 ns after a wait, and each of its shards 8 to decompress."""


def test_a_wait_ends_with_a_hand_off() -> None:
    """Layer 0 is stalled for 40 ns, noticed 7 ns later, and slow; layer 1 is there in time."""
    (part,) = simulate(PLAN, toy_device(unpack_ns=5, after_wait_ns=COLD, hand_off_ns=7))
    assert rows(part)[:6] == [
        ("executor", "compute", 0, 63, 313),
        ("executor", "compute", 1, 323, 523),
        ("executor", "decompress", 0, 47, 63),
        ("executor", "decompress", 1, 313, 323),
        ("executor", "handoff", 0, 40, 47),
        ("executor", "stall", 0, 0, 40),
    ]


def test_an_overlapped_wait_ends_with_a_hand_off() -> None:
    """The executor waits for what is decompressed, which takes what it always takes."""
    (part,) = simulate(PLAN, toy_device(unpack_ns=5, overlap=True, after_wait_ns=COLD, hand_off_ns=7))
    assert rows(part)[:6] == [
        ("decompressor", "decompress", 0, 40, 50),
        ("decompressor", "decompress", 1, 100, 110),
        ("executor", "compute", 0, 57, 307),
        ("executor", "compute", 1, 307, 507),
        ("executor", "handoff", 0, 50, 57),
        ("executor", "stall", 0, 0, 50),
    ]


@pytest.mark.parametrize(("latency_ns", "kinds"), [(140, 0), (141, 2)])
def test_shards_that_come_just_in_time_are_not_waited_for(latency_ns: int, kinds: int) -> None:
    """Layer 0 is preloaded and ends after 200 ns; the 60 B of layer 1 are there then, or 1 ns later."""
    read = {"latency": f"{latency_ns} ns", "bandwidth": "1 GB/s"}
    plan = toy_plan(MODEL, [[2, 6], [6, 6]], preload=((0, 0), (0, 1)))
    (part,) = simulate(plan, toy_device(read=read, hand_off_ns=7))
    assert sum(span.kind in ("stall", "handoff") for span in part.spans) == kinds
    assert part.requests[0].finish_ns == (408 if kinds else 400)


def test_inferences_follow_one_another() -> None:
    """The next inference is asked for, and starts, when the one before has ended; its spans carry its number."""
    parts = simulate(PLAN, inferences=3)
    assert [part.requests[0][:3] for part in parts] == [(0, 0, 440), (440, 440, 880), (880, 880, 1320)]
    assert [{span.request for span in part.spans} for part in parts] == [{0}, {1}, {2}]


@pytest.mark.parametrize(("start", "expected"), [("warm", [400, 440]), ("cold", [440, 440])])
def test_what_is_not_retained_is_read_again(start: str, expected: list[int]) -> None:
    """A plan that retains nothing finds its preload set resident once, if the start is warm."""
    plan = toy_plan(MODEL, [[2, 6], [6, 6]], preload=((0, 0), (0, 1)))
    parts = simulate(plan, inferences=2, start=start)
    assert [finish - begin for (_, begin, finish, *_) in (part.requests[0] for part in parts)] == expected


def test_spans_name_the_model_s_layers() -> None:
    """A plan of layers 1 and 3 has spans of layers 1 and 3."""
    model = toy_model(layers=4)
    plan = Plan((1, 3), ((0,), (0,)), ((2,), (2,)), ((1, 0), (3, 0)))
    scenario = toy_scenario(model)
    (part,) = execute(plan, model, scenario.device, scenario.session)
    assert [span.layer for span in part.spans] == [1, 3]


def test_inferences_come_one_at_a_time() -> None:
    """A session of a billion inferences yields its first at once."""
    scenario = toy_scenario(MODEL, inferences=10**9)
    assert next(execute(PLAN, MODEL, scenario.device, scenario.session)).requests[0][:3] == (0, 0, 440)


def test_what_an_app_cannot_do_is_no_end_of_the_session() -> None:
    """A layer without a time is an error of the session, which does not just end there."""
    other = toy_model(geometry=MODEL.geometry.model_dump() | {"seq_len": 7})
    scenario = toy_scenario(MODEL)
    with pytest.raises(ValueError, match="has no layer times on cpu"):
        list(execute(PLAN, other, scenario.device, scenario.session))


def test_a_plan_that_ignores_buffers_is_never_blocked() -> None:
    """It takes the memory that it needs."""
    (part,) = simulate(replace(PLAN, ignores_buffers=True), load_buffer=1)
    assert part.requests[0].finish_ns == 440
