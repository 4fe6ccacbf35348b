"""PipeSwitch: its groups are worth what its authors claim, and no other grouping finishes earlier."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations, pairwise
from random import Random

import pytest
from hypothesis import given, settings
from strategies import SEEDS, scenarios, toy_device, toy_model, toy_scenario

from edgesim import read_scenario
from edgesim.cost import bits_of, request
from edgesim.errors import InfeasibleError
from edgesim.planners.baselines import load_exec, std_pipeline
from edgesim.planners.grouping import Group, fastest
from edgesim.planners.pipeswitch import pipeswitch
from edgesim.plans import Load, Plan
from edgesim.recurrence import makespan_ns
from edgesim.rules import waits_for_itself
from edgesim.scenario import Scenario
from edgesim.work import NEVER, Work, price


def planned(planner: Callable[..., Plan], scenario: Scenario, **options: object) -> Plan:
    """Return a planner's plan."""
    return planner(scenario.model, scenario.device, scenario.budget, **options)


def work_of(plan: Plan, scenario: Scenario) -> Work:
    """Return what an inference does."""
    return price(plan, scenario.model, scenario.device, scenario.processor, ())


def latency_ns(plan: Plan, scenario: Scenario) -> int:
    """Return what an inference takes, by the recurrence."""
    return makespan_ns(work_of(plan, scenario), scenario.load_buffer_bytes)


def costly_requests(latency_ns: int) -> Scenario:
    """Four layers of one shard of 10 B: 10 ns and the latency to read one, 50 ns to compute it."""
    device = toy_device(read={"bandwidth": "1 GB/s", "latency": f"{latency_ns} ns"}, layer_ns={1: 50})
    model = toy_model(layers=4, shards=1, min_layers=4, bitwidths=(2,))
    return toy_scenario(model, device, target_ns=10**6)


def test_groups_pay_where_requests_are_costly() -> None:
    """PipeSwitch (OSDI 2020): groups beat transmission by layer and as a whole; here 3 layers, then 1.

    Layer by layer, 4 requests of 110 ns and the last layer's 50; in one, 140 and all layers' 200; in two, the second
    is there after 130 + 110 ns, before the first three layers have been executed.
    """
    scenario = costly_requests(100)
    plan = planned(pipeswitch, scenario, bitwidth=2)
    assert [len(load.shards) for load in plan.loads] == [3, 1]
    others = (planned(planner, scenario, bitwidth=2) for planner in (std_pipeline, load_exec))
    assert [latency_ns(each, scenario) for each in (plan, *others)] == [130 + 150 + 50, 440 + 50, 140 + 200]


def test_groups_are_layers_where_requests_cost_only_their_bytes() -> None:
    """Without a latency nothing is gained by reading more at once, and each layer is read on its own."""
    scenario = costly_requests(0)
    assert planned(pipeswitch, scenario, bitwidth=2) == planned(std_pipeline, scenario, bitwidth=2)


def test_groups_serve_a_larger_submodel_from_an_sd_card() -> None:
    """Even large reads from a Raspberry Pi's card are a little faster together: 15 shards in time instead of 14."""
    scenario = read_scenario("paper-odroid-400ms", {"device": "raspberry-pi-5-sd"})
    sizes = [sum(map(len, planned(planner, scenario).shards)) for planner in (pipeswitch, std_pipeline)]
    assert sizes == [15, 14]


def test_a_group_must_fit_the_load_buffer() -> None:
    """With room for two layers no group is larger, and the second waits until the first, 120 + 100 ns, has finished."""
    scenario = costly_requests(100).model_copy(update={"load_buffer_bytes": 20})
    plan = planned(pipeswitch, scenario, bitwidth=2)
    assert [len(load.shards) for load in plan.loads] == [2, 2]
    assert latency_ns(plan, scenario) == 2 * (120 + 100)
    with pytest.raises(InfeasibleError, match="no submodel fits the load buffer of 9 B"):
        planned(pipeswitch, scenario.model_copy(update={"load_buffer_bytes": 9}), bitwidth=2)


def every_grouping(plan: Plan, scenario: Scenario) -> Iterator[int]:
    """Yield the makespan of each of the 2^(n-1) groupings of a submodel's layers that fits the load buffer [ns]."""
    layers = [[(shard, bits) for shard, bits in bits_of(plan).items() if shard[0] == layer] for layer in plan.layers]
    cuts = range(1, len(layers))
    for chosen in (some for count in range(len(layers)) for some in combinations(cuts, count)):
        parts = pairwise([0, *chosen, len(layers)])
        loads = (request(scenario.model, [pair for row in layers[a:b] for pair in row]) for a, b in parts)
        work = work_of(replace(plan, loads=tuple(loads)), scenario)
        if not any(waits_for_itself(work, scenario.load_buffer_bytes)):
            yield makespan_ns(work, scenario.load_buffer_bytes)


@settings(max_examples=500)
@given(scenarios(), SEEDS)
def test_no_grouping_finishes_before_pipeswitch_s(scenario: Scenario, seed: int) -> None:
    """Where waits cost only their time; elsewhere it is later by no more than what all waits can cost beyond it.

    PipeSwitch (OSDI 2020): of all groupings of consecutive layers, the search finds the optimal one.
    """
    ample = scenario.model_copy(update={"target_latency_ns": 10**9})
    try:
        plan = planned(pipeswitch, ample, bitwidth=Random(seed).choice(scenario.model.bitwidths))
    except InfeasibleError:
        return
    work = work_of(plan, ample)
    usual = [*work.compute_ns, *([] if work.overlap else work.decompress_ns)]
    late = [*work.compute_after_wait_ns, *([] if work.overlap else work.decompress_after_wait_ns)]
    lost_ns = len(plan.layers) * work.hand_off_ns + sum(late) - sum(usual)
    least = min(every_grouping(plan, ample))
    assert least <= latency_ns(plan, ample) <= least + lost_ns


@settings(max_examples=3000)
@given(SEEDS)
def test_the_fastest_groups_are_found_whatever_groups_cost(seed: int) -> None:
    """Any layers and any time for each group, with any room that each layer fits, decompressed in line or ahead."""
    random = Random(seed)
    n, alike = random.randint(1, 7), random.random() < 0.5
    times = [tuple(0 if alike else random.randint(0, 40) for _ in range(n)), tuple(random.choices(range(1, 60), k=n))]
    sizes = tuple(random.randint(1, 5) for _ in range(n))
    room = None if random.random() < 0.2 else random.randint(max(sizes), sum(sizes))
    groups = [Group(*ends, Load((), 0, ()), random.randint(1, 90)) for ends in combinations(range(n + 1), 2)]
    work = Work((), ((),), (), (), (), sizes, times[0], times[1], times[0], times[1], 0, overlap=random.random() < 0.5)
    found = makespan_ns(grouped(work, fastest(work, groups, room)), room)
    assert found == min(makespan_ns(grouped(work, some), room) for some in partitions(groups, n, sizes, room))


def partitions(groups: list[Group], n: int, sizes: tuple[int, ...], room: int | None) -> Iterator[list[Group]]:
    """Yield all ways to divide the first n layers into groups that fit the room."""
    if not n:
        yield []
    for last in groups:
        if last.stop == n and (room is None or sum(sizes[last.start : n]) <= room):
            yield from ([*before, last] for before in partitions(groups, last.start, sizes, room))


def grouped(work: Work, groups: Sequence[Group]) -> Work:
    """Read groups, one request each."""
    spans = [range(group.start, group.stop) for group in groups]
    return replace(
        work,
        loads=tuple(group.load for group in groups),
        load_ns=(tuple(group.load_ns for group in groups),),
        buffer_bytes=tuple(sum(work.freed_bytes[layer] for layer in span) for span in spans),
        load_layers=tuple(map(tuple, spans)),
        after=(NEVER,) * len(groups),
    )
