"""The planner of the paper: its worked example, each pass, each option, and a slow twin that it must agree with."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import scenarios, toy_device, toy_model, toy_scenario
from twin import KEPT, highest, kept_bitwidth, twin_of

from edgesim.backends.simulated import execute
from edgesim.cost import read_ns
from edgesim.errors import InfeasibleError, InputError
from edgesim.metrics import measure
from edgesim.planners.submodels import Rows
from edgesim.planners.wrx import wrx
from edgesim.plans import Plan, Upgrade
from edgesim.scenario import Scenario

MS, SECONDS = 10**6, 10**9


def planned(scenario: Scenario, **options: Any) -> Plan:  # noqa: ANN401  (any option of the planner)
    """Return what wrx plans for a scenario."""
    return wrx(scenario.model, scenario.device, scenario.budget, **options)


def two_by_two(target_ns: int, *, preload: int = 0, load_buffer: int | None = None, **model: object) -> Scenario:
    """Return a scenario of 2 layers of 2 shards, 200 ns a layer: 10, 30 or 160 B and ns a shard."""
    toys = toy_model(min_layers=2, **model), toy_device(layer_ns={2: 200})
    return toy_scenario(*toys, target_ns=target_ns, preload=preload, load_buffer=load_buffer)


def figure_6(bitwidths: tuple[int, ...]) -> Scenario:
    """Return the paper's worked example: 2 x 3 shards, 1 s a layer, 0.2 s to read a shard of 2 bits."""
    device = toy_device(read={"bandwidth": "50 B/s"}, layer_ns={3: SECONDS})
    model = toy_model(shards=3, bitwidths=bitwidths, min_layers=2)
    return toy_scenario(model, device, target_ns=2 * SECONDS, preload=30)


def test_the_paper_s_figure_6() -> None:
    """Layer 1 has 1.6 s of IO before any charge, 1.0 s of them after layer 0's, and nothing stalls."""
    scenario = figure_6((2,))
    plan = planned(scenario)
    assert plan.preload == ((0, 0), (0, 1), (0, 2))
    assert plan.io_budget_initial_ns == (600 * MS, 1600 * MS)
    layer_1_ns = read_ns(plan.loads[0].bytes, scenario.device.storage)
    assert (layer_1_ns, plan.io_budget_ns[1] + layer_1_ns) == (600 * MS, 1000 * MS)
    assert plan.io_budget_ns == (0, 400 * MS)
    metrics = measure(execute(plan, scenario.model, scenario.device, scenario.session), plan, scenario)
    assert (metrics.latency_ns, metrics.stall_ns) == (2 * SECONDS, 0)


def test_figure_6_spends_what_is_left() -> None:
    """With 6 bits to choose from, the 1.0 s that layer 1 has buys one shard of 0.6 s and two of 0.2 s."""
    plan = planned(figure_6((2, 6, 32)))
    assert plan.bitwidths == ((2, 2, 2), (6, 2, 2))
    assert plan.io_budget_ns == (0, 0)


def test_of_equally_large_submodels_the_deepest_is_taken() -> None:
    """400 ns compute 1 x 4, 2 x 2 or 4 x 1 shards."""
    plan = planned(toy_scenario(toy_model(layers=4, shards=4), target_ns=450))
    assert plan.shards == ((0,), (0,), (0,), (0,))


def test_pass_1_takes_the_highest_uniform_bitwidth() -> None:
    """A slack of 60 ns pays layer 0 at 6 bits; the 140 ns left of layer 1 then pay one shard at 32."""
    plan = planned(two_by_two(460))
    assert plan.io_budget_initial_ns == (60, 260)
    assert plan.upgrades == (Upgrade((1, 0), 6, 32),)
    assert plan.bitwidths == ((6, 6), (32, 6))
    assert plan.io_budget_ns == (0, 10)


def test_every_shard_is_raised_to_6_bits_before_any_to_32() -> None:
    """The 180 ns that layer 1 has pay 20 + 20 ns for 6 bits, and then 130 ns for 32: ties go to the lower slice."""
    plan = planned(two_by_two(420))
    assert plan.bitwidths == ((2, 2), (32, 6))
    assert [(step.shard, step.to_bits) for step in plan.upgrades] == [((1, 0), 6), ((1, 1), 6), ((1, 0), 32)]


def test_the_more_important_shard_is_raised_first() -> None:
    """With slice 1 more important than slice 0, it is the one that gets 32 bits."""
    plan = planned(two_by_two(420, importance={"values": [[1, 1], [-1, 0.5]]}))
    assert plan.bitwidths == ((2, 2), (6, 32))


def test_the_next_lower_bitwidth_is_tried() -> None:
    """The 10 ns left of layer 0 do not pay 6 bits, but 4."""
    assert planned(two_by_two(430, bitwidths=(2, 4, 6))).bitwidths == ((4, 2), (6, 6))


def test_the_preload_set_is_a_prefix_and_is_not_raised() -> None:
    """25 B hold layer 0 at 2 bits, which leaves layer 1 its 200 ns."""
    plan = planned(two_by_two(400, preload=25))
    assert plan.preload == plan.retain == ((0, 0), (0, 1))
    assert plan.bitwidths == ((2, 2), (32, 6))
    assert [load.shards for load in plan.loads] == [((1, 0), (1, 1))]


def test_the_preload_set_may_have_a_bitwidth_of_its_own() -> None:
    """60 B hold layer 0 at 6 bits; with 35 B, shard (0, 1) is read, which leaves no budget to raise it."""
    assert planned(two_by_two(400, preload=60)).preload == ((0, 0), (0, 1))
    assert planned(two_by_two(400, preload=60), preload_bitwidth=6).bitwidths == ((6, 6), (32, 6))
    plan = planned(two_by_two(420, preload=35), preload_bitwidth=6)
    assert (plan.preload, plan.retain) == (((0, 0),), ((0, 0),))
    assert plan.bitwidths == ((6, 2), (32, 6))
    assert [load.bytes for load in plan.loads] == [10, 190]


@pytest.mark.parametrize(
    ("options", "bitwidths", "held"),
    [
        ({}, ((6, 6), (6, 32)), 1),  # pass 1, then slice 1 of layer 1, the most important
        ({"importance": "bottom_first"}, ((6, 6), (32, 6)), 1),
        ({"upgrade": False}, ((6, 6), (6, 6)), 1),
        ({"preload": False}, ((2, 2), (6, 32)), 0),  # without the 30 ns of the preloaded shard
        ({"preload_bitwidth": 2}, ((2, 2), (2, 32)), 3),  # of 10 B each, three are resident
    ],
)
def test_what_each_part_is_worth_can_be_seen(options: dict[str, Any], bitwidths: Rows, held: int) -> None:
    """Order, upgrades, preload buffer and its bitwidth can each be replaced, and the rest stays as it is."""
    scenario = two_by_two(430, preload=30, importance={"values": [[1, 1], [-1, 2]]})
    plan = planned(scenario, **options)
    assert (plan.bitwidths, len(plan.preload)) == (bitwidths, held)


def test_a_random_order_is_the_seed_s() -> None:
    """The same seed draws the same order, and of ten seeds not all draw one."""
    scenario = two_by_two(420)
    plans = [planned(scenario, importance="random", seed=seed) for seed in (*range(10), 0)]
    assert plans[0] == plans[-1]
    assert {plan.bitwidths for plan in plans} == {((2, 2), (32, 6)), ((2, 2), (6, 32))}


def test_upgrade_to_leaves_32_bits_out() -> None:
    """The same budget, without the third pass."""
    assert planned(two_by_two(420), upgrade_to=6).bitwidths == ((2, 2), (6, 6))


def test_without_slack_the_first_layer_needs_the_preload_buffer() -> None:
    """The paper's form lends nothing of the target that computing leaves over."""
    assert planned(two_by_two(500, preload=25), use_slack=False).io_budget_initial_ns == (20, 220)
    with pytest.raises(InfeasibleError, match="layer 0 is short"):
        planned(two_by_two(500), use_slack=False)


@pytest.mark.parametrize(("granularity", "sizes"), [("layer", [20, 20]), ("shard", [10] * 4), ({"group": 2}, [40])])
def test_granularity_says_what_one_request_brings(granularity: object, sizes: list[int]) -> None:
    """Four shards of 10 B are read by layer, by shard, or by group of two layers."""
    plan = planned(two_by_two(450, bitwidths=(2,)), granularity=granularity)
    assert [load.bytes for load in plan.loads] == sizes


def test_requests_that_cost_more_than_their_bytes_are_withheld() -> None:
    """At 30 ns a request, layer 0 has its 50 ns in one request, but not in two: one shard a layer is left."""
    device = toy_device(read={"latency": "30 ns", "bandwidth": "1 GB/s"})
    scenario = toy_scenario(toy_model(bitwidths=(2,), min_layers=2), device, target_ns=450)
    assert planned(scenario).shards == ((0, 1), (0, 1))
    assert planned(scenario, granularity="shard").shards == ((0,), (0,))


def test_upgrades_that_overfill_the_load_buffer_are_withheld() -> None:
    """A target of 2000 ns pays 32 bits for all, but 20 B have room for 2 bits only."""
    assert planned(two_by_two(2000)).bitwidths == ((32, 32), (32, 32))
    assert planned(two_by_two(2000, load_buffer=20)).bitwidths == ((2, 2), (2, 2))


def test_what_waits_cost_is_part_of_the_promise() -> None:
    """Layer 0 is waited for: 60 ns of slack pay 40 ns of reading and 10 of hand-off; layer 1 comes in time."""
    device = toy_device(layer_ns={2: 200}, hand_off_ns=10)
    scenario = toy_scenario(toy_model(min_layers=2), device, target_ns=460)
    plan = planned(scenario)
    assert plan.bitwidths == ((6, 2), (32, 6))
    (part,) = execute(plan, scenario.model, device, scenario.session)
    assert part.requests[0].finish_ns == 40 + 10 + 400


def test_a_layer_that_ends_early_is_not_taken_for_one_that_ends_late() -> None:
    """At 2 bits preloaded layer 0 ends after 100 ns, so that layer 1, after 120, is waited for: 720 ns.

    At the dearest bitwidth layer 0 would end after 150 ns, nobody would wait, and all would end after 300.
    """
    read = {"latency": "110 ns", "bandwidth": "1 GB/s"}
    device = toy_device(read=read, layer_ns={1: 100}, unpack_ns={2: 0, 6: 50}, hand_off_ns=500)
    model = toy_model(shards=1, bitwidths=(2, 6), min_layers=2)
    with pytest.raises(InfeasibleError, match=r"end 0\.00012 ms after the target"):
        planned(toy_scenario(model, device, target_ns=600, preload=10))


def test_a_raise_that_is_too_late_may_be_in_time_later() -> None:
    """Shard (1, 0), raised first, would be waited for: 670 ns. When (0, 0) is raised, (1, 1) is in time: 620."""
    read = {"latency": "180 ns", "bandwidth": "1 GB/s"}
    device = toy_device(read=read, layer_ns={2: 100}, unpack_ns={2: 0, 6: 50}, hand_off_ns=100)
    model = toy_model(bitwidths=(2, 6), min_layers=2, importance={"values": [[1, -1], [2, 0.5]]})
    plan = planned(toy_scenario(model, device, target_ns=660))
    assert plan.bitwidths == ((6, 2), (2, 6))
    (part,) = execute(plan, model, device, toy_scenario(model, device).session)
    assert part.requests[0].finish_ns == 620


def test_each_request_is_judged_on_its_own() -> None:
    """In 40 B, shard (1, 0) at 6 bits would wait for layer 0 and (1, 1) after it: 460 ns; (1, 1) alone takes 450."""
    scenario = two_by_two(450, load_buffer=40, bitwidths=(2, 6), importance={"values": [[-1, -1], [2, 1]]})
    assert planned(scenario, granularity="shard").bitwidths == ((2, 2), (2, 6))


def test_a_preloaded_layer_waits_for_no_request() -> None:
    """A request for two layers that brings nothing of the first, which is preloaded, does not delay it."""
    scenario = two_by_two(400, preload=25)
    assert planned(scenario, granularity={"group": 2}) == planned(scenario)


def slow(target_ms: int, **more: Any) -> Scenario:  # noqa: ANN401  (anything that toy_scenario takes)
    """Return a scenario of one layer of one shard: 100 ms to compute, 10 ms to read at 2 bits."""
    device = toy_device(read={"bandwidth": "1 kB/s"}, layer_ns={1: 100 * MS})
    return toy_scenario(toy_model(layers=1, shards=1), device, target_ns=target_ms * MS, **more)


@pytest.mark.parametrize(
    ("scenario", "message"),
    [
        (slow(60), "the smallest submodel, 1 x 1, takes 100.0 ms: the target of 60.0 ms is short by 40.0 ms"),
        (slow(105), "even 1 x 1 shards at 2 bits .* the IO budget of layer 0 is short by 5.0 ms"),
        (
            slow(200, load_buffer=9),
            "even 1 x 1 shards at 2 bits need 10 B for one request, the load buffer has room for 9 B",
        ),
    ],
)
def test_infeasible_says_what_is_short_and_by_how_much(scenario: Scenario, message: str) -> None:
    """Compute time, an IO budget, or the load buffer may be what no submodel fits."""
    with pytest.raises(InfeasibleError, match=message):
        planned(scenario)


@pytest.mark.parametrize(
    "options",
    [
        {"upgrade_to": 1},
        {"upgrade_to": 7},
        {"granularity": {"group": 0}},
        {"preload_bitwidth": 5},
        {"preload_bitwidth": 6, "upgrade_to": 2},
        {"variant": "as_published", "preload_bitwidth": 6},
    ],
)
def test_options_without_meaning_are_refused(options: dict[str, object]) -> None:
    """No bitwidth that the model lacks, no group of no layers, no preload set that model or variant does not have."""
    with pytest.raises(InputError, match=next(iter(options))):
        planned(two_by_two(500), **options)


@pytest.mark.parametrize(
    ("scenario", "held", "bitwidths", "left"),
    [
        (two_by_two(400, preload=60), 2, ((6, 6), (32, 6)), (0, 10)),  # 6 by importance, then 32 what still fits
        (two_by_two(400, preload=35), 1, ((6, 6), (2, 2)), (-30, 150)),  # cut to the buffer; (0, 1) raised in vain
        (two_by_two(500), 0, ((6, 2), (2, 2)), (-40, 140)),  # broken at 2 bits, which slack would cure; raised once
    ],
)
def test_as_published(scenario: Scenario, held: int, bitwidths: Rows, left: tuple[int, int]) -> None:
    """The released planner preloads layer 0 at 6 bits as far as it fits, fills 2 bits whatever breaks, then raises."""
    plan = planned(scenario, variant="as_published")
    assert plan.preload == plan.retain == ((0, 0), (0, 1))[:held]
    assert (plan.bitwidths, plan.io_budget_ns) == (bitwidths, left)


def test_as_published_keeps_the_raise_that_breaks_a_budget() -> None:
    """With 30 ns a layer, 10 ns are left for layer 1: the first raise, 20 ns, breaks them, stays, and is the last."""
    scenario = toy_scenario(toy_model(), toy_device(layer_ns={2: 30}), target_ns=60, preload=60)
    plan = planned(scenario, variant="as_published")
    assert plan.bitwidths == ((6, 6), (6, 2))
    assert plan.io_budget_ns == (0, -10)


def test_as_published_refuses_what_would_wait_for_itself() -> None:
    """A layer that the load buffer cannot hold has no plan."""
    with pytest.raises(InfeasibleError, match="layer 0 needs 40 B"):
        planned(two_by_two(500, load_buffer=15), variant="as_published")


@settings(max_examples=800)
@given(scenarios(), st.sampled_from([None, 1, 1, 2, 3]), st.booleans(), st.sampled_from([6, 32]), KEPT)
def test_wrx_plans_what_the_text_says(
    scenario: Scenario, group: int | None, use_slack: bool, upgrade_to: int, kept: int | None
) -> None:
    """Submodel, bitwidths and preload set are those that the passes give without any shortcut."""
    upgrade_to = highest(scenario, upgrade_to)
    kept = kept_bitwidth(scenario, kept, upgrade_to)
    options = {"granularity": {None: "shard", 1: "layer"}.get(group, {"group": group}), "use_slack": use_slack}
    expected = twin_of(scenario, group, use_slack, upgrade_to, kept)
    try:
        plan = planned(scenario, **options, upgrade_to=upgrade_to, preload_bitwidth=kept)
    except InfeasibleError:
        assert expected is None
        return
    assert (plan.shards, plan.bitwidths, len(plan.preload)) == expected
