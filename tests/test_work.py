"""What one inference has to do, priced: loads of the first and of later inferences."""

from dataclasses import replace

import pytest
from stores import SCATTERED
from strategies import toy_device, toy_model, toy_plan, toy_scenario

from edgesim.cost import request
from edgesim.plans import Load, Plan
from edgesim.processor import Delay
from edgesim.work import NEVER, Work, first_and_later, loads_from, price

MODEL = toy_model()
PLAN = toy_plan(MODEL, [[2, 6], [2, 2]], preload=((0, 0),))
"""Loads: (0, 1) with 30 B, then (1, 0) and (1, 1) with 20 B."""


def works(plan: Plan, **workload: object) -> tuple[Work, Work]:
    """Price the first and the later inferences of a session."""
    scenario = toy_scenario(MODEL, toy_device(unpack_ns={2: 1, 6: 2}), **workload)
    return first_and_later(plan, MODEL, scenario.device, scenario.session)


def test_a_plan_is_priced_in_nanoseconds_and_bytes() -> None:
    """Reads take 1 ns a byte; decompression is summed over a layer's shards."""
    work, _ = works(PLAN)
    assert work.load_ns == ((30, 20),)
    assert work.buffer_bytes == (30, 20)
    assert work.freed_bytes == (30, 20)
    assert work.load_layers == ((0,), (1,))
    assert work.after == (NEVER, NEVER)
    assert (work.decompress_ns, work.compute_ns) == ((3, 2), (200, 200))
    assert not work.overlap


def test_waits_are_priced_too() -> None:
    """A layer of two shards at 2 bits, that had to wait, decompresses for 10 ns and computes for 250, after 9 ns."""
    device = toy_device(unpack_ns={2: 1, 6: 2}, after_wait_ns=({1: 150, 4: 450}, {2: 5, 6: 7}), hand_off_ns=9)
    work = price(PLAN, MODEL, device, "cpu", PLAN.preload)
    assert (work.decompress_ns, work.compute_ns) == ((3, 2), (200, 200))
    assert (work.decompress_after_wait_ns, work.compute_after_wait_ns) == ((12, 10), (250, 250))
    assert work.hand_off_ns == 9


def test_without_more_a_wait_costs_its_time_only() -> None:
    """Where the profile says nothing, a layer takes the same after a wait, and is handed over at once."""
    work, _ = works(PLAN)
    assert work.decompress_after_wait_ns is work.decompress_ns
    assert work.compute_after_wait_ns is work.compute_ns
    assert work.hand_off_ns == 0


def test_layers_are_positions_in_the_plan() -> None:
    """A plan of model layers 1 and 3 has layers 0 and 1."""
    model = toy_model(layers=4)
    plan = Plan((1, 3), ((0,), (1,)), ((2,), (2,)), (), (request(model, [((1, 0), 2), ((3, 1), 2)]),))
    work = price(plan, model, toy_device(), "cpu", ())
    assert (work.load_layers, work.freed_bytes) == (((0, 1),), (10, 10))


def test_each_depth_has_its_times() -> None:
    """A plan of two lanes knows what each load takes with one and with two in service."""
    depths = {depth: {"table": [["10 B", f"{depth * 50} ns"]]} for depth in (1, 2)}
    device = toy_device(read={"depths": depths}, lanes=2)
    assert price(replace(PLAN, lanes=2), MODEL, device, "cpu", ()).load_ns == ((200, 100), (400, 200))


def test_kept_shards_do_not_fill_the_load_buffer() -> None:
    """What is retained goes to the preload buffer, whichever inference reads it."""
    work, _ = works(replace(PLAN, retain=((1, 0),)))
    assert (work.buffer_bytes, work.freed_bytes) == ((30, 10), (30, 10))


def test_extents_are_what_is_read() -> None:
    """Padding costs time, but no room."""
    padded = replace(PLAN, loads=(replace(PLAN.loads[0], extents=(16, 16)), PLAN.loads[1]))
    work, _ = works(padded)
    assert (work.load_ns, work.buffer_bytes) == (((32, 20),), (30, 20))


@pytest.mark.parametrize(
    ("workload", "same"),
    [
        ({"inferences": 1}, True),
        ({"inferences": 1, "start": "cold"}, True),
        ({"inferences": 2}, False),
        ({"inferences": 2, "start": "cold"}, True),
    ],
)
def test_first_and_later_are_one_where_they_do_not_differ(workload: dict[str, object], same: bool) -> None:
    """A warm plan that retains nothing differs from its second inference; a cold one reads the same each time."""
    first, later = works(PLAN, **workload)
    assert (first == later) is same


def test_a_cold_start_reads_the_preload_set() -> None:
    """The first load of a layer also reads that layer's preload shards."""
    first, later = works(replace(PLAN, retain=PLAN.preload), start="cold", inferences=2)
    assert [load.shards for load in first.loads] == [((0, 0), (0, 1)), ((1, 0), (1, 1))]
    assert first.buffer_bytes == (30, 20)
    assert [load.bytes for load in later.loads] == [30, 20]


def test_a_layer_without_load_gets_one_in_layer_order() -> None:
    """Cold, a layer that is preloaded as a whole is read before the layers after it."""
    plan = toy_plan(MODEL, [[2, 2], [2, 2]], preload=((0, 0), (0, 1)))
    loads = loads_from(plan, MODEL, ())
    assert [load.shards for load in loads] == [((0, 0), (0, 1)), ((1, 0), (1, 1))]
    last = toy_plan(MODEL, [[2, 2], [2, 2]], preload=((1, 0), (1, 1)))
    assert [load.shards[0][0] for load in loads_from(last, MODEL, ())] == [0, 1]


def test_what_is_resident_is_not_read_again() -> None:
    """A retained shard leaves its load, a load of nothing else goes, and `after` stays."""
    held = replace(PLAN, loads=(PLAN.loads[0], replace(PLAN.loads[1], after=0)))
    loads = loads_from(held, MODEL, [(0, 0), (0, 1), (1, 0)])
    assert loads == (Load(((1, 1),), 10, (10,), 0),)


def test_the_plan_s_own_loads_are_taken_as_they_are() -> None:
    """Where the preload set is resident, loads keep their extents."""
    assert loads_from(PLAN, MODEL, [(0, 0)]) is PLAN.loads


STORED = toy_model(shards=4, bitwidths=(2,), records=SCATTERED)


def test_a_cold_start_reads_the_preload_set_from_where_it_lies() -> None:
    """With shard (0, 1) the records before and behind it are one read; a layer without load gets its own extents."""
    kept = ((0, 1), (1, 0), (1, 1), (1, 2), (1, 3))
    plan = toy_plan(STORED, [[2] * 4] * 2, preload=kept)
    assert [load.extents for load in plan.loads] == [(12, 18, 11)]
    assert [load.extents for load in loads_from(plan, STORED, ())] == [(40, 11), (50,)]


def test_what_is_retained_may_leave_two_reads_of_one() -> None:
    """Without (0, 1) the later inferences read 41 of the 51 B, but in three pieces; each is paid for."""
    plan = toy_plan(STORED, [[2] * 4] * 2, retain=((0, 1),))
    device = toy_device(read={"latency": "100 ns", "bandwidth": "1 GB/s"}, layer_ns={4: 400})
    scenario = toy_scenario(STORED, device, inferences=2)
    first, later = first_and_later(plan, STORED, device, scenario.session)
    assert [load.extents for load in first.loads] == [(40, 11), (50,)]
    assert [load.extents for load in later.loads] == [(12, 18, 11), (50,)]
    assert (first.load_ns, later.load_ns) == (((251, 150),), ((341, 150),))
    assert (first.buffer_bytes, later.freed_bytes) == ((41, 50), (41, 50))


@pytest.mark.parametrize("start_up", [20, 80])
def test_the_first_layer_takes_longer_where_the_profile_says_so(start_up: int) -> None:
    """A wait before it costs the more of the two, not both; later layers are as they were."""
    device = toy_device(unpack_ns={2: 1, 6: 2}, after_wait_ns=({1: 150, 4: 450}, {2: 5, 6: 7}), start_up_ns=start_up)
    work = price(PLAN, MODEL, device, "cpu", PLAN.preload)
    assert (work.decompress_ns, work.compute_ns) == ((3, 2), (200 + start_up, 200))
    assert work.decompress_after_wait_ns == (12, 10)
    assert work.compute_after_wait_ns == (max(250, 3 + 200 + start_up - 12), 250)


def test_the_first_load_wakes_the_storage() -> None:
    """It takes that much longer, whatever it brings; later ones do not."""
    device = toy_device(unpack_ns={2: 1, 6: 2})
    woken = device.model_copy(update={"storage": device.storage.model_copy(update={"start_up": Delay(time="7 ns")})})
    assert price(PLAN, MODEL, woken, "cpu", PLAN.preload).load_ns == ((37, 20),)
    assert price(PLAN, MODEL, woken, "cpu", ()).load_ns[0][0] == price(PLAN, MODEL, device, "cpu", ()).load_ns[0][0] + 7
