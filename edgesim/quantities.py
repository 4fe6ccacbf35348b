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
NUMBER, NAME, TRUTH = "number", "name", "truth"
_BILLION = 10**9


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


def typed(value: Setting) -> int | float | str:
    """Return a value as a column of a table has it: whole numbers of the smallest unit, shares, times a second."""
    kind, amount, _ = measured(value)
    if not isinstance(amount, Fraction) or kind == NUMBER:
        return value
    if kind == "frequency":
        return float(amount / 3600)
    return float(amount / 10**6) if kind == "share" else math.ceil(amount)


def plain(value: Setting) -> str:
    """Return a value as text, as a file has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def are_mixed(values: Sequence[Setting]) -> bool:
    """Tell whether values are of several kinds, such as rates and times, or sizes and no limit."""
    found = () if isinstance(values, range) else map(measured, values)
    return len({"" if one.amount == math.inf else one.kind for one in found}) > 1
