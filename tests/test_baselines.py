"""The planners that WRX is compared with: what they load, and that no submodel would do better."""

from collections.abc import Callable
from dataclasses import replace
from math import inf

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from strategies import scenarios, toy_device, toy_model, toy_scenario

from edgesim.backends.simulated import execute
from edgesim.cost import compute_ns, request
from edgesim.errors import InfeasibleError, InputError
from edgesim.planners.baselines import load_exec, preload_model, std_pipeline
from edgesim.planners.submodels import layers_of, shapes, slices_of
from edgesim.plans import Plan
from edgesim.quality import fidelity
from edgesim.rules import check
from edgesim.scenario import Scenario
from edgesim.units import show_ns
from edgesim.workload import SingleStream

Planner = Callable[..., Plan]
BASELINES = [load_exec, std_pipeline, preload_model]


def planned(planner: Planner, scenario: Scenario, bits: int) -> Plan:
    """Return a baseline's plan at a bitwidth."""
    return planner(scenario.model, scenario.device, scenario.budget, bitwidth=bits)


@pytest.mark.parametrize(
    ("planner", "loads", "kept"), [(load_exec, [40], 0), (std_pipeline, [20, 20], 0), (preload_model, [], 4)]
)
def test_each_baseline_loads_in_its_way(planner: Planner, loads: list[int], kept: int) -> None:
    """One load of all, one load a layer, or everything resident."""
    plan = planned(planner, toy_scenario(), 2)
    assert [load.bytes for load in plan.loads] == loads
    assert len(plan.preload) == len(plan.retain) == kept
    assert plan.ignores_buffers is (planner is preload_model)


@pytest.mark.parametrize(("planner", "latency_ns"), [(load_exec, 440), (std_pipeline, 420), (preload_model, 400)])
def test_the_largest_submodel_in_time_is_taken(planner: Planner, latency_ns: int) -> None:
    """A target of the whole model's latency lets it run; a nanosecond less does not."""
    assert sum(map(len, planned(planner, toy_scenario(target_ns=latency_ns), 2).shards)) == 4
    assert sum(map(len, planned(planner, toy_scenario(target_ns=latency_ns - 1), 2).shards)) == 2


def test_of_equal_fidelity_the_deepest_is_taken() -> None:
    """2 x 1 and 1 x 2 shards have the same fidelity; without distortion it is 0 for all."""
    assert planned(preload_model, toy_scenario(target_ns=399), 2).layers == (0, 1)


def test_fidelity_comes_before_size() -> None:
    """One important shard is better than two that add nothing."""
    model = toy_model(importance={"values": [[0, 0], [0, 1]]}, distortion={2: 0.5, 6: 0.25},
                      submodel={"layers": "importance", "shards": "first"})  # fmt: skip
    plan = planned(preload_model, toy_scenario(model, target_ns=200), 2)
    assert (plan.layers, plan.shards) == ((1,), ((0, 1),))


def test_the_default_is_full_fidelity() -> None:
    """Without an option, shards have 32 bits."""
    scenario = toy_scenario(target_ns=2000)
    plan = std_pipeline(scenario.model, scenario.device, scenario.budget)
    assert plan.bitwidths == ((32, 32), (32, 32))


def test_an_unknown_bitwidth_is_refused() -> None:
    """A model has the bitwidths that it is stored at."""
    with pytest.raises(InputError, match=r"bitwidth: toy is not stored at 5 bits; known: 2, 6, 32"):
        planned(load_exec, toy_scenario(), 5)


def test_infeasible_says_by_how_much_the_target_is_short() -> None:
    """The fastest submodel, 1 x 1, needs 110 ms."""
    device = toy_device(read={"bandwidth": "1 kB/s"}, layer_ns={1: 10**8, 2: 2 * 10**8})
    with pytest.raises(InfeasibleError, match=r"takes 110\.0 ms, the target of 50\.0 ms is short by 60\.0 ms"):
        planned(load_exec, toy_scenario(device=device, target_ns=5 * 10**7), 2)


def test_infeasible_says_which_buffer_is_too_small() -> None:
    """Where no submodel fits the load buffer, time is not the reason; everything resident needs none."""
    with pytest.raises(InfeasibleError, match="no submodel fits the load buffer of 9 B: layer 0 needs 10 B"):
        planned(load_exec, toy_scenario(load_buffer=9), 2)
    planned(preload_model, toy_scenario(load_buffer=9), 2)


def test_shapes_are_sorted_by_size_then_depth() -> None:
    """Every n x m that the model allows and the device was measured for."""
    scenario = toy_scenario(toy_model(layers=3, min_layers=2), toy_device(layer_ns={1: 1, 9: 9}))
    assert shapes(scenario.model, scenario.device, scenario.budget) == [(3, 2), (2, 2), (3, 1), (2, 1)]


def test_the_model_s_rule_chooses_layers_and_slices() -> None:
    """Two of four layers are the first, evenly spread, or the most important; so are slices."""
    values = [[1, 2], [8, 1], [0, 0], [5, 9]]
    rules = {rule: toy_model(layers=4, submodel={"layers": rule}) for rule in ("first", "uniform")}
    by_importance = {"layers": "importance", "shards": "importance"}
    model = toy_model(layers=4, importance={"values": values}, submodel=by_importance)
    assert [layers_of(each, 2) for each in (*rules.values(), model)] == [(0, 1), (0, 2), (1, 3)]
    assert slices_of(model, (0, 1), 1) == ((1,), (0,))


@settings(max_examples=800)
@given(scenarios(), st.sampled_from(BASELINES), st.sampled_from([2, 6, 32]))
def test_no_submodel_in_time_is_better(scenario: Scenario, planner: Planner, bits: int) -> None:
    """A legal plan meets the target with the best fidelity, then most shards, then most layers; or nothing meets it."""
    assume(bits in scenario.model.bitwidths)
    warm = scenario.model_copy(update={"workload": SingleStream()})
    in_time = [
        rank(plan, scenario)
        for n in range(scenario.model.min_layers, scenario.model.layers + 1)
        for m in compute_ns(scenario.device, scenario.processor, scenario.model)
        if meets_target(plan := uniform(scenario, planner, (n, m), bits), warm)
    ]
    try:
        plan = planned(planner, scenario, bits)
    except InfeasibleError:
        assert not in_time
        return
    check(plan, scenario)
    assert planned(planner, scenario, bits) == plan
    assert meets_target(plan, warm)
    assert rank(plan, scenario) == max(in_time)


@settings(max_examples=200)
@given(scenarios(), st.sampled_from(BASELINES), st.sampled_from([2, 6, 32]))
def test_infeasible_names_the_fastest_of_all_plans(scenario: Scenario, planner: Planner, bits: int) -> None:
    """However few of them are priced: a nanosecond is short of every plan's latency, as it is simulated."""
    assume(bits in scenario.model.bitwidths)
    hopeless = scenario.model_copy(update={"target_latency_ns": 1, "workload": SingleStream()})
    every = [
        latency_ns(uniform(scenario, planner, (n, m), bits), hopeless)
        for n in range(scenario.model.min_layers, scenario.model.layers + 1)
        for m in compute_ns(scenario.device, scenario.processor, scenario.model)
    ]
    assume(min(every) > 1)
    with pytest.raises(InfeasibleError) as caught:
        planned(planner, hopeless, bits)
    says = "no submodel fits" if min(every) == inf else f"the fastest submodel takes {show_ns(int(min(every)))},"
    assert says in str(caught.value)


def rank(plan: Plan, scenario: Scenario) -> tuple[float, int, int]:
    """Return what a baseline maximises."""
    return fidelity(plan, scenario.model) or 0.0, sum(map(len, plan.shards)), len(plan.layers)


def uniform(scenario: Scenario, planner: Planner, shape: tuple[int, int], bits: int) -> Plan:
    """Build the plan of one submodel that a baseline may choose."""
    n, m = shape
    layers = layers_of(scenario.model, n)
    shards = slices_of(scenario.model, layers, m)
    rows = [[((layer, s), bits) for s in row] for layer, row in zip(layers, shards, strict=True)]
    whole = [pair for row in rows for pair in row]
    loads = {load_exec: [whole], std_pipeline: rows, preload_model: []}[planner]
    kept = tuple(shard for shard, _ in whole) if planner is preload_model else ()
    requests = tuple(request(scenario.model, row) for row in loads)
    plan = Plan(layers, shards, ((bits,) * m,) * n, kept, requests, kept)
    return replace(plan, ignores_buffers=planner is preload_model)


def meets_target(plan: Plan, scenario: Scenario) -> bool:
    """Tell whether a plan, simulated, ends in time."""
    return latency_ns(plan, scenario) <= scenario.target_latency_ns


def latency_ns(plan: Plan, scenario: Scenario) -> float:
    """Return when a plan, simulated, ends; one that waits for itself never does."""
    try:
        (part,) = execute(plan, scenario.model, scenario.device, scenario.session)
    except RuntimeError:
        return inf
    return part.requests[0].finish_ns
