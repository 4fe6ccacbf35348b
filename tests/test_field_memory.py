"""Planners of the field that divide memory: locked shares, parallel loaders, the page cache, a linear program."""

import sys
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import SEEDS, scenarios, toy_device, toy_model, toy_scenario

from edgesim import read_scenario, run, simulate
from edgesim.cost import stored_bytes
from edgesim.errors import InfeasibleError, InputError
from edgesim.memory import kept_bytes, session_memory
from edgesim.planners.balanced_lock import balanced_lock
from edgesim.planners.flexgen import Policy, flexgen, resident_share
from edgesim.planners.mmap_lru import mmap_lru
from edgesim.planners.parallel_load import parallel_load
from edgesim.planners.search import Submodel
from edgesim.planners.streamed import streamed
from edgesim.plans import Plan
from edgesim.recurrence import makespan_ns
from edgesim.rules import check
from edgesim.scenario import Scenario
from edgesim.work import price
from edgesim.workload import SingleStream

Made = tuple[Scenario, Plan]
HOUR = "1 h"


def latency_ns(plan: Plan, scenario: Scenario) -> int:
    """Return what one warm inference of a plan takes, by the recurrence."""
    work = price(plan, scenario.model, scenario.device, scenario.processor, plan.preload)
    return makespan_ns(work, None if plan.ignores_buffers else scenario.load_buffer_bytes)


def planned(planner: Callable[..., Plan], scenario: Scenario, **options: object) -> Plan:
    """Return a planner's plan."""
    return planner(scenario.model, scenario.device, scenario.budget, **options)


def options_for(planner: Callable[..., Plan], scenario: Scenario, random: Random) -> dict[str, object]:
    """Draw options; pages and windows have the size of toys."""
    if planner is flexgen:
        return {"memory_slack": random.choice([0.3, 0.8, 1.0])}
    options: dict[str, object] = {"bitwidth": random.choice(scenario.model.bitwidths)}
    if planner is parallel_load:
        lanes = scenario.device.storage.lanes
        options["loaders"] = random.choice([None, lanes, random.randint(1, lanes)])
    if planner is mmap_lru:
        options["page_bytes"] = page = random.randint(1, 16)
        options["read_ahead_bytes"] = page * random.randint(1, 8)
    return options


def keeps_its_promises(planner: Callable[..., Plan], scenario: Scenario, seed: int) -> Made | None:
    """Plan twice, check, compute, simulate; return the plan with its scenario of one warm inference."""
    options = options_for(planner, scenario, Random(seed))
    warm = scenario.model_copy(update={"workload": SingleStream()})
    try:
        plan = planned(planner, scenario, **options)
    except InfeasibleError:
        return None
    assert planned(planner, scenario, **options) == plan
    check(plan, scenario)
    computed = latency_ns(plan, warm)
    assert computed <= scenario.target_latency_ns
    assert simulate(plan, warm).requests[0].finish_ns == computed
    return warm, plan


@settings(max_examples=300)
@given(scenarios(), SEEDS)
def test_balanced_shares_are_legal_in_time_and_as_large_as_fits(scenario: Scenario, seed: int) -> None:
    """No layer has two locked shards more than another, and the next one in turn would not fit."""
    made = keeps_its_promises(balanced_lock, scenario, seed)
    if made is None:
        return
    plan, (m, bits) = made[1], (len(made[1].shards[0]), made[1].bitwidths[0][0])
    locked = [sum(shard[0] == layer for shard in plan.preload) for layer in plan.layers]
    assert max(locked) - min(locked) <= 1
    assert locked == sorted(locked, reverse=True)
    if min(locked) < m:
        layer = locked.index(min(locked))
        following = (plan.layers[layer], plan.shards[layer][locked[layer]])
        more = kept_bytes(plan, scenario.model, plan.preload) + stored_bytes(scenario.model, following, bits)
        assert more > scenario.preload_bytes


@settings(max_examples=300)
@given(scenarios(), SEEDS)
def test_parallel_loads_are_legal_in_time_and_bounded_in_memory(scenario: Scenario, seed: int) -> None:
    """With k loaders no more than k + 1 layers are in memory at once."""
    made = keeps_its_promises(parallel_load, scenario, seed)
    if made is None:
        return
    warm, plan = made
    assert len(plan.loads) == len(plan.layers)
    assert not plan.preload
    largest = max(load.bytes for load in plan.loads)
    steps = session_memory(simulate(plan, warm), (plan,), warm)
    assert max(step.load_buffer_bytes for step in steps) <= (plan.lanes + 1) * largest


@settings(max_examples=300)
@given(scenarios(), SEEDS)
def test_mapped_plans_are_legal_in_time_and_never_read_ahead_of_a_layer(scenario: Scenario, seed: int) -> None:
    """Everything is cached or nothing is; a layer is read when the one before has finished."""
    made = keeps_its_promises(mmap_lru, scenario, seed)
    if made is None:
        return
    plan = made[1]
    assert len(plan.preload) in (0, sum(map(len, plan.shards)))
    assert [load.after for load in plan.loads] == [None, *range(len(plan.loads) - 1)][: len(plan.loads)]
    assert plan.retain == plan.preload


@settings(max_examples=60)
@given(scenarios(), SEEDS)
def test_policies_are_legal_in_time_and_alike_in_every_layer(scenario: Scenario, seed: int) -> None:
    """Every layer keeps the same number of shards, and is read while the one before is executed."""
    made = keeps_its_promises(flexgen, scenario, seed)
    if made is None:
        return
    plan = made[1]
    assert len({sum(shard[0] == layer for shard in plan.preload) for layer in plan.layers}) == 1
    assert [load.after for load in plan.loads] == [None, None, *range(len(plan.loads))][: len(plan.loads)]


def locked_whole(scenario: Scenario, submodel: Submodel) -> Plan:
    """Lock the first layers that fit the preload buffer, and read the others as `balanced_lock` does."""
    kept, room = [], scenario.preload_bytes
    for row in submodel.rows:
        room -= sum(stored_bytes(scenario.model, *pair) for pair in row)
        kept += [shard for shard, _ in row] if room >= 0 else []
    return streamed(scenario.model, submodel, kept)


LAYER = 28_311_552
"""Bytes of a layer of DynaBERT at 32 bits."""


@pytest.mark.parametrize(
    ("locked", "buffered", "faster"),
    [
        (6, 1, True),  # half the model: 2131 ms against 2837 ms
        (9, 1, True),
        (9, 2, True),  # the loader still waits for the layers that need not be read
        (3, 1, False),  # three quarters of a layer are too much to read the next one behind it
        (6, 3, False),  # the loader reads from the start of the inference on, so no layer's time is lost
        (9, 3, False),
        (9, 12, False),
    ],
)
@pytest.mark.parametrize("device", ["odroid-n2plus", "raspberry-pi-5-sd"])
def test_a_balanced_share_beats_whole_layers_where_little_is_prefetched(
    device: str, locked: int, buffered: int, faster: bool
) -> None:
    """FlexInfer (EuroMLSys 2025): in the same memory, a share of every layer is worth more than all of some layers.

    That rests on a loader that prefetches little: one that may run ahead uses the time of the locked layers as well.
    Memory is counted in layers of the model, all of which is executed at 32 bits.
    """
    changes = {"device": device, "target_latency": HOUR, "preload_buffer": f"{locked * LAYER} B",
               "load_buffer": f"{buffered * LAYER} B"}  # fmt: skip
    scenario = read_scenario("paper-odroid-400ms", changes)
    balanced = planned(balanced_lock, scenario)
    whole = locked_whole(scenario, Submodel(balanced.layers, balanced.shards, 32))
    assert kept_bytes(whole, scenario.model, whole.preload) == kept_bytes(balanced, scenario.model, balanced.preload)
    assert (latency_ns(balanced, scenario) < latency_ns(whole, scenario)) is faster


def nvme(target: str) -> Scenario:
    """DynaBERT at 32 bits from the NVMe of a PC: one loader takes 214.7 ms for all of it, two take 203.3 ms."""
    return read_scenario("paper-odroid-400ms", {"device": "pc-nvme", "target_latency": target})


def test_parallel_loaders_pay_where_storage_serves_several_requests() -> None:
    """Hermes (ICCD 2024): parallel loading shortens what one loader cannot bring in time; here until compute bounds it.

    The planner takes no more loaders than the target needs, and with one the submodel shrinks.
    """
    assert planned(parallel_load, nvme("215 ms")).lanes == 1
    plan = planned(parallel_load, nvme("210 ms"))
    assert (plan.lanes, len(plan.layers), len(plan.shards[0])) == (2, 12, 12)
    single = planned(parallel_load, nvme("210 ms"), loaders=1)
    assert sum(map(len, single.shards)) < 144
    with pytest.raises(InputError, match="loaders: must be 1 to 32, the lanes of pc-nvme, got 33"):
        planned(parallel_load, nvme("210 ms"), loaders=33)


def test_parallel_loaders_multiply_the_bandwidth_of_storage_that_scales() -> None:
    """Where four requests take as long as one, four loaders end an IO-bound inference after little over a quarter."""
    table = {depth: {"table": [["1 B", "400 ns"]]} for depth in (1, 4)}
    device = toy_device(read={"depths": table}, lanes=4, layer_ns={1: 10})
    scenario = toy_scenario(toy_model(layers=12, shards=1, min_layers=12, bitwidths=(2,)), device, target_ns=10**6)
    taken = {k: latency_ns(planned(parallel_load, scenario, bitwidth=2, loaders=k), scenario) for k in (1, 2, 4)}
    assert taken == {1: 12 * 4000 + 10, 2: 6 * 4000 + 20, 4: 3 * 4000 + 40}


def test_parallel_loaders_are_one_on_an_sd_card() -> None:
    """One lane has nothing to serve a second loader with."""
    scenario = read_scenario("paper-odroid-400ms", {"device": "raspberry-pi-5-sd", "target_latency": HOUR})
    plan = planned(parallel_load, scenario)
    assert plan == planned(parallel_load, scenario, loaders=1)
    with pytest.raises(InputError, match="loaders: must be 1 to 1, the lanes of raspberry-pi-5-sd, got 2"):
        planned(parallel_load, scenario, loaders=2)


def mapped_in(n_bytes: int) -> Scenario:
    """All of DynaBERT, mapped, with a page cache of some size."""
    return read_scenario("paper-odroid-400ms", {"target_latency": HOUR, "preload_buffer": f"{n_bytes} B"})


def test_mapping_collapses_when_the_cache_is_a_page_too_small() -> None:
    """llama.cpp's mmap: fast while the model fits; then an LRU cache has evicted every page before it is needed again.

    A plan for the same memory loses next to nothing.
    """
    pages = 12 * -(-LAYER // 4096) * 4096
    fits, misses = mapped_in(pages), mapped_in(pages - 1)
    resident, mapped = planned(mmap_lru, fits), planned(mmap_lru, misses)
    assert not resident.loads
    assert sum(sum(load.extents) for load in mapped.loads) == pages
    assert {extent for load in mapped.loads for extent in load.extents[:-1]} == {131072}
    computed, collapsed = latency_ns(resident, fits), latency_ns(mapped, misses)
    assert computed == 12 * 95_000_000
    assert collapsed > 4 * computed
    assert latency_ns(planned(balanced_lock, misses), misses) < 1.03 * computed


def test_mapped_layers_are_read_and_executed_by_turns() -> None:
    """Nothing is prefetched across layers: the latency is the sum of all reads and all layers."""
    device = toy_device(read={"bandwidth": "1 GB/s", "latency": "7 ns"})
    scenario = toy_scenario(toy_model(layers=3, min_layers=3, bitwidths=(2,)), device, target_ns=10**4, preload=59)
    plan = planned(mmap_lru, scenario, bitwidth=2, page_bytes=4, read_ahead_bytes=8)
    assert [load.extents for load in plan.loads] == [(8, 8, 4)] * 3
    assert latency_ns(plan, scenario) == 3 * (3 * 7 + 20 + 200)


def test_windows_are_of_whole_pages() -> None:
    """Linux reads no part of a page."""
    for page_bytes, read_ahead_bytes in ((4, 6), (4, 0), (0, 4)):
        with pytest.raises(InputError, match=f"whole pages, .* got {read_ahead_bytes} B for pages of {page_bytes} B"):
            planned(mmap_lru, toy_scenario(), page_bytes=page_bytes, read_ahead_bytes=read_ahead_bytes)


def policy_scenario(preload: int, layer_ns: int = 5, load_buffer: int | None = None) -> Scenario:
    """Four layers of five shards of 10 B, all of which are executed."""
    model = toy_model(layers=4, shards=5, min_layers=4, bitwidths=(2,))
    device = toy_device(layer_ns={5: layer_ns})
    return toy_scenario(model, device, target_ns=10**6, preload=preload, load_buffer=load_buffer)


def test_the_slack_keeps_a_fifth_of_the_memory_free_and_costs_time() -> None:
    """FlexGen (ICML 2023): its program fills memory to alpha = 0.8, since estimates of the peak are too low.

    Here nothing is estimated too low, so that what the slack leaves free is paid in reading time.
    """
    scenario = policy_scenario(preload=200)
    careful, full = planned(flexgen, scenario), planned(flexgen, scenario, memory_slack=1.0)
    assert kept_bytes(careful, scenario.model, careful.preload) == 160
    assert len(planned(flexgen, policy_scenario(preload=190)).preload) == 12  # 152 B are 3.8 shards a layer
    assert latency_ns(careful, scenario) == 4 * 10 + 5
    assert not full.loads
    assert latency_ns(full, scenario) == 4 * 5


def test_one_policy_for_all_layers_leaves_memory_idle() -> None:
    """FlexGen's shares are rounded down alike in every layer: three shards' room does not help four layers."""
    scenario = policy_scenario(preload=30)
    assert not planned(flexgen, scenario, memory_slack=1.0).preload
    assert len(planned(balanced_lock, scenario, bitwidth=2).preload) == 3


def test_a_policy_streams_one_layer_ahead() -> None:
    """Two layers' streamed shares must fit the load buffer: 40 B take two of five shards each, 39 B do not."""
    assert len(planned(flexgen, policy_scenario(120, load_buffer=40), memory_slack=1.0).preload) == 12
    with pytest.raises(InfeasibleError, match="no submodel fits the load buffer of 39 B: its smallest"):
        planned(flexgen, policy_scenario(119, load_buffer=39), memory_slack=1.0)


@pytest.mark.parametrize(("target_ns", "bits", "m"), [(840, 32, 2), (839, 6, 2), (460, 6, 2), (459, 2, 2), (419, 6, 1)])
def test_bitwidth_and_submodel_are_enumerated_outside(target_ns: int, bits: int, m: int) -> None:
    """The best fidelity in time, of equals the most shards: 2 x 2 at 2 bits are worth what 2 x 1 at 32 bits are."""
    scenario = toy_scenario(toy_model(min_layers=2, distortion={2: 0.5, 6: 0.25}), target_ns=target_ns)
    assert planned(flexgen, scenario).bitwidths == ((bits,) * m,) * 2


def policies() -> st.SearchStrategy[Policy]:
    """Draw policies with memory for nothing up to more than all."""
    room = st.none() | st.floats(0, 3)
    return st.builds(Policy, st.integers(1, 12), st.floats(1, 1e9), st.floats(1, 1e9), st.floats(0, 15), room)


@settings(max_examples=100)
@given(policies())
def test_the_program_has_the_solution_that_can_be_written_down(policy: Policy) -> None:
    """With one tier of memory a larger share takes no longer: it is what fits, if what is streamed fits as well."""
    share = resident_share(policy)
    fits = min(1.0, policy.preload / policy.n)
    streams = 0.0 if policy.load_buffer is None else 1 - policy.load_buffer / min(2, policy.n)
    if share is None:
        assert streams > fits - 1e-5
    else:
        assert share == pytest.approx(fits, abs=1e-5)
        assert streams <= fits + 1e-5


@pytest.mark.parametrize("slack", [0.0, 1.01])
def test_a_slack_is_a_share(slack: float) -> None:
    """More than all memory cannot be filled."""
    with pytest.raises(InputError, match=f"memory_slack: must be above 0 and at most 1, got {slack}"):
        planned(flexgen, toy_scenario(), memory_slack=slack)


def test_without_scipy_one_sentence_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is the oracle's."""
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    with pytest.raises(InputError, match=r"^flexgen: SciPy is needed .* pip install 'edgesim\[oracle\]'$"):
        run("quickstart", "flexgen")
