"""Values of swept keys, as a report writes them."""

import pandas as pd
import pytest

from edgesim.sweeps.axes import Axis, read_axis
from edgesim.sweeps.ticks import aligned, exactly


def axis(
    values: list[object], dtype: str = "string", column: str = "storage.read.bandwidth", unit: str = ""
) -> Axis:  # fmt: skip
    """Return the axis of a column."""
    return read_axis(column, pd.Series(values, dtype=dtype), unit)


def test_figures_stand_below_one_another() -> None:
    """With as many decimals as the largest and the least need."""
    assert aligned([(98.95, 100.9), None, (5.0, 1113.9)]) == ["99.0 /   100.9", "-", " 5.0 / 1,113.9"]
    assert aligned([(1.0, 2.0)], decimals=4) == ["1.0000 / 2.0000"]
    assert aligned([(0.0,), None]) == ["0", "-"]
    assert aligned([(0.02, 5000.0)]) == ["0.020 / 5,000.000"]


@pytest.mark.parametrize(("amount", "text"), [
    (10**8, "100 MB"), (98_950_001, "98.950001 MB"), (1500, "1.5 kB"), (7, "7 B"), (2**53, "9,007.199254740992 TB"),
])  # fmt: skip
def test_a_limit_is_written_with_all_its_digits(amount: int, text: str) -> None:
    """So that what is said is what was asked for."""
    assert exactly(amount, "B") == text


@pytest.mark.parametrize(
    ("values", "unit", "shown"),
    [
        ([200_000_000, 80_000_000], "B/s", "80, 200 MB/s"),
        ([500_000_000, 4_000_000_000], "B/s", "0.5, 4 GB/s"),
        ([50_000, 200_000], "ns", "50, 200 us"),
        ([500_000_000, 4_000_000_000], "ns", "500, 4,000 ms"),
        ([60_000_000_000, 600_000_000_000], "ns", "60, 600 s"),
        ([0, 4096], "B", "0, 4.096 kB"),
        ([0], "B", "0 B"),
        ([2500, 10_000], "mW", "2.5, 10 W"),
        ([72_000_000], "mJ", "72 kJ"),
        ([70 * 10**9], "FLOP/s", "70 GFLOP/s"),
        ([0.05, 0.1], "share", "5, 10 %"),
        ([0.5, 2.0], "/s", "0.5, 2 /s"),
        ([20 / 3600, 40 / 3600], "/s", "20, 40 /h"),
        ([1 / 60], "/s", "1 /min"),
        ([0.05, 3.0], "", "0.05, 3"),
        ([1, 2_000_000], "", "1, 2,000,000"),
    ],
)
def test_amounts_are_written_with_a_readable_unit(values: list[float], unit: str, shown: str) -> None:
    """The one that suits the middle of them; plain numbers where no unit is known, whatever the key is called."""
    kind = "Int64" if all(isinstance(value, int) for value in values) else "Float64"
    assert axis(list(values), kind, "storage.read.bandwidth", unit).range_text == shown


def test_values_stand_in_the_order_of_their_amounts() -> None:
    """Whatever their units; names keep their order, and unlimited is most."""
    found = axis(["1 GB/s", "80 MB/s", "500 MB/s", "80 MB/s"])
    assert (found.values, found.codes.tolist()) == (("80 MB/s", "500 MB/s", "1 GB/s"), [2, 0, 1, 0])
    assert (found.labels, found.shown_unit) == (("80 MB/s", "500 MB/s", "1 GB/s"), "")
    assert axis(["unlimited", "2 MB", "500 kB"]).values == ("500 kB", "2 MB", "unlimited")
    assert axis(["zed", "ann"]).values == ("zed", "ann")
    assert axis(["2 MB", "1 ms"]).values == ("2 MB", "1 ms")  # one is no more than the other
    assert axis([0.5, 0.25], "Float64", "speed").labels == ("0.25", "0.5")
    room = axis([None, 4_000_000, 250_000], "Int64", "load_buffer_bytes")
    assert (room.key, room.labels, room.name) == (
        "load_buffer", ("0.25 MB", "4 MB", "unlimited"), "load buffer [MB]"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("values", "spacing"),
    [
        ([1, 2, 4, 8], "log"),
        ([0, 5, 10], "even"),
        ([1, 2, 9], "listed"),
        ([3, 9], "listed"),
        ([1000, 3162, 10000], "log"),
    ],
)
def test_the_spacing_of_values_is_found(values: list[object], spacing: str) -> None:
    """Even steps, even ratios, also rounded ones, or neither."""
    assert axis(values, "Int64").spacing == spacing


def test_values_that_look_alike_get_more_digits() -> None:
    """Four digits where they tell values apart."""
    column = "target_latency_ns"
    assert axis([123_456_789, 200_000_000], "Int64", column).ticks == ("123.5", "200")
    assert axis([123_456_789, 123_456_000], "Int64", column).ticks == ("123.456", "123.457")
