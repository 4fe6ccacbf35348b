"""What always holds, on random devices, models, scenarios and plans: 10,300 cases, the same in every run."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from stores import told_ns
from strategies import SEEDS, Case, cases, legal_cases, scenarios
from twin import KEPT, highest, kept_bitwidth

from edgesim.backends.simulated import execute
from edgesim.cost import bits_of, compute_ns, decompress_ns, request
from edgesim.errors import IllegalPlanError, InfeasibleError
from edgesim.memory import kept_bytes, session_memory
from edgesim.metrics import measure, tally
from edgesim.planners.wrx import wrx
from edgesim.plans import Plan, Shard
from edgesim.recurrence import makespan_ns, pipeline_ns, schedule
from edgesim.rules import check
from edgesim.scenario import Scenario
from edgesim.timeline import EXECUTOR, Span, Timeline
from edgesim.work import NEVER, Work, first_and_later, price


def simulate(scenario: Scenario, plan: Plan) -> list[Timeline]:
    """Return one timeline for each inference."""
    return list(execute(plan, scenario.model, scenario.device, scenario.session))


def works_of(scenario: Scenario, plan: Plan) -> Iterator[Work]:
    """Yield the work of each inference of the session."""
    first, later = first_and_later(plan, scenario.model, scenario.device, scenario.session)
    return (later if number else first for number in range(scenario.workload.inferences))


def spans_of(part: Timeline, *kinds: str, lane: str = "") -> list[Span]:
    """Return an inference's spans of some kinds, on one lane where it is named."""
    return [span for span in part.spans if span.kind in kinds and lane in ("", span.lane)]


# --- simulation = recurrence


@settings(max_examples=1500)
@given(legal_cases())
def test_simulation_equals_the_recurrence(case: Case) -> None:
    """Every load and layer of every inference starts and ends in the simulator when the recurrence says."""
    scenario, plan = case
    now = 0
    parts = simulate(scenario, plan)
    for part, work in zip(parts, works_of(scenario, plan), strict=True):
        expected = schedule(work, scenario.load_buffer_bytes)
        loads, layers = spans_of(part, "load"), spans_of(part, "compute", lane=EXECUTOR)
        starts = {
            span.layer: span.start_ns for span in reversed(spans_of(part, "decompress", "compute", lane=EXECUTOR))
        }
        assert [span.start_ns - now for span in loads] == list(expected.issued_ns)
        assert [span.end_ns - now for span in loads] == list(expected.done_ns)
        assert [starts[layer] - now for layer in plan.layers] == list(expected.start_ns)
        assert [span.end_ns - now for span in layers] == list(expected.finish_ns)
        assert part.requests[0][:3] == (now, now, now + expected.finish_ns[-1])
        now += expected.finish_ns[-1]


@settings(max_examples=1000)
@given(cases(max_lanes=1))
def test_the_quick_pipeline_equals_the_recurrence(case: Case) -> None:
    """The makespan that planners ask for thousands of times is the recurrence's, and None where a plan never ends."""
    scenario, plan = case
    work = replace(work := next(works_of(scenario, plan)), after=(NEVER,) * len(work.loads))
    needed = [
        max((index + 1 for index, served in enumerate(work.load_layers) if layer in served), default=0)
        for layer in range(len(plan.layers))
    ]
    loads = list(zip(work.load_ns[0], work.buffer_bytes, strict=True))
    usual, late = [work.decompress_ns, work.compute_ns], [work.decompress_after_wait_ns, work.compute_after_wait_ns]
    ahead = work.decompress_ns if work.overlap else ()
    busy, slow = (map(sum, zip(*parts[bool(ahead) :], strict=True)) for parts in (usual, late))
    layers = list(zip(busy, (work.hand_off_ns + time for time in slow), needed, work.freed_bytes, strict=True))
    found = pipeline_ns(loads, layers, scenario.load_buffer_bytes, ahead, work.hand_off_ns)
    ends = reachable(work, scenario.load_buffer_bytes)
    assert found == (makespan_ns(work, scenario.load_buffer_bytes) if ends else None)


# --- legality


def reachable(work: Work, room: int | None) -> bool:
    """Tell whether loader and executor, each as fast as can be, get to the end: no clock, no rule."""
    issued = done = used = progress = 0
    while progress != (progress := issued + done + 1):
        if issued < len(work.loads):
            fits = room is None or used + work.buffer_bytes[issued] <= room
            if fits and done > work.after[issued]:
                used, issued = used + work.buffer_bytes[issued], issued + 1
        waiting = {layer for served in work.load_layers[issued:] for layer in served}
        if done < len(work.compute_ns) and done not in waiting:
            used, done = used - work.freed_bytes[done], done + 1
    return done == len(work.compute_ns)


@settings(max_examples=1500)
@given(cases())
def test_legal_plans_end_and_illegal_plans_are_refused(case: Case) -> None:
    """A plan is refused exactly if loader and executor would wait for one another for ever."""
    scenario, plan = case
    ends = all(reachable(work, scenario.load_buffer_bytes) for work in works_of(scenario, plan))
    if ends:
        check(plan, scenario)
        assert len(simulate(scenario, plan)) == scenario.workload.inferences
        return
    with pytest.raises(IllegalPlanError, match=r"at once|held back"):
        check(plan, scenario)
    with pytest.raises(RuntimeError, match="would never end"):
        simulate(scenario, plan)


# --- identities


@settings(max_examples=800)
@given(legal_cases())
def test_latency_is_queueing_and_stall_and_busy(case: Case) -> None:
    """An inference spends its time queueing, stalling or busy; no lane is busy for longer than it takes."""
    scenario, plan = case
    for part in simulate(scenario, plan):
        (arrival, start, finish, *_), spent = part.requests[0], tally(part)
        assert finish - arrival == (start - arrival) + spent.stall_ns + spent.compute_busy_ns
        assert spent.io_busy_ns + spent.blocked_ns + spent.held_ns <= (finish - start) * plan.lanes
        assert all(type(time) is int for span in part.spans for time in (span.start_ns, span.end_ns))


@settings(max_examples=800)
@given(legal_cases())
def test_every_wait_ends_with_its_hand_off(case: Case) -> None:
    """Who waits is handed the shards when they are there, then works on that layer; nobody else is handed any."""
    scenario, plan = case
    for part, work in zip(simulate(scenario, plan), works_of(scenario, plan), strict=True):
        row = spans_of(part, "stall", "handoff", "decompress", "compute", lane=EXECUTOR)
        waits = [number for number, span in enumerate(row) if span.kind == "stall"]
        assert sum(span.kind == "handoff" for span in row) == (len(waits) if work.hand_off_ns else 0)
        for number in waits if work.hand_off_ns else ():
            stall, hand_off, begun = row[number : number + 3]
            assert (hand_off.kind, hand_off.start_ns) == ("handoff", stall.end_ns)
            assert (begun.start_ns, begun.layer) == (stall.end_ns + work.hand_off_ns, stall.layer)


@settings(max_examples=800)
@given(legal_cases())
def test_spans_obey_cause_and_lane(case: Case) -> None:
    """A layer computes when its loads have ended and the layer before has finished; a lane does one thing at a time."""
    scenario, plan = case
    for part, work in zip(simulate(scenario, plan), works_of(scenario, plan), strict=True):
        ends = dict.fromkeys(plan.layers, part.requests[0].start_ns)
        for span, load in zip(spans_of(part, "load"), work.loads, strict=True):
            ends |= {layer: max(ends[layer], span.end_ns) for layer, _ in load.shards}
        unpack, compute = spans_of(part, "decompress"), spans_of(part, "compute")
        assert all(span.start_ns >= ends[span.layer] for span in unpack + compute)
        assert [span.layer for span in compute] == list(plan.layers)
        assert all(before.end_ns <= after.start_ns for before, after in pairwise(compute))
        for lane in {span.lane for span in part.spans}:
            row = [span for span in part.spans if span.lane == lane]
            assert all(before.end_ns <= after.start_ns for before, after in pairwise(row))


@settings(max_examples=800)
@given(legal_cases())
def test_buffers_hold_what_they_may(case: Case) -> None:
    """No buffer is ever overfull or negative, all are empty in the end, and what is held is part of the peak."""
    scenario, plan = case
    parts = simulate(scenario, plan)
    whole = Timeline(tuple(part.requests[0] for part in parts), tuple(span for part in parts for span in part.spans))
    steps = session_memory(whole, (plan,), scenario)
    assert all(min(step) >= 0 for step in steps)
    assert steps[-1].load_buffer_bytes == steps[-1].working_bytes == 0
    if scenario.load_buffer_bytes is not None:
        assert max(step.load_buffer_bytes for step in steps) <= scenario.load_buffer_bytes
    kept = kept_bytes(plan, scenario.model, list({*plan.preload, *plan.retain}))
    assert max(step.preload_bytes for step in steps) <= kept
    metrics = measure(parts, plan, scenario)
    assert metrics.held_memory_bytes <= metrics.peak_memory_bytes


# --- what helps never hurts: with one lane every time is a maximum of sums of read and layer times. With several lanes
# faster storage may do harm: a read that is issued earlier may find more others in service (see test_recurrence.py).
# So it may where waits cost more than their own time: a layer that ends early may make the next one wait. But every
# finish lies between the maximum of sums without these costs and the one with them all, so that no more is lost.


def most_lost_ns(work: Work) -> int:
    """Return what all waits together can cost besides their own time; nothing on most devices."""
    usual = [*work.compute_ns, *([] if work.overlap else work.decompress_ns)]
    late = [*work.compute_after_wait_ns, *([] if work.overlap else work.decompress_after_wait_ns)]
    return len(work.compute_ns) * work.hand_off_ns + sum(late) - sum(usual)


@settings(max_examples=800)
@given(legal_cases(max_lanes=1), SEEDS)
def test_faster_parts_never_lengthen_a_plan(case: Case, seed: int) -> None:
    """With shorter reads, faster layers or a larger load buffer, the same plan takes no longer.

    Where waits cost more than their own time, it takes at most as much longer as all of them could cost.
    """
    (scenario, plan), random = case, Random(seed)
    work, room = next(works_of(scenario, plan)), scenario.load_buffer_bytes
    least = random.choice([0, 50, 90])

    def shorter(times: Sequence[int]) -> tuple[int, ...]:
        return tuple(time * random.randint(least, 100) // 100 for time in times)

    most = makespan_ns(work, room) + most_lost_ns(work)
    assert makespan_ns(replace(work, load_ns=(shorter(work.load_ns[0]),)), room) <= most
    faster = replace(work, compute_ns=shorter(work.compute_ns), decompress_ns=shorter(work.decompress_ns))
    assert makespan_ns(faster, room) <= most
    assert makespan_ns(work, None if room is None else room + random.randint(0, 99)) <= most


@settings(max_examples=800)
@given(legal_cases(max_lanes=1), SEEDS)
def test_more_preload_never_lengthens_a_plan(case: Case, seed: int) -> None:
    """With one more shard preloaded instead of loaded, a warm inference takes no longer.

    Where shards lie in records, what is left may be read in more pieces, so that it does; where waits cost more than
    their own time, it takes at most as much longer as all of them could cost.
    """
    (scenario, plan), bits = case, bits_of(case[1])
    assume(plan.loads and scenario.model.records is None)
    shard = Random(seed).choice([shard for load in plan.loads for shard in load.shards])

    def warm(loads: Iterable[tuple[Sequence[Shard], int | None]], *more: Shard) -> Work:
        kept = (*plan.preload, *more)
        requests = [request(scenario.model, [(s, bits[s]) for s in shards], after) for shards, after in loads if shards]
        same = replace(plan, preload=kept, loads=tuple(requests))
        return price(same, scenario.model, scenario.device, scenario.processor, kept)

    without = [([other for other in load.shards if other != shard], load.after) for load in plan.loads]
    usual, room = warm((load.shards, load.after) for load in plan.loads), scenario.load_buffer_bytes
    assert makespan_ns(warm(without, shard), room) <= makespan_ns(usual, room) + most_lost_ns(usual)


# --- planners

WRX_OPTIONS = st.fixed_dictionaries(
    {
        "granularity": st.sampled_from(["layer", "shard", {"group": 2}, {"group": 3}]),
        "use_slack": st.booleans(),
        "upgrade_to": st.sampled_from([32, 32, 6, 5, 2]),
    }
)


def planned(planner: Callable[..., Plan], scenario: Scenario, **options: object) -> Plan | None:
    """Return a planner's plan, checked and the same when asked twice; None where there is none."""
    try:
        plan = planner(scenario.model, scenario.device, scenario.budget, **options)
    except InfeasibleError:
        with pytest.raises(InfeasibleError):
            planner(scenario.model, scenario.device, scenario.budget, **options)
        return None
    assert planner(scenario.model, scenario.device, scenario.budget, **options) == plan
    check(plan, scenario)
    return plan


@settings(max_examples=1500)
@given(scenarios(), WRX_OPTIONS, KEPT)
def test_wrx_keeps_its_promise(scenario: Scenario, options: dict[str, Any], kept: int | None) -> None:
    """No inference of a warm session exceeds the target, and no IO budget that design gives a layer is overdrawn."""
    options |= {"upgrade_to": highest(scenario, options["upgrade_to"])}
    kept = kept_bitwidth(scenario, kept, options["upgrade_to"])
    plan = planned(wrx, scenario, **options, preload_bitwidth=kept)
    if plan is None:
        return
    warm = scenario.model_copy(update={"workload": scenario.workload.model_copy(update={"start": "warm"})})
    for part in simulate(warm, plan):
        assert part.requests[0].finish_ns - part.requests[0].start_ns <= scenario.target_latency_ns
    initial, left = io_budgets(scenario, plan, slack=bool(options["use_slack"]))
    assert list(plan.io_budget_initial_ns) == initial
    assert list(plan.io_budget_ns) == left
    assert min(left) >= 0
    assert kept is None or {bits_of(plan)[shard] for shard in plan.preload} <= {kept}


def io_budgets(scenario: Scenario, plan: Plan, *, slack: bool) -> tuple[list[int], list[int]]:
    """Compute the accumulated IO budgets of a plan from its bitwidths and its preload set, before and after charges."""
    model, device, processor = scenario.model, scenario.device, scenario.processor
    bits, n, m = bits_of(plan), len(plan.layers), len(plan.shards[0])
    unpack = max(decompress_ns(device, processor, model, width) for width in model.bitwidths)
    layer_ns = compute_ns(device, processor, model)[m] + m * unpack
    charges, bonuses = [], []
    for layer in plan.layers:
        row = [(shard, width) for shard, width in bits.items() if shard[0] == layer]
        charges.append(told_ns(model, device, row))
        missing = [(shard, width) for shard, width in row if shard not in plan.preload]
        bonuses.append(charges[-1] - told_ns(model, device, missing))
    start = sum(bonuses) + (scenario.target_latency_ns - n * layer_ns if slack else 0)
    initial = [start + k * layer_ns for k in range(n)]
    return initial, [budget - sum(charges[: k + 1]) for k, budget in enumerate(initial)]
