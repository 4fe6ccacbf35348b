"""Values of any key, as sweeps need them: to be compared, counted through, and written again."""

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from edgesim.units import KINDS, exact, kind_of

Setting = bool | int | float | str
"""What a key can be set to, as a file has it: ``true``, ``3``, ``0.5``, ``20 MB/s`` or ``cpu``."""
UNLIMITED = "unlimited"
NUMBER, NAME, TRUTH, SHARE = "number", "name", "truth", "share"
_BILLION = 10**9
_TIMES = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
_SIZES = {f"{name}B": factor for name, factor in (
    ("", 1), ("Ki", 2**10), ("Mi", 2**20), ("Gi", 2**30), ("k", 10**3), ("M", 10**6), ("G", 10**9),
)}  # fmt: skip


class Quantity(NamedTuple):
    """A value that can be compared with others of its kind, and the unit that it was written in.

    Of quantities with units `amount` counts the smallest units of their kind: nanoseconds, bytes, bytes or operations a
    second, milliwatts, millijoules, times an hour, and millionths of a whole.
    """

    kind: str
    amount: Fraction | float | str | bool
    unit: str | None = None

    @property
    def is_number(self) -> bool:
        """Whether there is more and less of it."""
        return self.kind not in (NAME, TRUTH)


def measured(value: Setting) -> Quantity:
    """Return what kind of value something is, and how much.

    Raises
    ------
    ValueError
        If it is a quantity that is negative or too large.
    """
    if isinstance(value, bool):
        return Quantity(TRUTH, value)
    if isinstance(value, int | float):
        return Quantity(NUMBER, Fraction(Decimal(repr(value))))
    if value == UNLIMITED:
        return Quantity("size", math.inf)
    found = kind_of(value)
    if found is None:
        return Quantity(NAME, value)
    kind, unit = found
    return Quantity(kind, exact(value, KINDS[kind], ""), unit)


def written(amount: Fraction, like: Quantity) -> Setting:
    """Write an amount exactly, in the unit of another quantity if that takes no more than nine decimals.

    Parameters
    ----------
    amount
        A whole number of the smallest unit; of plain numbers any.
    like
        Which kind, and which unit to try first.
    """
    if like.unit is None:
        return int(amount) if amount.denominator == 1 else float(amount)
    units = KINDS[like.kind]
    smallest = min(units, key=lambda unit: units[unit])
    unit = like.unit if _BILLION % (amount / units[like.unit]).denominator == 0 else smallest
    whole, rest = divmod(amount / units[unit] * _BILLION, _BILLION)
    decimals = f".{int(rest):09}".rstrip("0") if rest else ""
    return f"{whole}{decimals} {unit}"


class Column(NamedTuple):
    """How the values of a key stand in a table: their type, and the unit of numbers, empty where they have none.

    The unit of parts of a whole is `SHARE`.
    """

    type: type
    unit: str = ""

    def value(self, setting: Setting) -> bool | int | float | str:
        """Return a value as the table has it: in whole numbers of the unit, or as a share or times a second."""
        if self.type is str:
            return plain(setting)
        kind, amount, _ = measured(setting)
        if not isinstance(amount, Fraction) or kind == NUMBER:
            return self.type(setting)  # type: ignore[no-any-return]
        if kind == "frequency":
            return float(amount / 3600)
        return float(amount / 10**6) if kind == SHARE else math.ceil(amount)


_COLUMNS = {
    NAME: Column(str), TRUTH: Column(bool), SHARE: Column(float, SHARE), "frequency": Column(float, "/s"),
    "time": Column(int, "ns"), "size": Column(int, "B"), "rate": Column(int, "B/s"), "speed": Column(int, "FLOP/s"),
    "power": Column(int, "mW"), "energy": Column(int, "mJ"),
}  # fmt: skip


def column_of(values: Sequence[Setting]) -> Column:
    """Return how the values of one key stand in a table; those of several kinds, or without limit, as text."""
    if isinstance(values, range):
        return Column(int)
    kinds = {"" if one.amount == math.inf else one.kind for one in map(measured, values)}
    if len(kinds) != 1:
        return Column(str)
    (kind,) = kinds
    if kind == NUMBER:
        return Column(float if any(isinstance(value, float) for value in values) else int)
    return _COLUMNS.get(kind, Column(str))


def plain(value: Setting) -> str:
    """Return a value as text, as a file has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def time_text(ns: int) -> str:
    """Write a time exactly, in the largest unit of which it has at least one: ``73.724 us``.

    Parameters
    ----------
    ns
        The time [ns], not negative.
    """
    unit, factor = next(((unit, factor) for unit, factor in _TIMES.items() if ns >= factor), ("ns", 1))
    whole, rest = divmod(ns, factor)
    decimals = f"{rest:0{len(str(factor)) - 1}}".rstrip("0") if rest else ""
    return f"{whole}{'.' if decimals else ''}{decimals} {unit}"


def size_text(n_bytes: int) -> str:
    """Write a size exactly, in the unit that makes it shortest: ``4 KiB``, ``4 GB``, ``1500 B``.

    Parameters
    ----------
    n_bytes
        The size [B], not negative.
    """
    texts = [f"{n_bytes // factor} {unit}" for unit, factor in _SIZES.items() if n_bytes % factor == 0]
    return "0 B" if n_bytes == 0 else min(texts, key=lambda text: len(text.split()[0]))


def counted(number: int, name: str) -> str:
    """Write how many there are of something: ``1 point``, ``2,000 points``."""
    return f"{number:,} {name}{'s' * (number != 1)}"
