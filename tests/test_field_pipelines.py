"""Planners of the field that order reads: demand layering, groups, device maps, one layer ahead, submodels only."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import SEEDS, scenarios, toy_model, toy_scenario

from edgesim import read_scenario, simulate
from edgesim.cost import bits_of, stored_bytes
from edgesim.errors import InfeasibleError, InputError
from edgesim.memory import kept_bytes, session_memory
from edgesim.planners.baselines import preload_model, std_pipeline
from edgesim.planners.demand_layering import demand_layering
from edgesim.planners.device_map import device_map
from edgesim.planners.dynabert import dynabert
from edgesim.planners.one_ahead import one_ahead
from edgesim.planners.pipeswitch import pipeswitch
from edgesim.planners.wrx import wrx
from edgesim.plans import Load, Plan
from edgesim.quality import fidelity
from edgesim.recurrence import makespan_ns
from edgesim.rules import check, waits_for_itself
from edgesim.scenario import Scenario
from edgesim.work import Work, price
from edgesim.workload import SingleStream

Planner = Callable[..., Plan]
HOUR = "1 h"


def planned(planner: Planner, scenario: Scenario, **options: object) -> Plan:
    """Return a planner's plan."""
    return planner(scenario.model, scenario.device, scenario.budget, **options)


def work_of(plan: Plan, scenario: Scenario) -> Work:
    """Return what one warm inference does."""
    return price(plan, scenario.model, scenario.device, scenario.processor, plan.preload)


def latency_ns(plan: Plan, scenario: Scenario) -> int:
    """Return what one warm inference takes, by the recurrence."""
    return makespan_ns(work_of(plan, scenario), None if plan.ignores_buffers else scenario.load_buffer_bytes)


def shard_peak_bytes(plan: Plan, scenario: Scenario) -> int:
    """Return the most that compressed shards occupy, kept or read."""
    warm = scenario.model_copy(update={"workload": SingleStream()})
    steps = session_memory(simulate(plan, warm), (plan,), warm)
    return max(step.preload_bytes + step.load_buffer_bytes for step in steps)


# --- what each of them promises, on random scenarios


def options_for(planner: Planner, scenario: Scenario, random: Random) -> dict[str, object]:
    """Draw the options of a planner."""
    if planner is dynabert:
        return {}
    more = {
        demand_layering: {"max_depth": random.choice([None, None, 1, 2, 3])},
        one_ahead: {"prefetch": random.random() < 0.5},
    }
    return {"bitwidth": random.choice(scenario.model.bitwidths)} | more.get(planner, {})


@settings(max_examples=1000)
@given(scenarios(), st.sampled_from([demand_layering, pipeswitch, device_map, one_ahead, dynabert]), SEEDS)
def test_plans_are_legal_in_time_and_as_simulated(scenario: Scenario, planner: Planner, seed: int) -> None:
    """What a planner returns, twice the same, keeps the rules and the target, and SimPy agrees with the recurrence."""
    options = options_for(planner, scenario, Random(seed))
    try:
        plan = planned(planner, scenario, **options)
    except InfeasibleError:
        return
    except InputError:
        assert planner is dynabert
        assert 32 not in scenario.model.bitwidths
        return
    assert planned(planner, scenario, **options) == plan
    check(plan, scenario)
    warm = scenario.model_copy(update={"workload": SingleStream()})
    assert simulate(plan, warm).requests[0].finish_ns == latency_ns(plan, warm) <= scenario.target_latency_ns
    assert set(bits_of(plan).values()) == {options.get("bitwidth", 32)}
    assert [{layer for layer, _ in load.shards} for load in plan.loads] == [set(group) for group in groups_of(plan)]
    assert planner is pipeswitch or all(len(group) == 1 for group in groups_of(plan))


def groups_of(plan: Plan) -> list[list[int]]:
    """Return the layers of each load: those that are not preloaded whole, all of them in order."""
    bits = bits_of(plan)
    loaded = sorted({layer for layer, _ in set(bits) - set(plan.preload)})
    counts = [len({layer for layer, _ in load.shards}) for load in plan.loads]
    ends = [sum(counts[:index]) for index in range(len(counts) + 1)]
    assert ends[-1] == len(loaded)
    return [loaded[start:end] for start, end in pairwise(ends)]


@settings(max_examples=300)
@given(scenarios(), SEEDS)
def test_demand_layering_takes_the_least_depth(scenario: Scenario, seed: int) -> None:
    """Every load is held back for the layer `depth` before; with a smaller depth the submodel would come too late."""
    bits = Random(seed).choice(scenario.model.bitwidths)
    try:
        plan = planned(demand_layering, scenario, bitwidth=bits)
    except InfeasibleError:
        with pytest.raises(InfeasibleError):
            planned(std_pipeline, scenario, bitwidth=bits)
        return
    n = len(plan.layers)
    depth = next((k for k, load in enumerate(plan.loads) if load.after == 0), n)
    assert plan.loads == held_back(plan, depth)
    for less in range(1, depth):
        other = replace(plan, loads=held_back(plan, less))
        never = any(waits_for_itself(work_of(other, scenario), scenario.load_buffer_bytes))
        assert never or latency_ns(other, scenario) > scenario.target_latency_ns


def held_back(plan: Plan, depth: int) -> tuple[Load, ...]:
    """Hold each load back for the layer some positions before."""
    return tuple(
        replace(load, after=position - depth if position >= depth else None) for position, load in enumerate(plan.loads)
    )


@settings(max_examples=200)
@given(scenarios(), SEEDS)
def test_device_map_preloads_whole_layers(scenario: Scenario, seed: int) -> None:
    """The first layers that fit are resident, the next one would not fit, and nothing is read ahead."""
    try:
        plan = planned(device_map, scenario, bitwidth=Random(seed).choice(scenario.model.bitwidths))
    except InfeasibleError:
        return
    rows = [[(layer, s) for s in row] for layer, row in zip(plan.layers, plan.shards, strict=True)]
    whole = len({layer for layer, _ in plan.preload})
    assert sorted(plan.preload) == sorted(shard for row in rows[:whole] for shard in row)
    if whole < len(rows):
        more = sum(stored_bytes(scenario.model, shard, plan.bitwidths[whole][0]) for shard in rows[whole])
        assert kept_bytes(plan, scenario.model, plan.preload) + more > scenario.preload_bytes
    assert [load.after for load in plan.loads] == [at - 1 if at else None for at in range(whole, len(rows))]


@settings(max_examples=200)
@given(scenarios(), SEEDS)
def test_a_later_target_never_costs_fidelity(scenario: Scenario, seed: int) -> None:
    """DynaBERT (NeurIPS 2020): width and depth adapt to the latency that is allowed."""
    later = scenario.target_latency_ns + Random(seed).randint(0, 1000)
    try:
        plan = planned(dynabert, scenario)
    except (InfeasibleError, InputError):
        return
    more = planned(dynabert, scenario.model_copy(update={"target_latency_ns": later}))
    assert (fidelity(more, scenario.model) or 0) >= (fidelity(plan, scenario.model) or 0)


# --- what their authors claim, on shipped devices and on toys


@pytest.mark.parametrize(("allowed", "depth", "less", "delay"), [(1.148, 1, 0.91, 0.09), (1.01, 2, 0.83, 0.01)])
def test_demand_layering_saves_memory_for_little_delay(allowed: float, depth: int, less: float, delay: float) -> None:
    """Demand Layering (RTSS 2022) reports 96.5 % less memory at 14.8 % delay, and 88.4 % less at nearly none.

    Those networks have more layers than BERT's twelve, one of which is a twelfth: all of DynaBERT at 6 bits from the
    NVMe of a Raspberry Pi 5 takes 91.7 % less at 8.5 % delay, and 83.3 % less at 0.7 %.
    """
    changes = {"device": "raspberry-pi-5-nvme", "target_latency": HOUR}
    ample = read_scenario("paper-odroid-400ms", changes)
    resident = planned(preload_model, ample, bitwidth=6)
    usual_ns = latency_ns(resident, ample)
    scenario = ample.model_copy(update={"target_latency_ns": int(usual_ns * allowed)})
    plan = planned(demand_layering, scenario, bitwidth=6)
    assert plan.shards == resident.shards
    assert [load.after for load in plan.loads] == [None] * depth + list(range(12 - depth))
    assert shard_peak_bytes(plan, scenario) < (1 - less) * shard_peak_bytes(resident, scenario)
    assert usual_ns < latency_ns(plan, scenario) < (1 + delay) * usual_ns


def test_demand_layering_s_depth_may_be_bounded() -> None:
    """With one layer in memory at most, less of the model meets the target; none in memory has no meaning."""
    scenario = read_scenario("paper-odroid-400ms", {"device": "raspberry-pi-5-nvme", "target_latency": "1030 ms"})
    assert sum(map(len, planned(demand_layering, scenario, bitwidth=6).shards)) == 144
    assert sum(map(len, planned(demand_layering, scenario, bitwidth=6, max_depth=1).shards)) < 144
    with pytest.raises(InputError, match="max_depth: at least 1 layer must be in memory, got 0"):
        planned(demand_layering, scenario, max_depth=0)


@pytest.mark.parametrize("device", ["raspberry-pi-5-nvme", "rk3399-emmc"])
def test_prefetching_one_layer_hides_every_read_but_the_first(device: str) -> None:
    """AirLLM (github.com/lyogavin/airllm) reports 10 % from `prefetching`: reading while executing costs no time.

    At 6 bits a layer is read in less time than it takes, so that all its reads but the first are hidden.
    """
    scenario = read_scenario("paper-odroid-400ms", {"device": device, "target_latency": HOUR})
    ahead, none = (planned(one_ahead, scenario, bitwidth=6, prefetch=prefetch) for prefetch in (True, False))
    reads = work_of(ahead, scenario).load_ns[0]
    assert latency_ns(none, scenario) - latency_ns(ahead, scenario) == sum(reads[1:])
    assert 0.85 < latency_ns(ahead, scenario) / latency_ns(none, scenario) < 0.95


def test_one_ahead_has_two_layers_in_memory() -> None:
    """One in execution and one read ahead, where `std_pipeline` has read all; without prefetching only one."""
    scenario = read_scenario("paper-odroid-400ms", {"device": "raspberry-pi-5-nvme", "target_latency": HOUR})
    plans = [planned(one_ahead, scenario, bitwidth=6, prefetch=prefetch) for prefetch in (False, True)]
    peaks = [shard_peak_bytes(plan, scenario) for plan in (*plans, planned(std_pipeline, scenario, bitwidth=6))]
    layer = plans[0].loads[0].bytes
    assert peaks == [layer, 2 * layer, 12 * layer]


def test_a_device_map_without_prefetch_loses_to_a_pipeline_without_memory() -> None:
    """Accelerate's hooks read an offloaded layer when it is about to be executed, which then waits for all of it.

    With half of DynaBERT resident, the other half still costs all of its reading, which a pipeline hides entirely.
    """
    half = {"device": "raspberry-pi-5-nvme", "target_latency": HOUR, "preload_buffer": f"{6 * 5_400_000} B"}
    scenario = read_scenario("paper-odroid-400ms", half)
    plan, pipeline = (planned(planner, scenario, bitwidth=6) for planner in (device_map, std_pipeline))
    assert len(plan.loads) == 6
    work = work_of(plan, scenario)
    busy_ns = sum(work.compute_ns) + sum(work.decompress_ns)
    assert latency_ns(plan, scenario) == busy_ns + sum(work.load_ns[0])
    assert latency_ns(pipeline, scenario) == busy_ns + work.load_ns[0][0] < latency_ns(plan, scenario)


def test_a_device_map_takes_a_layer_that_just_fits() -> None:
    """20 B hold a layer of two shards, 19 B none."""
    plans = [planned(device_map, toy_scenario(preload=room), bitwidth=2) for room in (19, 20)]
    assert [plan.preload for plan in plans] == [(), ((0, 0), (0, 1))]


def test_without_memory_a_device_map_is_a_pipeline_that_does_not_look_ahead() -> None:
    """AirLLM without prefetching and Accelerate without room for a layer do the same."""
    scenario = read_scenario("paper-odroid-400ms")
    assert planned(device_map, scenario) == planned(one_ahead, scenario, prefetch=False)


@pytest.mark.parametrize("name", ["paper-odroid-400ms", "paper-jetson-400ms"])
def test_bitwidths_buy_more_of_the_model_than_submodels_alone(name: str) -> None:
    """WRX (arXiv 2207.05022) compresses shards because at full fidelity IO has time for few of them."""
    scenario = read_scenario(name)
    elastic, submodel = planned(wrx, scenario), planned(dynabert, scenario)
    assert sum(map(len, elastic.shards)) > 2 * sum(map(len, submodel.shards))
    assert (fidelity(elastic, scenario.model) or 0) > 2 * (fidelity(submodel, scenario.model) or 0)


def test_dynabert_keeps_the_bottom_most_shards() -> None:
    """320 B hold two shards of 160 B; the other two are read while the first layer is executed."""
    plan = planned(dynabert, toy_scenario(toy_model(min_layers=2), target_ns=520, preload=320))
    assert plan.preload == plan.retain == ((0, 0), (0, 1))
    assert [(load.shards, load.after) for load in plan.loads] == [(((1, 0), (1, 1)), None)]
    with pytest.raises(InputError, match="bitwidth: toy is not stored at 32 bits"):
        planned(dynabert, toy_scenario(toy_model(bitwidths=(2, 6))))
