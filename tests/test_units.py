"""Quantities with units: exact integers, or a refusal that shows what to write."""

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from edgesim.units import (
    LARGEST,
    Bytes,
    BytesPerSecond,
    Millijoules,
    Milliwatts,
    Nanoseconds,
    RateOrTime,
    Speed,
    show_bytes,
    show_ns,
)

TYPES = {
    "time": Nanoseconds, "size": Bytes, "rate": BytesPerSecond, "power": Milliwatts, "rate or time": RateOrTime,
    "energy": Millijoules, "speed": Speed,
}  # fmt: skip


def parsed(kind: str, value: object) -> object:
    """Return what a file's value becomes."""
    return TypeAdapter(TYPES[kind]).validate_python(value)


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("time", "339 ms", 339_000_000),
        ("time", "1.5us", 1500),
        ("time", "2 µs", 2000),
        ("time", "1e3 ns", 1000),
        ("time", "2 min", 120 * 10**9),
        ("time", "0 ns", 0),
        ("size", "1 MB", 10**6),
        ("size", "4 KiB", 4096),
        ("size", " 0.5 GiB ", 2**29),
        ("rate", "83.44 MB/s", 83_440_000),
        ("power", "3.5 W", 3500),
        ("energy", "19.25 Wh", 69_300_000),
        ("energy", "1.5 kJ", 1_500_000),
        ("speed", "66.667 %", Fraction(66_667, 100_000)),
        ("rate or time", "1 GB/s", ("bytes_per_s", 10**9)),
        ("rate or time", "46 us", ("ns", 46_000)),
    ],
)
def test_a_quantity_is_an_integer_of_its_smallest_unit(kind: str, text: str, expected: object) -> None:
    """Decimal and binary prefixes, decimals and exponents are understood."""
    assert parsed(kind, text) == expected


@pytest.mark.parametrize(("text", "expected"), [("0.1 ns", 1), ("1.0000001 us", 1001), ("0.3 us", 300)])
def test_fractions_of_the_smallest_unit_round_up(text: str, expected: int) -> None:
    """Exactly: 0.3 us are 300 ns, for no binary fraction is involved."""
    assert parsed("time", text) == expected


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        ("time", 200, "needs a unit, got 200; write for example '200 ms'"),
        ("time", "1.5", "needs a unit, got 1.5"),
        ("time", "-1 ms", "must not be negative, got -1 ms"),
        ("time", "5 MB", "unknown unit 'MB' in '5 MB'"),
        ("size", "5 mb", "unknown unit 'mb' in '5 mb'; did you mean 'MB'? known: B, GB"),
        ("time", "fast", "must be a quantity such as '200 ms', got 'fast'"),
        ("time", True, "must be a quantity such as '200 ms', got True"),
        ("time", None, "must be a quantity such as '200 ms', got None"),
        ("time", "1 ms 2 us", "must be a quantity such as"),
        ("time", "9" * 99 + " ms", "must be a quantity such as"),
        ("size", "10 PB", "unknown unit 'PB'"),
        ("time", "0.25 sec", "unknown unit 'sec' in '0.25 sec'; did you mean 's'? known: h, min"),
        ("time", "2 Hours", "did you mean 'h'?"),
        ("size", "7 bytes", "did you mean 'B'?"),
        ("size", "9999999 GB", "is too large"),
        ("rate", "0 MB/s", "greater than 0"),
        ("rate or time", "0 us", "greater than 0"),
        (
            "rate or time",
            "140 MB",
            "unknown unit 'MB' in '140 MB', which must be a rate or a time; did you mean 'MB/s'? known: B/s, GB/s",
        ),
        ("rate or time", "5 mb/s", "unknown unit 'mb/s' in '5 mb/s', which must be a rate or a time; did you mean 'MB"),
        ("rate or time", "5", "needs a unit, got 5; write for example '83.4 MB/s' or '46 us'"),
        ("energy", "0 J", "greater than 0"),
        ("energy", "5400 mAh", "unknown unit 'mAh'"),
        ("speed", "0 %", "must be from 1 % to 100 % of full speed, got 0 %"),
        ("speed", "100.1 %", "must be from 1 % to 100 % of full speed, got 100.1 %"),
        ("speed", 1, "must be a share such as '75 %', got 1"),
    ],
)
def test_what_is_no_quantity_is_refused(kind: str, value: object, message: str) -> None:
    """The message says what is wrong and shows how it is written."""
    with pytest.raises(ValidationError, match=re.escape(message)):
        parsed(kind, value)


@given(st.integers(0, LARGEST))
def test_every_integer_up_to_the_limit_is_exact(number: int) -> None:
    """No value passes through a floating-point number."""
    assert parsed("time", f"{number} ns") == number


def test_the_limit_is_what_a_double_can_hold() -> None:
    """2**53 of the smallest unit are accepted, one more is not."""
    with pytest.raises(ValidationError, match=r"the limit is 2\*\*53"):
        parsed("size", f"{LARGEST + 1} B")


def test_people_read_milliseconds_and_decimal_sizes() -> None:
    """Reports round; nothing is computed from them."""
    assert [show_ns(ns) for ns in (0, 194_849_000, 1_234_567_890_000)] == ["0.0 ms", "194.8 ms", "1,234,567.9 ms"]
    assert [show_bytes(n) for n in (0, 999, 1000, 1_024_000, 5 * 10**9)] == [
        "0 B",
        "999 B",
        "1.00 kB",
        "1.02 MB",
        "5.00 GB",
    ]
