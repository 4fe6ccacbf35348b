"""Quantities with units: ``83.4 MB/s`` in a file, an exact integer in Python.

Time is kept in nanoseconds, sizes in bytes, rates in bytes per second, power in milliwatts and a battery's energy in
millijoules. Fractions round up; a speed is an exact fraction.
A number without a unit is refused, and so is anything above 2**53 (104 days, 9 petabytes): beyond it JSON readers
that keep numbers as doubles would change the value.
"""

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from edgesim.errors import choose

LARGEST = 2**53
_NUMBER = r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?"
_QUANTITY = re.compile(rf"\s*(?P<sign>-?)(?P<number>{_NUMBER})\s*(?P<unit>[^\s0-9.+-][^\s0-9]*)?\s*")
_LONGEST_TEXT = 64  # no honest quantity is longer, and exact arithmetic on a longer one is slow

_TIME = {"ns": 1, "us": 10**3, "µs": 10**3, "ms": 10**6, "s": 10**9, "min": 60 * 10**9, "h": 3600 * 10**9}
_SIZE = {"B": 1} | {
    f"{prefix}B": factor
    for prefix, factor in {
        "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40,
    }.items()
}  # fmt: skip
_RATE = {f"{unit}/s": factor for unit, factor in _SIZE.items()}
_FLOPS = {"MFLOP/s": 10**6, "GFLOP/s": 10**9, "TFLOP/s": 10**12}
_POWER = {"mW": 1, "W": 1000}
_OFTEN = {"/s": 3600, "/min": 60, "/h": 1}
_MOST_OFTEN = 10**9  # once a nanosecond
_PERCENT = {"%": 10**4}
_SPELLED = {
    "sec": "s", "secs": "s", "second": "s", "seconds": "s", "minute": "min", "minutes": "min", "hr": "h", "hour": "h",
    "hours": "h", "milliseconds": "ms", "microseconds": "us", "byte": "B", "bytes": "B", "percent": "%",
}  # fmt: skip
_ENERGY = {"mJ": 1, "J": 1000, "kJ": 10**6, "mWh": 3600, "Wh": 3_600_000}

KINDS: dict[str, Mapping[str, int]] = {
    "time": _TIME, "size": _SIZE, "rate": _RATE, "speed": _FLOPS, "power": _POWER, "frequency": _OFTEN,
    "energy": _ENERGY, "share": _PERCENT,
}  # fmt: skip
"""The units of each kind of quantity; no unit is of two kinds."""


def kind_of(text: str) -> tuple[str, str] | None:
    """Return of which kind a quantity is, and its unit; None if it is no quantity."""
    match = _QUANTITY.fullmatch(text) if len(text) <= _LONGEST_TEXT else None
    unit = match["unit"] if match else None
    return next(((kind, unit) for kind, units in KINDS.items() if unit is not None and unit in units), None)


def parse(value: object, units: Mapping[str, int], example: str) -> int:
    """Turn a quantity with its unit into an integer of the smallest unit, rounded up.

    Parameters
    ----------
    value
        What the file says, such as ``"1.5 ms"``.
    units
        Factor of each accepted unit.
    example
        A correct quantity, shown when the unit is missing.

    Returns
    -------
    int
        The quantity in the unit whose factor is 1.

    Raises
    ------
    ValueError
        If the value is no quantity, has no unit or another one, is negative, or exceeds `LARGEST`.
    """
    return math.ceil(exact(value, units, example))


def exact(value: object, units: Mapping[str, int], example: str, wanted: str = "") -> Fraction:
    """Turn a quantity with its unit into an exact number of the smallest unit; see `parse`.

    Where units do not show what is meant, `wanted` says it: ``, which must be a rate or a time``.
    """
    shown = str(value)[:_LONGEST_TEXT]
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"must be a quantity such as '{example}', got {shown}")  # noqa: TRY004  (pydantic wants it)
    match = _QUANTITY.fullmatch(str(value)) if len(str(value)) <= _LONGEST_TEXT else None
    if match is None:
        raise ValueError(f"must be a quantity such as '{example}', got '{shown}'")
    if match["sign"]:
        raise ValueError(f"must not be negative, got {shown}")
    if match["unit"] is None:
        raise ValueError(f"needs a unit, got {shown}; write for example '{example}'")
    if match["unit"] not in units:
        meant = choose(_SPELLED.get(match["unit"].lower(), match["unit"]), units)
        raise ValueError(f"unknown unit '{match['unit']}' in '{shown}'{wanted}; {meant}")
    amount = Fraction(Decimal(match["number"])) * units[match["unit"]]
    if amount > LARGEST:
        raise ValueError(f"is too large, got {shown}; the limit is 2**53 of the smallest unit")
    return amount


def _schema(units: Mapping[str, int], example: str) -> dict[str, Any]:
    names = "|".join(re.escape(unit) for unit in sorted(units, key=len, reverse=True))
    return {
        "type": "string",
        "pattern": rf"^\s*{_NUMBER}\s*({names})\s*$",
        "patternErrorMessage": f"a number with a unit ({', '.join(units)}), for example '{example}'",
        "examples": [example],
    }


SIZE_SCHEMA = _schema(_SIZE, "4 KiB")
"""How editors check a size."""


def _rate_or_time(value: object) -> tuple[str, int]:
    found = exact(value, _RATE | _TIME, "83.4 MB/s' or '46 us", ", which must be a rate or a time")
    return "bytes_per_s" if str(value).rstrip().endswith("/s") else "ns", math.ceil(found)


Nanoseconds = Annotated[
    int, BeforeValidator(lambda v: parse(v, _TIME, "200 ms")), WithJsonSchema(_schema(_TIME, "200 ms"))
]
Bytes = Annotated[int, BeforeValidator(lambda v: parse(v, _SIZE, "4 KiB")), WithJsonSchema(SIZE_SCHEMA)]
BytesPerSecond = Annotated[
    int, BeforeValidator(lambda v: parse(v, _RATE, "83.4 MB/s")), Field(gt=0),
    WithJsonSchema(_schema(_RATE, "83.4 MB/s")),
]  # fmt: skip
FlopPerSecond = Annotated[
    int, BeforeValidator(lambda v: parse(v, _FLOPS, "70 GFLOP/s")), Field(gt=0),
    WithJsonSchema(_schema(_FLOPS, "70 GFLOP/s")),
]  # fmt: skip
Milliwatts = Annotated[
    int, BeforeValidator(lambda v: parse(v, _POWER, "3.5 W")), WithJsonSchema(_schema(_POWER, "3.5 W"))
]
Millijoules = Annotated[
    int, BeforeValidator(lambda v: parse(v, _ENERGY, "20 Wh")), Field(gt=0), WithJsonSchema(_schema(_ENERGY, "20 Wh"))
]
RateOrTime = Annotated[
    tuple[str, Annotated[int, Field(gt=0)]], BeforeValidator(_rate_or_time),
    WithJsonSchema(_schema(_RATE | _TIME, "83.4 MB/s")),
]  # fmt: skip


def _percent(value: object, example: str) -> str:
    shown = str(value)[:_LONGEST_TEXT]
    match = re.fullmatch(rf"\s*({_NUMBER})\s*%\s*", str(value)) if len(str(value)) <= _LONGEST_TEXT else None
    if match is None:
        raise ValueError(f"must be a share such as '{example}', got {shown}")
    return match[1]


Share = Annotated[
    float, BeforeValidator(lambda v: float(_percent(v, "5 %")) / 100), WithJsonSchema(_schema(_PERCENT, "5 %"))
]
"""A part of a whole, in a file ``5 %``."""


def _speed(value: object) -> Fraction:
    speed = Fraction(Decimal(_percent(value, "75 %"))) / 100
    if not Fraction(1, 100) <= speed <= 1:
        raise ValueError(f"must be from 1 % to 100 % of full speed, got {value}")
    return speed


Speed = Annotated[Fraction, BeforeValidator(_speed), WithJsonSchema(_schema(_PERCENT, "75 %"))]
"""A part of full speed, exact, in a file ``75 %``."""


def _per_second(value: object) -> Fraction:
    if isinstance(value, Fraction):
        return value
    rate = exact(value, _OFTEN, "2 /s") / 3600
    if not 0 < rate <= _MOST_OFTEN:
        raise ValueError(f"must be above 0 and at most 1e9 /s, got {value}")
    return rate


Rate = Annotated[Fraction, BeforeValidator(_per_second), WithJsonSchema(_schema(_OFTEN, "2 /s"))]
"""How often something happens in a second, exactly; in a file ``2 /s``, ``3.5 /min`` or ``10 /h``."""


def show_ns(ns: int) -> str:
    """Write a time for people, in milliseconds: ``194.8 ms``, and three digits below one: ``0.0123 ms``."""
    return f"{ns / 1e6:,.1f} ms" if ns >= 10**6 or ns == 0 else f"{ns / 1e6:.3g} ms"


def show_bytes(n_bytes: int) -> str:
    """Write a size for people, in decimal units: ``1.02 MB``."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if n_bytes >= factor:
            amount = n_bytes / factor
            return f"{amount:,.{2 if amount < 10 else 1 if amount < 100 else 0}f} {unit}"
    return f"{n_bytes} B"
