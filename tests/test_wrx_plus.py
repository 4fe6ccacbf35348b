"""`wrx_plus`: what it promises beside the contract of all planners, and the parts that it is made of."""

from dataclasses import replace
from itertools import pairwise, product
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgesim import Budget, plan, read_device, read_model, read_scenario
from edgesim.errors import InfeasibleError, InputError
from edgesim.planners.balanced_lock import balanced_lock
from edgesim.planners.hull import raises
from edgesim.planners.plus.ceilings import Ceiling
from edgesim.planners.plus.knapsack import Knapsack, pack
from edgesim.planners.wrx_plus import wrx_plus
from edgesim.quality import fidelity
from edgesim.quantile import at_quantile
from edgesim.recurrence import makespan_ns
from edgesim.scenario import Scenario
from edgesim.testing.draws import random_importance, random_scenario
from edgesim.testing.toys import toy_device, toy_model, toy_scenario
from edgesim.work import price

SEEDS = st.integers(0, 2**32)


def _quality(scenario: Scenario, planner: str) -> float:
    """Return the fidelity of a plan; minus infinity where there is none."""
    try:
        return fidelity(plan(scenario, planner), scenario.model) or 0.0
    except (InfeasibleError, InputError):
        return float("-inf")


@pytest.mark.parametrize("block", range(6))
def test_it_is_never_worse_than_wrx_or_a_uniform_pipeline(block: int) -> None:
    """On random scenarios of any kind: tables, waits, records, small buffers."""
    for seed in range(block * 100, (block + 1) * 100):
        scenario = random_scenario(seed)
        if scenario.model.distortion is None:
            continue
        own = _quality(scenario, "wrx_plus")
        names = ["std_pipeline", *["balanced_lock"] * (scenario.load_buffer_bytes is not None)]
        for other in ["wrx", *(f"{name}[bitwidth={bits}]" for name in names for bits in scenario.model.bitwidths)]:
            assert own >= _quality(scenario, other), (seed, other)


def test_a_preload_set_may_be_spread_over_all_layers() -> None:
    """Where the loader cannot run far ahead, that is better than the first layers: by 3.4 % here."""
    budget = Budget("cpu", 535_500_000, 5_000_000, 4_000_000)
    inputs = read_model("distilbert-6x12"), read_device("odroid-n2plus")
    made = wrx_plus(*inputs, budget)
    assert made == balanced_lock(*inputs, budget, bitwidth=3)
    ahead = wrx_plus(*inputs, budget._replace(load_buffer_bytes=None))
    assert {layer for layer, _ in made.preload} == set(made.layers) > {layer for layer, _ in ahead.preload}


def _line_scenario(random: Random) -> Scenario:
    """Return a scenario that IO budgets describe exactly.

    Storage is a line, waits cost only their own time, compressed bitwidths are decompressed alike, the load buffer is
    ample.
    """
    layers, shards = random.randint(1, 5), random.randint(1, 4)
    bitwidths = sorted(random.sample([2, 3, 4, 5, 6, 32], random.randint(1, 6)))
    model = toy_model(
        layers=layers,
        shards=shards,
        bitwidths=bitwidths,
        distortion={2: 0.14, 3: 0.04, 4: 0.01, 5: 0.004, 6: 0.0014},
        importance=random_importance(random, layers, shards),
        submodel={"layers": "first", "shards": random.choice(["first", "importance"])},
    )
    per_shard = random.choice([0, 20, dict.fromkeys(bitwidths, 20) | {32: random.randint(0, 40)}])
    device = toy_device(
        read={"bandwidth": "1 GB/s"} | random.choice([{}, {"latency": f"{random.randint(0, 40)} ns"}]),
        layer_ns={1: random.randint(20, 200), shards: random.randint(200, 600)} if shards > 1 else {1: 150},
        unpack_ns=per_shard,
        overlap=random.random() < 0.2,
    )
    target = random.randint(100, 500 * layers)
    return toy_scenario(model, device, target_ns=target, preload=random.choice([0, random.randint(1, 600)]))


def _with_more(scenario: Scenario, random: Random) -> Scenario:
    """Return the same with a later target, a larger preload buffer, or faster storage."""
    what = random.choice(["target", "preload", "bandwidth"])
    if what == "target":
        return scenario.model_copy(update={"target_latency_ns": scenario.target_latency_ns + random.randint(1, 200)})
    if what == "preload":
        return scenario.model_copy(update={"preload_bytes": scenario.preload_bytes + random.randint(1, 200)})
    storage = scenario.device.storage
    bandwidth = (storage.read.bandwidth or 0) * random.choice([2, 4, 8])
    faster = storage.read.model_copy(update={"bandwidth": bandwidth})
    device = scenario.device.model_copy(update={"storage": storage.model_copy(update={"read": faster})})
    return scenario.model_copy(update={"device": device})


@settings(max_examples=6000)
@given(SEEDS)
def test_more_is_never_worse(seed: int) -> None:
    """A later target, a larger preload buffer or faster storage never lowers its quality, as they may WRX's."""
    random = Random(seed)
    scenario = _line_scenario(random)
    before = _quality(scenario, "wrx_plus")
    for _ in range(3):
        scenario = _with_more(scenario, random)
        after = _quality(scenario, "wrx_plus")
        assert after >= before * (1 - 1e-12)
        before = after


def test_wrx_may_get_worse_with_more_time() -> None:
    """What the property above would find in WRX: 3 x 12 in 200 ms, then a deeper submodel at lower bitwidths."""
    targets = [f"{ms} ms" for ms in range(150, 420, 5)]
    wrx, plus = ([_quality(read_scenario("paper-odroid-400ms", {"target_latency": target}), planner)
                  for target in targets] for planner in ("wrx", "wrx_plus"))  # fmt: skip
    assert any(later < earlier for earlier, later in pairwise(wrx))
    assert not any(later < earlier for earlier, later in pairwise(plus))


def test_planning_twice_gives_the_same_plan() -> None:
    """Nothing is left to chance."""
    for name in ("quickstart", "paper-jetson-400ms", "validate-minilm"):
        assert plan(name, "wrx_plus") == plan(name, "wrx_plus")


def test_without_distortion_it_is_wrx() -> None:
    """Where fidelity is unknown there is nothing to plan by."""
    scenario = toy_scenario(toy_model(), toy_device(), target_ns=900)
    assert plan(scenario, "wrx_plus") == plan(scenario, "wrx")


def test_it_says_what_is_short() -> None:
    """A hopeless target gets WRX's sentence."""
    scenario = read_scenario("quickstart", {"target_latency": "1 ms"})
    with pytest.raises(InfeasibleError, match=r"the target of 1.0 ms is short by 122.0 ms"):
        plan(scenario, "wrx_plus")


@pytest.mark.parametrize("target", ["15 ms", "25 ms", "36 ms"])
def test_a_quantile_is_planned_for(target: str) -> None:
    """At the 95th percentile of every part the plan is still in time; the one for medians is not, and is better."""
    scenario = read_scenario("validate-minilm", {"target_latency": target})
    slow = at_quantile(scenario.device, 0.95)
    late = {}
    for label in ("wrx_plus", "wrx_plus[quantile=0.95]"):
        made = plan(scenario, label)
        work = price(made, scenario.model, slow, scenario.processor, made.preload)
        late[label] = makespan_ns(work) - scenario.target_latency_ns
    assert late["wrx_plus"] > 0 >= late["wrx_plus[quantile=0.95]"]
    assert _quality(scenario, "wrx_plus") > _quality(scenario, "wrx_plus[quantile=0.95]")


def test_a_quantile_needs_a_distribution() -> None:
    """A profile of medians alone says that it has no other."""
    with pytest.raises(InputError, match="quantile"):
        plan("quickstart", "wrx_plus[quantile=0.95]")


# the parts


def _random_knapsack(random: Random) -> Knapsack:
    n, m = random.randint(1, 3), random.randint(1, 2)
    unit = random.choice([1, 7])
    base = [random.randint(1, 30) for _ in range(n * m)]
    choices = [
        [(0, random.random()), *((random.randint(0, 9), random.random()) for _ in range(random.randint(0, 2)))]
        for _ in base
    ]
    rooms = np.cumsum([random.randint(-5, 40) for _ in range(n)]).tolist()
    return Knapsack(unit, base, choices, rooms, random.choice([0, random.randint(0, 90)]))


def _value(given_: Knapsack, versions: tuple[int, ...], held: int) -> float | None:
    """Return the worth of a choice, counted in whole units as the knapsack does; None if it does not fit."""
    n, unit = len(given_.room_bytes), given_.unit
    m = len(given_.base) // n
    units = [choices[version][0] for choices, version in zip(given_.choices, versions, strict=True)]
    if sum(given_.base[:held]) + unit * sum(units[:held]) > given_.preload_bytes:
        return None
    for k, room in enumerate(given_.room_bytes):
        stop = (k + 1) * m
        if stop <= held:
            continue
        saved = sum(given_.base[:held]) // unit
        if room < 0 or sum(units[held:stop]) - saved > (room - sum(given_.base[:stop])) // unit:
            return None
    return sum(choices[version][1] for choices, version in zip(given_.choices, versions, strict=True))


@settings(max_examples=1000)
@given(SEEDS)
def test_a_knapsack_is_packed_as_well_as_can_be(seed: int) -> None:
    """Every choice of versions and of how many shards are held, against the tables."""
    knapsack = _random_knapsack(Random(seed))
    every = product(*(range(len(choices)) for choices in knapsack.choices))
    values = [_value(knapsack, versions, held) for versions in every for held in range(len(knapsack.base) + 1)]
    best = max((value for value in values if value is not None), default=None)
    packed = pack(knapsack)
    if packed is None:
        assert best is None
        return
    assert best is not None
    assert packed.worth == pytest.approx(best, rel=1e-12)
    found = _value(knapsack, tuple(packed.versions), packed.held)
    assert found == pytest.approx(packed.worth, rel=1e-12)


@settings(max_examples=500)
@given(SEEDS)
def test_no_knapsack_exceeds_its_ceiling(seed: int) -> None:
    """With bytes counted one by one, and all of the preload buffer's as if they could be used."""
    random = Random(seed)
    knapsack = replace(_random_knapsack(random), unit=1)
    knapsack = replace(knapsack, room_bytes=[max(room, 0) for room in knapsack.room_bytes])
    packed = pack(knapsack)
    if packed is None:
        return
    rows: list[tuple[float, int, int]] = []
    least = []
    for shard, choices in enumerate(knapsack.choices):
        smallest, found = raises(choices)
        least.append(smallest)
        rows += [(slope, n_bytes, shard) for n_bytes, slope in found]
    rows.sort(reverse=True)
    columns: Any = (np.array([row[index] for row in rows]) for index in range(3))
    slope, n_bytes, shard = columns
    ceiling = Ceiling(
        n_bytes.astype(float), slope * n_bytes, shard.astype(int), np.array(least), np.array(knapsack.base)
    )
    rooms = [room + knapsack.preload_bytes for room in knapsack.room_bytes]
    assert packed.worth <= ceiling.of(rooms, np.ones(len(least), bool)) + 1e-9


def test_raises_go_up_the_hull() -> None:
    """Of equal sizes the best counts; what lies below the hull, or is worth less, is left out."""
    assert raises([(10, 1.0), (10, 2.0), (20, 2.5), (30, 6.0), (40, 5.0)]) == (2.0, [(20, 0.2)])
    assert raises([(5, 1.0)]) == (1.0, [])
