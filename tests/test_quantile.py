"""A device at a quantile: exact on a toy, valid and never faster on any device, and refused where nothing is known."""

from itertools import pairwise

import pytest
from campaigns.quantiles import campaign
from hypothesis import given, settings
from hypothesis import strategies as st
from measured import measured, measured_cases, measured_devices, medians, plain, row
from strategies import Case, toy_device

from edgesim.device import Device
from edgesim.errors import InputError
from edgesim.files import read_device
from edgesim.quantile import MEDIAN, TABULATED, at_quantile
from edgesim.recurrence import makespan_ns
from edgesim.spread import COLD, FIRST, HAND_OFF, HOT, LAYER, PER_SHARD, READ, START_UP, WAKE, Point
from edgesim.work import first_and_later

TOY = toy_device(
    storage={
        "read": {"table": [["10 B", "100 ns"], ["20 B", "150 ns"], ["30 B", "150 ns"]]},
        "start_up": {"time": "7 ns"},
    },
    layer_ns={1: 100, 2: 150, 3: 300},
    unpack_ns={2: 10, 6: 30},
    after_wait_ns=({1: 110, 3: 310}, {2: 12, 6: 30}),
    hand_off_ns=5,
    start_up_ns=40,
)
ROWS = {
    Point(READ, (10, 1), HOT): (100, 130, 200),
    Point(READ, (20, 1), HOT): (200, 250, 260),  # the profile's 150 ns is fitted, three quarters of the median
    Point(READ, (30, 1), HOT): (100, 110, 120),
    Point(LAYER, (1,), HOT): (100, 120, 130),
    Point(LAYER, (2,), HOT): (150, 400, 400),
    Point(LAYER, (3,), HOT): (300, 450, 600),
    Point(LAYER, (1,), COLD): (110, 115, 150),
    Point(LAYER, (3,), COLD): (310, 465, 620),
    Point(PER_SHARD, (2,), HOT): (10, 11, 12),
    Point(PER_SHARD, (6,), HOT): (30, 45, 60),
    Point(PER_SHARD, (2,), COLD): (12, 20, 30),
    Point(PER_SHARD, (6,), COLD): (20, 25, 90),
    Point(WAKE, (), FIRST): (7, 21, 28),
    Point(START_UP, (), FIRST): (40, 80, 100),
    Point(HAND_OFF, (), COLD): (5, 6, 9),
}
KNOWN = measured(TOY, *(row(point, *times) for point, times in ROWS.items()))


def test_every_time_is_scaled_by_its_own_point() -> None:
    """By 95th percentile / median, rounded up; reads then never fall with size, and no layer is faster after a wait."""
    found = at_quantile(KNOWN, 0.95)
    cpu = found.processors["cpu"]
    assert found.storage.points == {1: ((10, 130), (20, 188), (30, 188))}  # 187.5, and 165 for what is larger
    assert cpu.layer_times[0].time == {1: 120, 2: 400, 3: 450}
    assert cpu.layer_times[0].after_wait == {1: 120, 2: 400, 3: 465}  # 115; linear between: 290 and 293
    assert cpu.decompress
    assert cpu.decompress.per_shard == {2: 11, 6: 45}
    assert cpu.decompress.after_wait == {2: 20, 6: 45}  # 37.5
    delays = (found.storage.start_up, cpu.start_up, cpu.hand_off)
    assert [delay and delay.time for delay in delays] == [21, 80, 6]


def test_the_99th_percentile_is_known_too() -> None:
    """It is scaled in the same way."""
    found = at_quantile(KNOWN, 0.99)
    assert found.storage.points == {1: ((10, 200), (20, 200), (30, 200))}
    assert found.processors["cpu"].layer_times[0].time == {1: 130, 2: 400, 3: 600}


def test_the_median_is_the_device_itself() -> None:
    """With statistics or without."""
    for device in (KNOWN, TOY):
        assert at_quantile(device, 0.5) is device


def test_what_never_took_any_time_takes_the_quantile() -> None:
    """A median of nothing cannot be scaled."""
    device = toy_device(read={"table": [["10 B", "100 ns"]]}, unpack_ns={2: 0}, hand_off_ns=5)
    rows = {Point(READ, (10, 1), HOT): (100, 100), Point(LAYER, (1,), HOT): (100, 100),
            Point(LAYER, (4,), HOT): (400, 400), Point(PER_SHARD, (2,), HOT): (0, 3),
            Point(HAND_OFF, (), COLD): (0, 8)}  # fmt: skip
    cpu = at_quantile(measured(device, *(row(point, *each) for point, each in rows.items())), 0.95).processors["cpu"]
    assert cpu.decompress
    assert (cpu.decompress.per_shard, cpu.hand_off and cpu.hand_off.time) == ({2: 3}, 13)


def test_what_has_no_time_keeps_none() -> None:
    """Nothing is added to a device that was not there."""
    device = toy_device(read={"table": [["10 B", "100 ns"]]}, unpack_ns={2: 1})
    rows = [row(point, time, 2 * time) for point, time in medians(device)]
    found = at_quantile(measured(device, *rows), 0.95)
    cpu = found.processors["cpu"]
    assert cpu.decompress
    nothing = (found.storage.start_up, cpu.start_up, cpu.hand_off, cpu.layer_times[0].after_wait)
    assert (*nothing, cpu.decompress.after_wait) == (None,) * 5


# --- any device


@settings(max_examples=300)
@given(measured_devices(), st.sampled_from(sorted(TABULATED)))
def test_the_result_is_a_valid_device(device: Device, quantile: float) -> None:
    """Written as a file and read again it is the same, and it has no statistics to be scaled by once more."""
    found = at_quantile(device, quantile)
    again = Device.model_validate(plain(found))
    assert again.storage.points == found.storage.points
    assert again.processors == found.processors
    assert found.statistics is None
    with pytest.raises(InputError, match="gives no measured distribution"):
        at_quantile(found, quantile)


@settings(max_examples=300)
@given(measured_devices())
def test_no_time_is_less_at_a_higher_quantile(device: Device) -> None:
    """Of no point, from the median on; what was measured after a wait may be given for more numbers."""
    for lower, higher in pairwise(at_quantile(device, quantile) for quantile in (0.5, *TABULATED)):
        times = dict(medians(higher))
        assert [point for point, time in medians(lower) if times[point] < time] == []


@settings(max_examples=400)
@given(measured_cases())
def test_a_plan_takes_no_less_at_a_higher_quantile(case: Case) -> None:
    """On one lane, where a wait costs no more than its time: with held loads, bounded buffers and overlap."""
    scenario, plan = case
    spans = []
    for quantile in (0.5, *TABULATED):
        device = at_quantile(scenario.device, quantile)
        first, _ = first_and_later(plan, scenario.model, device, scenario.session)
        spans.append(makespan_ns(first, scenario.load_buffer_bytes))
    assert spans == sorted(spans)


def test_plans_meet_their_targets_as_often_as_the_quantile_says() -> None:
    """On cloud-epyc, where every part takes one of its samples and is independent of others; by medians they do not."""
    for *_, quantile, found in campaign("wrx", 200):
        assert found is not None
        assert found.met < 0.5 if quantile == MEDIAN else found.met >= quantile


# --- refused


@pytest.mark.parametrize("quantile", [0.05, 0.9, 0.949, 1, 0, -1, float("nan")])
def test_a_quantile_that_is_not_tabulated_is_refused(quantile: float) -> None:
    """Nothing is guessed between percentiles; the message says which there are."""
    with pytest.raises(InputError) as caught:
        at_quantile(KNOWN, quantile)
    assert str(caught.value) == (
        f"quantile: the statistics of toy do not tell it, got {quantile}; known: 0.5, 0.95, 0.99"
    )


def test_a_device_without_statistics_is_refused() -> None:
    """The message says what is known, and how to know more."""
    with pytest.raises(InputError) as caught:
        at_quantile(read_device("odroid-n2plus"), 0.95)
    assert str(caught.value) == (
        "quantile: odroid-n2plus gives no measured distribution, got 0.95; known: 0.5;"
        " measure the device with edgesim profile"
    )


@pytest.mark.parametrize(
    ("gone", "says"),
    [
        ((READ, HOT), "read, size 10, depth 1, hot"),
        ((LAYER, HOT), "layer, shards 1, hot"),
        ((LAYER, COLD), "layer, shards 1, cold"),
        ((PER_SHARD, HOT), "per_shard, bits 2, hot"),
        ((PER_SHARD, COLD), "per_shard, bits 2, cold"),
        ((HAND_OFF, COLD), "hand_off, cold"),
        ((START_UP, FIRST), "start_up, first"),
        ((WAKE, FIRST), "wake, first"),
    ],
)
def test_a_part_that_was_not_measured_is_refused(gone: tuple[str, str], says: str) -> None:
    """A plan against the tail of one part and the median of another would promise neither."""
    rows = [row(point, *times) for point, times in ROWS.items() if point[::2] != gone]
    with pytest.raises(InputError, match=f"toy gives no measured distribution of {says}, got 0.95; known: 0.5; measu"):
        at_quantile(measured(TOY, *rows), 0.95)


@pytest.mark.parametrize(
    ("device", "says"),
    [
        (toy_device(unpack_ns={2: 0}), "reads, which are a line"),
        (toy_device(read={"table": [["10 B", "100 ns"]]}), "decompression, which is one time for all bitwidths"),
    ],
)
def test_what_has_no_points_is_refused(device: Device, says: str) -> None:
    """Only tables have points whose statistics could be known."""
    rows = [row(point, time, time) for point, time in medians(device)]
    with pytest.raises(InputError, match=f"toy gives no measured distribution of {says}"):
        at_quantile(measured(device, *rows), 0.95)


def test_layers_on_another_processor_are_refused() -> None:
    """The statistics are those of one processor; the other would be planned by its medians."""
    both = KNOWN.model_copy(update={"processors": {"gpu": KNOWN.processors["cpu"], **KNOWN.processors}})
    says = "layers of hidden 8, heads 2, ffn 32, seq_len 4, fp32 on gpu, got 0.95"
    with pytest.raises(InputError, match=says):
        at_quantile(both, 0.95)


# --- the shipped profile


@pytest.mark.parametrize("quantile", TABULATED)
def test_the_shipped_profile_has_a_distribution_of_everything(quantile: float) -> None:
    """Every time of cloud-epyc has its quantile, none below the median."""
    device = read_device("cloud-epyc")
    found = at_quantile(device, quantile)
    for depth, points in device.storage.points.items():
        slower = found.storage.points[depth]
        assert [size for size, _ in slower] == [size for size, _ in points]
        assert all(late >= usual for (_, late), (_, usual) in zip(slower, points, strict=True))
    cpu, slow = device.processors["cpu"], found.processors["cpu"]
    (usual,), (late,) = cpu.layer_times, slow.layer_times
    assert usual.after_wait
    assert late.after_wait
    assert usual.decompress
    assert late.decompress
    for before, after in ((usual.time, late.time), (usual.after_wait, late.after_wait),
                          (usual.decompress.per_shard, late.decompress.per_shard),
                          (usual.decompress.after_wait, late.decompress.after_wait)):  # fmt: skip
        assert isinstance(before, dict)
        assert isinstance(after, dict)
        assert all(after[key] > ns for key, ns in before.items())
    for before, after in ((cpu.hand_off, slow.hand_off), (cpu.start_up, slow.start_up),
                          (device.storage.start_up, found.storage.start_up)):  # fmt: skip
        assert before
        assert after
        assert after.time > before.time
