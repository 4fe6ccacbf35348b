"""Units of what can be searched: integers of a base unit, read and written as files do, exactly."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError

from edgesim.errors import InputError
from edgesim.units import (
    Bytes,
    BytesPerSecond,
    FlopPerSecond,
    Millijoules,
    Milliwatts,
    Nanoseconds,
    Rate,
    Share,
)

_PREFIXED = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


@dataclass(frozen=True, slots=True)
class Unit:
    """A quantity that is an integer of a base unit.

    Parameters
    ----------
    factors
        Decimal units to write it in, the smallest first; none for a plain number.
    parsed
        The type that reads it from a file.
    typical
        Where to begin to search if nothing is known.
    scale
        What a value in a document is multiplied by.
    most
        No larger value is tried by a search without limits: of few digits, the largest that files may have.
    """

    factors: Mapping[str, int]
    parsed: Any
    typical: int = 1
    scale: int = 1
    most: int = 9 * 10**15

    @property
    def base(self) -> str:
        """What an integer counts: ``ns``; nothing for a plain number."""
        factors = list(self.factors.items())
        return "" if not factors else factors[0][0] if factors[0][1] == 1 else f"{1 / factors[0][1]:g} {factors[0][0]}"

    def number(self, value: float | Fraction) -> int:
        """Return a value of a document as an integer of the base unit, rounded up."""
        return ceil(value * self.scale)

    def text(self, number: int) -> str:
        """Write an integer of the base unit, exactly: ``47.19 MB/s``."""
        if not self.factors:
            return f"{number}"
        written = [unit for unit, factor in self.factors.items() if number >= factor]
        unit = written[-1] if written else next(iter(self.factors))
        return f"{decimal(Fraction(number, self.factors[unit]))} {unit}"

    def form(self, number: int) -> object:
        """Return what a file has for an integer of the base unit."""
        return self.text(number) if self.factors else number

    def read(self, value: object, where: str) -> int:
        """Read a quantity as files write it.

        Raises
        ------
        InputError
            If it is none of this unit, or out of its range.
        """
        if not self.factors and isinstance(value, str) and value.strip().isdecimal():
            value = int(value)
        try:
            return self.number(TypeAdapter(self.parsed).validate_python(value))
        except ValidationError as error:
            raise InputError(f"{where}: {_reason(error)}") from error


@dataclass(frozen=True, slots=True)
class _Often(Unit):
    """How often, in whole times an hour: ``2 /s`` is 7200."""

    factors: Mapping[str, int] = field(default_factory=lambda: {"/h": 1, "/min": 60, "/s": 3600})
    parsed: Any = Rate
    typical: int = 3600
    scale: int = 3600

    def text(self, number: int) -> str:
        """Write it in the largest unit of which it is a whole number."""
        unit, factor = [known for known in self.factors.items() if number % known[1] == 0][-1]
        return f"{number // factor} {unit}"


@dataclass(frozen=True, slots=True)
class _Percent(Unit):
    """A share of what there is, in thousandths: ``85.3 %`` is 853. More than 100 times as much is not built."""

    factors: Mapping[str, int] = field(default_factory=lambda: {"%": 10})
    parsed: Any = Share
    typical: int = 1000
    scale: int = 1000
    most: int = 100_000

    def number(self, value: float | Fraction) -> int:
        """Return a share in thousandths, rounded up; a float stands for the decimal that it is written as."""
        return ceil(Fraction(repr(value) if isinstance(value, float) else value) * self.scale)


def _prefixed(unit: str) -> dict[str, int]:
    return {f"{prefix}{unit}": factor for prefix, factor in _PREFIXED.items()}


WHOLE = Unit({}, Annotated[int, None])
PERCENT = _Percent()
TIME = Unit({"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9}, Nanoseconds, 10**6)
SIZE = Unit(_prefixed("B"), Bytes, 10**6)
UNITS = (
    TIME,
    SIZE,
    Unit(_prefixed("B/s"), BytesPerSecond, 10**8),
    Unit({"MFLOP/s": 10**6, "GFLOP/s": 10**9, "TFLOP/s": 10**12}, FlopPerSecond, 10**10),
    Unit({"mW": 1, "W": 1000}, Milliwatts, 1000),
    Unit({"mJ": 1, "J": 1000, "kJ": 10**6}, Millijoules, 10**6),
    _Often(),
)


def decimal(number: Fraction) -> str:
    """Write a number that has a finite decimal form."""
    return f"{Decimal(number.numerator) / Decimal(number.denominator):f}"


def read_share(value: str, where: str) -> float:
    """Read a share such as ``1 %``.

    Raises
    ------
    InputError
        If it is none.
    """
    try:
        TypeAdapter(Share).validate_python(value)
    except ValidationError as error:
        raise InputError(f"{where}: {_reason(error)}") from error
    return float(Fraction(value.replace("%", "").strip()) / 100)  # nearest to what is written: 10.3 % is 0.103


def _reason(error: ValidationError) -> str:
    from edgesim.files.report import reworded

    found = error.errors()[0]
    return str(found["ctx"]["error"]) if found["type"] == "value_error" else reworded(found["msg"])
