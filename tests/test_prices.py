"""WRX where shards lie in records: each request costs its extents, and a larger shard may be the cheaper one.

A read takes 100 ns, and 1 ns a byte. Every shard has 40 weights: at 2 and 6 bits at least 10 and 30 B.
"""

from collections.abc import Mapping

import pytest
from stores import records_of
from strategies import toy_device, toy_model, toy_scenario

from edgesim.backends.simulated import execute
from edgesim.errors import InfeasibleError
from edgesim.planners.baselines import load_exec, std_pipeline
from edgesim.planners.prices import pricing
from edgesim.planners.wrx import wrx
from edgesim.plans import Plan
from edgesim.records import Version
from edgesim.scenario import Scenario

SEEK = toy_device(read={"latency": "100 ns", "bandwidth": "1 GB/s"})
MERGING = {
    (0, 0, 2): (0, 10), (0, 1, 2): (10, 10), (0, 0, 6): (20, 30), (0, 1, 6): (50, 30),
    (1, 0, 2): (0, 10), (1, 0, 6): (500, 30), (1, 1, 2): (530, 10), (1, 1, 6): (1000, 30),
}  # fmt: skip
"""Layer 0 is one read at 2, at 6 and at (6, 2) bits; layer 1 two reads at 2 bits, one at (6, 2)."""


def scenario_of(
    placed: Mapping[Version, tuple[int, int]], target_ns: int, preload: int = 0, **more: object
) -> Scenario:
    """Return a scenario of all layers and shards that are placed, 100 ns a shard to compute."""
    layers, shards = (1 + max(version[axis] for version in placed) for axis in (0, 1))
    model = toy_model(
        layers=layers, shards=shards, bitwidths=(2, 6), min_layers=layers, records=records_of(placed), **more
    )
    device = SEEK.model_copy(update={"processors": toy_device(layer_ns={shards: 100 * shards}).processors})
    return toy_scenario(model, device, target_ns=target_ns, preload=preload, inferences=2)


def planned(scenario: Scenario, **options: object) -> Plan:
    """Return what wrx plans, having seen that no inference exceeds the target."""
    plan = wrx(scenario.model, scenario.device, scenario.budget, **options)  # type: ignore[arg-type]
    for part in execute(plan, scenario.model, scenario.device, scenario.session):
        assert part.requests[0].finish_ns - part.requests[0].start_ns <= scenario.target_latency_ns
    return plan


def test_shards_alike_cost_their_bytes() -> None:
    """Without records a request is one extent, wherever its shards stand."""
    prices = pricing(toy_model(), SEEK)([(0, 0), (0, 1), (1, 0)])
    assert [prices.size[shard][6] for shard in range(3)] == [30, 30, 30]
    assert (prices.read(40, [2, 6, 6], 0, 2), prices.read(0, [2, 6, 6], 2, 2)) == (140, 0)
    assert prices.by_bytes


def test_records_cost_their_extents() -> None:
    """Shard (1, 0) at 6 bits adjoins (1, 1) at 2 bits, and not at 6."""
    model = toy_model(bitwidths=(2, 6), records=records_of(MERGING))
    prices = pricing(model, SEEK)([(0, 0), (0, 1), (1, 0), (1, 1)])
    costs = [prices.read(0, [2, 2, *bits], 2, 4) for bits in ((2, 2), (6, 2), (6, 6))]
    assert costs == [110 + 110, 140, 130 + 130]
    assert prices.read(0, [2, 2, 6, 2], 0, 4) == 120 + 140
    assert prices.read(0, [2, 2, 2, 2], 4, 4) == 0
    assert not prices.by_bytes


def test_a_buffer_holds_the_first_shards_by_their_own_sizes() -> None:
    """Three shards of 10, 50 and 10 B: 60 B hold two, 59 hold one."""
    placed = {(0, 0, 2): (0, 10), (0, 1, 2): (10, 50), (0, 2, 2): (60, 10)}
    model = toy_model(layers=1, shards=3, bitwidths=(2,), records=records_of(placed))
    prices = pricing(model, SEEK)([(0, 0), (0, 1), (0, 2)])
    assert [prices.fitting([2] * 3, room) for room in (9, 10, 59, 60, 70, 999)] == [0, 1, 1, 2, 3, 3]


def test_budgets_are_charged_extent_by_extent() -> None:
    """A slack of 140 ns pays layer 0's 120; layer 1's 340 - 200 then leave nothing."""
    plan = planned(scenario_of(MERGING, 540), upgrade_to=2)
    assert [load.extents for load in plan.loads] == [(20,), (10, 10)]
    assert (plan.io_budget_initial_ns, plan.io_budget_ns) == ((140, 340), (20, 0))


def test_what_a_cheaper_upgrade_gains_is_spent_by_an_earlier_layer() -> None:
    """Raising (1, 0) makes layer 1 one read and gives back 80 ns, of which raising (0, 0) takes 20."""
    plan = planned(scenario_of(MERGING, 540, importance={"values": [[2, 1], [4, 3]]}))
    assert [(step.shard, step.to_bits) for step in plan.upgrades] == [((1, 0), 6), ((0, 0), 6)]
    assert [load.extents for load in plan.loads] == [(40,), (40,)]
    assert plan.io_budget_ns == (0, 60)


def test_an_upgrade_that_was_refused_to_one_shard_may_suit_another() -> None:
    """Raising (1, 1) would cost 20 ns more that are not there; as many bytes more for (1, 0) cost less than before."""
    plan = planned(scenario_of(MERGING, 540, importance={"values": [[1, 1], [2, 3]]}))
    assert plan.upgrades[0].shard == (1, 0)


def test_a_cheaper_layer_cures_its_own_budget() -> None:
    """Raised, shard 1 adjoins the preloaded one: the charge falls from 330 to 250, the bonus from 110 to 10."""
    placed = {
        (0, 0, 2): (0, 10), (0, 1, 2): (100, 10), (0, 2, 2): (200, 10),
        (0, 0, 6): (1000, 30), (0, 1, 6): (10, 30), (0, 2, 6): (2000, 30),
    }  # fmt: skip
    plan = planned(scenario_of(placed, 300 + 250, preload=10))
    assert (plan.preload, plan.bitwidths) == (((0, 0),), ((2, 6, 2),))
    assert [load.extents for load in plan.loads] == [(30, 10)]
    assert (plan.io_budget_initial_ns, plan.io_budget_ns) == ((260,), (10,))


def test_no_more_is_retained_than_was_preloaded() -> None:
    """Shard 1, smaller at 6 bits, would fit the preload buffer in the end, but without it one read becomes two."""
    placed = {
        (0, 2, 6): (0, 30), (0, 1, 6): (30, 30), (0, 3, 6): (60, 110), (0, 0, 6): (5000, 500),
        (0, 2, 2): (1000, 10), (0, 1, 2): (1010, 50), (0, 3, 2): (1060, 10), (0, 0, 2): (9000, 10),
    }  # fmt: skip
    plan = planned(scenario_of(placed, 400 + 300, preload=40, importance={"values": [[0, 2, 3, 1]]}))
    assert plan.bitwidths == ((2, 6, 6, 6),)
    assert plan.preload == plan.retain == ((0, 0),)
    assert [load.extents for load in plan.loads] == [(170,)]


def test_as_published_raises_until_a_budget_is_broken() -> None:
    """Layer 1 is short by 20 ns at 2 bits, has 60 left at (6, 2), and is short by 60 at 6, where the raising ends."""
    scenario = scenario_of(MERGING, 400, preload=90)
    plan = wrx(scenario.model, scenario.device, scenario.budget, variant="as_published")
    assert plan.bitwidths == ((6, 6), (6, 6))
    assert (plan.io_budget_initial_ns, plan.io_budget_ns) == ((160, 360), (0, -60))
    assert (plan.preload, plan.retain) == (((0, 0), (0, 1)), ((0, 0), (0, 1), (1, 0)))


def test_baselines_pay_for_their_extents() -> None:
    """At 2 bits, loading all takes 120 + 220 ns before 400 of computing; layer by layer, 220 of them meanwhile."""
    scenario = scenario_of(MERGING, 740)
    budget = scenario.budget
    one = load_exec(scenario.model, scenario.device, budget, bitwidth=2)
    assert [load.extents for load in one.loads] == [(20, 10, 10)]
    each = std_pipeline(scenario.model, scenario.device, budget._replace(target_latency_ns=540), bitwidth=2)
    assert [load.extents for load in each.loads] == [(20,), (10, 10)]
    with pytest.raises(InfeasibleError, match=r"takes 0\.00074 ms"):
        load_exec(scenario.model, scenario.device, budget._replace(target_latency_ns=739), bitwidth=2)
    with pytest.raises(InfeasibleError, match=r"takes 0\.00054 ms"):
        std_pipeline(scenario.model, scenario.device, budget._replace(target_latency_ns=539), bitwidth=2)
