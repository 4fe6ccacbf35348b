"""Nanoseconds, bytes and picojoules of single reads, layers and shards."""

import math
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stores import SCATTERED
from strategies import devices, toy_device, toy_model, toy_plan

from edgesim.cost import (
    bits_of,
    compute_ns,
    decompress_ns,
    hand_off_ns,
    load_ns,
    overlaps,
    read_ns,
    request,
    shard_bytes,
    sizes_of,
    stored_bytes,
    waits_cost_more,
)
from edgesim.device import Device, Storage


def table(*rows: tuple[str, str], lanes: int = 1, depth: int = 1) -> Storage:
    """Return a storage measured at one depth, or at depth 1 (always 1 us) and another one."""
    if lanes == 1:
        return Storage.model_validate({"read": {"table": rows}})
    depths = {1: {"table": [("1 B", "1 us")]}, depth: {"table": rows}}
    return Storage.model_validate({"read": {"depths": depths}, "lanes": lanes})


@pytest.mark.parametrize(("bits", "n_bytes"), [(2, 10), (3, 15), (6, 30), (32, 160)])
def test_shards_are_packed(bits: int, n_bytes: int) -> None:
    """A shard of 40 weights has 5 bytes a bit."""
    assert shard_bytes(toy_model(), bits) == n_bytes


def test_packing_rounds_up() -> None:
    """Three weights of 3 bits are 9 bits: 2 bytes."""
    assert shard_bytes(toy_model(parameters_per_shard=3), 3) == 2


def test_outliers_cost_eight_bytes_below_full_fidelity() -> None:
    """A tenth of 40 weights are 4 outliers of 8 bytes; at 32 bits there are none."""
    model = toy_model(outlier_fraction=0.1)
    assert shard_bytes(model, 2) == 10 + 32
    assert shard_bytes(model, 32) == 160


def test_a_line_is_latency_and_bytes_rounded_up() -> None:
    """Ten bytes at 3 bytes/ns after 7 ns take 7 + 4 ns."""
    storage = Storage.model_validate({"read": {"latency": "7 ns", "bandwidth": "3 GB/s"}})
    assert read_ns(10, storage) == 11


def test_a_table_is_flat_below_its_first_point() -> None:
    """Reading less than the smallest measured size takes as long as that."""
    assert read_ns(1, table(("100 B", "50 ns"), ("200 B", "80 ns"))) == 50


def test_a_table_goes_on_at_its_last_rate() -> None:
    """Above the largest measured size time is proportional to size, rounded up."""
    assert read_ns(301, table(("100 B", "50 ns"), ("200 B", "80 ns"))) == 121


def test_a_table_is_log_log_between_points() -> None:
    """Halfway between 100 B and 10 kB on a log axis is 1 kB, and halfway between 10 and 1000 ns is 100 ns."""
    assert read_ns(1000, table(("100 B", "10 ns"), ("10 kB", "1000 ns"))) in (100, 101)


def test_published_rates_of_a_depth_are_shared() -> None:
    """At depth 4 an aggregate of 4 GB/s lets each request have 1 byte/ns."""
    assert read_ns(500, table(("500 B", "4 GB/s"), lanes=4, depth=4), 4) == 500


def test_time_is_linear_in_depth_between_measured_depths() -> None:
    """Between 1000 ns at depth 1 and 1300 ns at depth 4 lie 1100 and 1200 ns."""
    storage = table(("1 B", "1300 ns"), lanes=4, depth=4)
    assert [read_ns(1, storage, depth) for depth in (1, 2, 3, 4)] == [1000, 1100, 1200, 1300]


def test_extents_are_read_one_after_the_other() -> None:
    """A load of two extents pays the latency twice."""
    storage = Storage.model_validate({"read": {"latency": "7 ns", "bandwidth": "1 GB/s"}})
    assert load_ns((10, 20), storage) == 44


def test_layer_times_are_linear_between_measured_widths() -> None:
    """Between 100 ns for 1 shard and 400 ns for 4 lie 200 and 300 ns; nothing is extrapolated."""
    assert compute_ns(toy_device(), "cpu", toy_model(shards=9)) == {1: 100, 2: 200, 3: 300, 4: 400}
    assert compute_ns(toy_device(layer_ns={2: 10, 4: 11}), "cpu", toy_model(shards=3)) == {2: 10, 3: 11}


def test_layer_times_of_another_geometry_are_refused() -> None:
    """A geometry that was not measured has no layer times."""
    geometry = {"hidden": 9, "heads": 2, "ffn": 32, "seq_len": 4, "dtype": "fp32"}
    with pytest.raises(ValueError, match="toy has no layer times on cpu for hidden 9"):
        compute_ns(toy_device(), "cpu", toy_model(geometry=geometry))


def test_decompression_has_one_time_or_one_by_bitwidth() -> None:
    """32 bits cost nothing unless the profile lists them."""
    model, one, some = toy_model(), toy_device(unpack_ns=5), toy_device(unpack_ns={2: 3, 32: 9})
    assert [decompress_ns(one, "cpu", model, bits) for bits in (2, 6, 32)] == [5, 5, 0]
    assert [decompress_ns(some, "cpu", model, bits) for bits in (2, 32)] == [3, 9]
    with pytest.raises(ValueError, match="no decompression time for 6 bits"):
        decompress_ns(some, "cpu", model, 6)


COLD = toy_device(after_wait_ns=({1: 101, 3: 330, 4: 400}, {2: 3, 32: 9}), unpack_ns={2: 3, 32: 5}, hand_off_ns=7)


def test_layers_that_waited_have_times_of_their_own() -> None:
    """Between 101 ns for 1 shard and 330 for 3 lie 215.5, rounded up; without such times the usual ones hold."""
    model = toy_model(shards=4)
    assert compute_ns(COLD, "cpu", model, after_wait=True) == {1: 101, 2: 216, 3: 330, 4: 400}
    assert compute_ns(toy_device(), "cpu", model, after_wait=True) == compute_ns(COLD, "cpu", model)
    assert [decompress_ns(COLD, "cpu", model, 32, after_wait=waited) for waited in (False, True)] == [5, 9]
    assert decompress_ns(toy_device(unpack_ns=5), "cpu", model, 2, after_wait=True) == 5


def test_decompression_ahead_never_waits_for_the_executor() -> None:
    """On a lane of its own it takes what it always takes."""
    device = toy_device(after_wait_ns=({1: 100, 4: 400}, 9), unpack_ns=5, overlap=True)
    assert decompress_ns(device, "cpu", toy_model(), 2, after_wait=True) == 5


def test_a_hand_off_takes_what_the_profile_says() -> None:
    """Seven nanoseconds, or nothing."""
    assert [hand_off_ns(device, "cpu") for device in (COLD, toy_device())] == [7, 0]


@pytest.mark.parametrize(
    ("device", "expected"),
    [
        (toy_device(unpack_ns=5), False),
        (toy_device(hand_off_ns=1), True),
        (toy_device(after_wait_ns=({1: 100, 4: 400}, 0)), True),
    ],
)
def test_what_waits_cost_is_in_the_profile(device: Device, expected: bool) -> None:
    """A hand-off, or any times of layers that waited."""
    assert waits_cost_more(device, "cpu", toy_model()) is expected


def test_overlap_is_what_the_profile_says() -> None:
    """Decompression has a lane of its own only where the profile says so."""
    assert overlaps(toy_device(overlap=True), "cpu", toy_model())
    assert not overlaps(toy_device(), "cpu", toy_model())


def test_a_request_is_one_extent_of_all_its_shards() -> None:
    """Shards of 2 and 6 bits lie side by side: 40 bytes."""
    load = request(toy_model(), [((0, 0), 2), ((0, 1), 6)], after=0)
    assert (load.shards, load.bytes, load.extents, load.after) == (((0, 0), (0, 1)), 40, (40,), 0)


STORED = toy_model(shards=4, bitwidths=(2,), records=SCATTERED)


def test_a_shard_with_a_record_is_as_large_as_that() -> None:
    """Its own 12 or 18 B, where the formula says 10 of all."""
    assert [stored_bytes(STORED, (0, shard), 2) for shard in range(4)] == [12, 10, 18, 11]
    assert sizes_of(STORED, {(0, 2): 2, (1, 3): 2}) == {(0, 2): 18, (1, 3): 16}


def test_a_shard_without_a_record_is_as_large_as_the_formula_says() -> None:
    """10 and 30 B at 2 and 6 bits, whichever shard."""
    assert [stored_bytes(toy_model(), (layer, 1), 6) for layer in (0, 1)] == [30, 30]
    assert sizes_of(toy_model(), {(0, 0): 2, (1, 1): 6}) == {(0, 0): 10, (1, 1): 30}


@pytest.mark.parametrize(
    ("shards", "extents"),
    [
        ([(0, 0), (0, 1), (0, 2), (0, 3)], (40, 11)),
        ([(0, 0), (0, 2), (0, 3)], (12, 18, 11)),
        ([(1, 0), (1, 1), (1, 2), (1, 3)], (50,)),
        ([(1, 0), (1, 2)], (14, 10)),
        ([(1, 1), (0, 1), (1, 0), (0, 0)], (20, 22)),
    ],
)
def test_a_request_reads_records_that_adjoin_at_once(shards: list[tuple[int, int]], extents: tuple[int, ...]) -> None:
    """Layer by layer in the order named, each by offset; the shards keep the order in which they were asked for."""
    load = request(STORED, [(shard, 2) for shard in shards], after=1)
    assert (load.shards, load.extents, load.after) == (tuple(shards), extents, 1)
    assert load.bytes == sum(extents) == sum(sizes_of(STORED, dict.fromkeys(shards, 2)).values())


def test_a_plan_s_bitwidths_by_shard() -> None:
    """Each executed shard has its bitwidth, in layer order."""
    assert list(bits_of(toy_plan(toy_model(), [[2, 6], [32]])).items()) == [((0, 0), 2), ((0, 1), 6), ((1, 0), 32)]


@settings(max_examples=500)
@given(devices(), st.integers(1, 2000), st.integers(0, 500))
def test_reads_never_take_less_for_more_bytes(device: Device, n_bytes: int, more: int) -> None:
    """At every depth the time of a read is a positive integer that never falls with its size, nor below the latency."""
    storage = device.storage
    for depth in range(1, storage.lanes + 1):
        small, large = read_ns(n_bytes, storage, depth), read_ns(n_bytes + more, storage, depth)
        assert type(small) is int
        assert max(1, storage.read.latency or 0) <= small <= large


@settings(max_examples=500)
@given(devices())
def test_reads_of_measured_sizes_take_the_measured_time(device: Device) -> None:
    """A table says exactly what was measured at its points, its first time below them, its last rate above."""
    for depth, points in device.storage.points.items():
        assert [read_ns(size, device.storage, depth) for size, _ in points] == [time for _, time in points]
        assert read_ns(1, device.storage, depth) == points[0][1]
        assert read_ns(10 * points[-1][0], device.storage, depth) == 10 * points[-1][1]


@settings(max_examples=500)
@given(devices(), st.integers(1, 2000))
def test_depths_between_measured_ones_lie_between_them(device: Device, n_bytes: int) -> None:
    """The time at a depth that was not measured lies on the line between its neighbours, rounded up."""
    depths = sorted(device.storage.points)
    for low, high in pairwise(depths):
        near, far = (read_ns(n_bytes, device.storage, depth) for depth in (low, high))
        for depth in range(low, high + 1):
            exact = near + Fraction((far - near) * (depth - low), high - low)
            assert read_ns(n_bytes, device.storage, depth) == math.ceil(exact)
