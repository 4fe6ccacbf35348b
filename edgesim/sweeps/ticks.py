"""Amounts of one key, written with a unit that makes them readable."""

from collections.abc import Sequence
from math import floor, log10, sqrt

from edgesim.files.space import Space
from edgesim.quantities import SHARE

_SCALES: dict[str, dict[str, float]] = {
    "ns": {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9},
    "B": {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12},
    "B/s": {"B/s": 1, "kB/s": 10**3, "MB/s": 10**6, "GB/s": 10**9, "TB/s": 10**12},
    "FLOP/s": {"FLOP/s": 1, "MFLOP/s": 10**6, "GFLOP/s": 10**9, "TFLOP/s": 10**12},
    "mW": {"mW": 1, "W": 10**3},
    "mJ": {"mJ": 1, "J": 10**3, "kJ": 10**6},
    "/s": {"/h": 1 / 3600, "/min": 1 / 60, "/s": 1},
    SHARE: {"%": 0.01},
}
"""By the unit that values have: units to write them in, and how much of the first each is, in rising order."""
_FROM = {"s": 10**10}
"""Latencies are in milliseconds all over a report, so targets of seconds are, too."""
_DIGITS, _MOST_DIGITS = 4, 18
"""So many digits are written, and more where values would look the same."""


def units_of(space: Space) -> dict[str, str]:
    """Return the unit of each column of a sweep that is named by its key and has one."""
    return {key: column.unit for key, column in space.columns.items() if column.unit}


def ticks(values: Sequence[object], unit: str, absent: str) -> tuple[tuple[str, ...], str]:
    """Write values with one unit that suits the middle of them.

    Parameters
    ----------
    values
        Amounts of one unit, or names; None is absent.
    unit
        What amounts are in; empty if they are plain numbers.
    absent
        What None is written as.

    Returns
    -------
    written, unit
        The values without their unit, and that unit; it may be empty.
    """
    name, factor = _scale([value for value in values if _is_amount(value)], unit)
    for digits in range(_DIGITS, _MOST_DIGITS):
        written = tuple(absent if value is None else _tick(value, factor, digits) for value in values)
        if len(set(written)) == len(values):
            break
    return written, name


def exactly(amount: int, unit: str) -> str:
    """Write one amount with its unit, all of its digits."""
    name, factor = _scale([amount], unit)
    for digits in range(1, _MOST_DIGITS):
        written = _tick(amount, factor, digits)
        if round(float(written.replace(",", "")) * factor) == amount:
            break
    return f"{written} {name}"


def _is_amount(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _scale(amounts: Sequence[object], unit: str) -> tuple[str, float]:
    """Choose the largest unit that the middle of the amounts, by ratios, has at least one of."""
    scale = _SCALES.get(unit)
    if scale is None or not amounts:
        return "", 1
    some = [abs(float(amount)) for amount in amounts if amount]  # type: ignore[arg-type]
    middle = sqrt(min(some)) * sqrt(max(some)) * (1 + 1e-9) if some else 0
    fitting = [(name, factor) for name, factor in scale.items() if middle >= _FROM.get(name, factor)]
    return fitting[-1] if fitting else next(iter(scale.items()))


def _tick(value: object, factor: float, digits: int) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value / factor:,.{digits}g}" if abs(value) < 10**digits * factor else f"{value / factor:,.0f}"


def aligned(rows: Sequence[Sequence[float] | None], decimals: int | None = None) -> list[str]:
    """Write figures of one kind below one another, parted by slashes, all with as many decimals; ``-`` for none."""
    if decimals is None:
        decimals = _decimals([value for row in rows for value in row or ()])
    written = [[f"{value:,.{decimals}f}" for value in row] if row else [] for row in rows]
    widths = [max(map(len, column)) for column in zip(*filter(None, written), strict=True)]
    return [" / ".join(f"{text:>{width}}" for text, width in zip(row, widths, strict=True)) if row else "-"
            for row in written]  # fmt: skip


def _decimals(values: Sequence[float]) -> int:
    """Return how many decimals give the largest four digits, and the least that is not zero two."""
    some = [abs(value) for value in values if value]
    needed = [3 - floor(log10(max(some))), 1 - floor(log10(min(some)))] if some else []
    return min(max(0, *needed), _DIGITS) if needed else 0


def brief(rows: Sequence[Sequence[float] | None], decimals: int | None = None) -> list[str]:
    """Write figures in little room: once if all of a row are the same, with three digits each.

    Parameters
    ----------
    rows
        As for `aligned`.
    decimals
        At most one less than these are written.
    """
    most = _MOST_DIGITS if decimals is None else decimals - 1
    written = [
        [_brief(value, most) for value in (row[:1] if len(set(row)) == 1 else row)]
        for row in (row or () for row in rows)
    ]
    return ["/".join(texts) or "-" for texts in written]


def _brief(value: float, most: int) -> str:
    decimals = min(most, max(0, 2 - floor(log10(abs(value))))) if value else 0
    written = f"{value:,.{decimals}f}"
    return written.rstrip("0").rstrip(".") if decimals else written
