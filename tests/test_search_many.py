"""Planners that search, asked for many cases at once: the very plans and errors of one after the other."""

from dataclasses import replace
from itertools import product
from random import Random
from typing import Any

import pytest
from searches import (
    EVERY,
    FREE,
    Planner,
    budgets_for,
    cases_of,
    compared,
    drawn,
    options_for,
    search_for,
    timed,
    with_storage,
)
from strategies import toy_device, toy_model, toy_scenario

from edgesim import read_scenario
from edgesim.batch.jobs import UNLIMITED
from edgesim.planners.balanced_lock import balanced_lock
from edgesim.planners.baselines import load_exec, std_pipeline
from edgesim.planners.demand_layering import demand_layering
from edgesim.planners.dynabert import dynabert
from edgesim.planners.flexgen import flexgen
from edgesim.planners.many import choosers, many
from edgesim.planners.many.recent import Recent
from edgesim.planners.many.searched import many_searched
from edgesim.planners.mmap_lru import mmap_lru
from edgesim.planners.parallel_load import parallel_load
from edgesim.planners.search import Search
from edgesim.planners.searched import Searching, searching
from edgesim.planners.wrx import wrx
from edgesim.rules import check


@pytest.mark.parametrize("planner", EVERY)
def test_a_batch_is_planned_as_its_cases_one_by_one(planner: Planner) -> None:
    """Models with and without records, any storage and lanes, any buffers; targets at makespans and 1 ns off."""
    planned = 0
    for seed in range(2 if planner is flexgen else 14):
        random, scenario = Random(seed), drawn(seed)
        options = options_for(planner, scenario, random)
        budgets = budgets_for(planner, scenario, options, random)
        planned += compared(planner, [scenario], [(0, budget) for budget in budgets], options)
    assert planned > 50


@pytest.mark.parametrize("planner", [std_pipeline, dynabert, balanced_lock, load_exec, parallel_load, mmap_lru])
def test_shipped_devices_with_a_model_of_12_x_12(planner: Planner) -> None:
    """From one processor and storage to another, in one batch; other storage under the same processor too."""
    options = {} if planner in FREE else {"bitwidth": 6}
    first = read_scenario("paper-odroid-200ms", {"load_buffer": "unlimited"})
    bases = [first, *(read_scenario(name) for name in ("paper-jetson-400ms", "phone-ufs4"))]
    bases.append(with_storage(first, bases[2].device))
    random = Random(7)
    targets = [round(10 ** random.uniform(7, 9.7)) for _ in range(12)]
    rows = list(product(range(4), product(targets, [0, 10**6, 60 * 10**6], [UNLIMITED, 10**7])))
    assert compared(planner, bases, random.sample(rows, 60), options) > 12


@pytest.mark.parametrize("planner", EVERY)
def test_devices_may_share_their_parts(planner: Planner) -> None:
    """Of one that was read with other powers, storage and processors are the same objects; its energy is its own."""
    first = read_scenario("quickstart")
    power = first.device.power
    assert power is not None
    lower = power.model_copy(update={"values": {part: each // 2 for part, each in power.values.items()}})
    other = first.model_copy(update={"device": first.device.model_copy(update={"power": lower})})
    rows = [(base, (10**9, 10**6, UNLIMITED)) for base in (0, 1)]
    assert compared(planner, [first, other], rows, {} if planner in FREE else {"bitwidth": 6}) == 2


@pytest.mark.parametrize("planner", EVERY)
def test_every_candidate_is_legal(planner: Planner) -> None:
    """What is chosen in a batch is not checked again: all that can be chosen passes the rules."""
    legal = 0
    for seed in range(2 if planner is flexgen else 12):
        scenario = drawn(seed)
        options = {} if planner in FREE else {"bitwidth": scenario.model.bitwidths[-1]}
        if planner is dynabert and 32 not in scenario.model.bitwidths:
            continue
        for plan, _ in timed(search_for(planner, scenario, options)):
            check(plan, scenario)
            legal += 1
    assert legal > 10


@pytest.mark.parametrize("planner", [planner for planner in EVERY if planner is not flexgen])
def test_candidates_depend_on_what_their_planner_says(planner: Planner) -> None:
    """Other buffers, storage or targets that it does not name change none of them."""
    found = searching(planner)
    assert found is not None
    for seed in range(20):
        random, scenario, other = Random(seed), drawn(seed), drawn(seed + 1).device
        options = {} if planner in FREE else {"bitwidth": scenario.model.bitwidths[0]}
        if planner is dynabert and 32 not in scenario.model.bitwidths:
            continue
        changes: dict[str, Any] = {"target_latency_ns": random.randint(1, 10**4)}
        if "preload" not in found.depends:
            changes["preload_bytes"] = random.randint(0, 3000)
        if "room" not in found.depends:
            changes["load_buffer_bytes"] = random.choice([None, random.randint(1, 3000)])
        changed = scenario.model_copy(update=changes)
        if "device" not in found.depends:
            lanes = other.storage.lanes == scenario.device.storage.lanes
            changed = with_storage(changed, other) if lanes or "lanes" not in found.depends else changed
        before, after = (list(search_for(planner, each, options).candidates()) for each in (scenario, changed))
        assert before == after


@pytest.mark.parametrize(("bandwidth", "planned"), [("1 B/s", 4), ("1 kB/s", 5), ("1 MB/s", 7)])
def test_numbers_beyond_64_bits_are_planned_too(bandwidth: str, planned: int) -> None:
    """Shards of 4 TB from slow storage: sums are taken of plain integers where one may be too large for an array."""
    base = toy_scenario(
        toy_model(parameters_per_shard=10**12, bitwidths=(32,)), toy_device(read={"bandwidth": bandwidth})
    )
    targets = [1000, 2**54, 2**61, 2**62]
    rows = [(0, (target, preload, UNLIMITED)) for target in targets for preload in (0, 2**61)]
    assert compared(balanced_lock, [base], rows, {"bitwidth": 32}) == planned


def test_candidates_that_fill_no_array_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Timed a few at a time, they are chosen as before."""
    monkeypatch.setattr(choosers, "_CELLS", 100)
    for seed in (3, 4, 5):
        random, scenario = Random(seed), drawn(seed)
        options = {"bitwidth": scenario.model.bitwidths[-1]}
        budgets = budgets_for(demand_layering, scenario, options, random)
        compared(demand_layering, [scenario], [(0, budget) for budget in budgets], options)


def test_what_was_searched_is_kept_for_other_targets() -> None:
    """One search for each buffer, however often cases come; of unknown bitwidths there is none to keep."""
    found, asked = searching(std_pipeline), list[int]()
    assert found is not None

    def counting(*given: Any, **options: Any) -> Search:  # noqa: ANN401  (as the planner)
        asked.append(1)
        return found.search(*given, **options)

    at_once = many_searched(Searching(counting, found.depends, dear=False))
    base = toy_scenario()
    for target in range(300, 1000, 50):
        rows = [(0, (target, 0, room)) for room in (UNLIMITED, 100, 50)]
        planned = at_once(cases_of([base], rows), bitwidth=2)
        assert len(planned.jobs) == len(rows) - len(planned.refused)
    assert len(asked) == 3
    refused = at_once(cases_of([base], rows), bitwidth=5).refused
    assert {str(error) for error in refused.values()} == {"bitwidth: toy is not stored at 5 bits; known: 2, 6, 32"}
    assert len(set(map(id, refused.values()))) == 3  # whoever catches one may add to it


def test_no_cases_are_planned_too() -> None:
    """An empty batch has no jobs."""
    at_once = many(std_pipeline)
    assert at_once is not None
    planned = at_once(cases_of([toy_scenario()], []))
    assert (len(planned.jobs), len(planned.job), planned.refused) == (0, 0, {})


def test_other_planners_have_no_search() -> None:
    """Strangers', and those that WRX makes."""
    assert searching(wrx) is None
    assert searching(replace) is None


def test_what_is_kept_is_bounded() -> None:
    """By memory, also of what has grown; what was asked for last stays."""
    kept, made = Recent[list[int]](100, len), list[str]()

    def get(key: str, size: int) -> list[int]:
        return kept.get(key, lambda: made.append(key) or [0] * size)

    get("a", 40), get("b", 40), get("a", 40)
    assert made == ["a", "b"]
    get("c", 40)
    get("a", 40)
    assert made == ["a", "b", "c"]
    get("b", 40)
    assert made == ["a", "b", "c", "b"]
    get("b", 40).extend([0] * 60)
    get("b", 40)
    get("a", 40)
    assert made == ["a", "b", "c", "b", "a"]
