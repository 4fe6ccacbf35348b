"""What was swept, as axes: the values of each key in their order, and which of them each row has."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from edgesim.errors import InputError, choose
from edgesim.quantities import measured
from edgesim.sweeps.ticks import ticks

BUDGETS = ("target_latency", "preload_buffer", "load_buffer")
"""What a planner is given: plans of different budgets can be compared."""
COLUMNS = {"target_latency": "target_latency_ns", "preload_buffer": "preload_buffer_bytes",
           "load_buffer": "load_buffer_bytes"}  # fmt: skip
"""Where the values of a key stand that is no column's name."""
Spacing = Literal["even", "log", "listed"]
_UNITS = {"target_latency_ns": "ns", "preload_buffer_bytes": "B", "load_buffer_bytes": "B"}
"""Units of columns that every sweep has; those of other keys come with the sweep."""
_AROUND = ("point", "scenario", "planner")


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """A key and the values that it takes.

    Parameters
    ----------
    key
        As a scenario has it.
    values
        In rising order where they are amounts, else in the order of points; None stands for unlimited or not set.
    unit
        What amounts are in, such as ``ns``; empty for plain numbers and names.
    ticks, shown_unit
        The values as they are written, without the unit that all have in common, and that unit; it may be empty.
    codes
        Which value each row has, (N,).
    spacing
        How amounts follow one another: by even steps, by even ratios, or neither.
    sized
        Whether the values are amounts.
    """

    key: str
    values: tuple[object, ...]
    unit: str
    ticks: tuple[str, ...]
    shown_unit: str
    codes: NDArray[np.int64]
    spacing: Spacing
    sized: bool

    @property
    def name(self) -> str:
        """The key with its unit, for people."""
        words = self.key if "." in self.key else self.key.replace("_", " ")
        return f"{words} [{self.shown_unit}]" if self.shown_unit else words

    @property
    def labels(self) -> tuple[str, ...]:
        """Every value with its unit."""
        return tuple(self._labelled([tick], [value]) for tick, value in zip(self.ticks, self.values, strict=True))

    def _labelled(self, ticks: Sequence[str], values: Sequence[object]) -> str:
        """Write values of one unit with the unit behind the last amount."""
        amounts = [tick for tick, value in zip(ticks, values, strict=True) if value is not None]
        also = [tick for tick, value in zip(ticks, values, strict=True) if value is None]
        unit = f" {self.shown_unit}" if self.shown_unit and amounts else ""
        return ", ".join([", ".join(amounts) + unit, *also] if amounts else also)

    @property
    def range_text(self) -> str:
        """The values in a few words: all of them where they are few, else both ends."""
        if len(self.values) <= 4 or not self.sized:
            if len(self.values) <= 6:
                return self._labelled(self.ticks, self.values)
            return ", ".join((*self.labels[:5], f"{len(self.values) - 5:,} more"))
        ends = [tick for tick, value in zip(self.ticks, self.values, strict=True) if value is not None]
        also = [tick for tick, value in zip(self.ticks, self.values, strict=True) if value is None]
        steps = {"even": ", even steps", "log": ", even ratios", "listed": ""}[self.spacing]
        unit = f" {self.shown_unit}" if self.shown_unit else ""
        return f"{ends[0]} to {ends[-1]}{unit}{steps}" + "".join(f", and {tick}" for tick in also)

    def to_dict(self) -> dict[str, object]:
        """Return key, values and their unit."""
        return {"key": self.key, "unit": self.unit, "values": list(self.values)}


def key_of(column: str) -> str:
    """Return the key whose values a column has."""
    return next((key for key, name in COLUMNS.items() if name == column), column)


def key_columns(columns: Iterable[str]) -> list[str]:
    """Return which columns of a sweep say what was asked for; they stand before the status."""
    names = list(columns)
    return [name for name in names[: names.index("status")] if name not in _AROUND]


def read_axis(column: str, values: "pd.Series[Any]", unit: str = "") -> Axis:
    """Return the axis of one column, also where it has one value only.

    Parameters
    ----------
    column, values
        Name and values.
    unit
        What amounts are in, as `edgesim.quantities.Column` has it, or ``share``; known of targets and buffers.
    """
    codes, found = pd.factorize(values, use_na_sentinel=False)
    raw = [None if pd.isna(value) else value for value in np.asarray(found, dtype=object).tolist()]
    sizes = _sizes([value for value in raw if value is not None])
    known = iter(sizes or range(len(raw)))
    place = [next(known) if value is not None else float("inf") for value in raw]
    order = sorted(range(len(raw)), key=lambda at: (place[at], at))
    rank = np.empty(len(raw), np.int64)
    rank[order] = np.arange(len(raw))
    ordered = [raw[at] for at in order]
    unit = _UNITS.get(column, unit)
    written, shown_unit = ticks(ordered, unit, "unlimited" if column == COLUMNS["load_buffer"] else "none")
    amounts = [place[at] for at in order if raw[at] is not None] if sizes else []
    return Axis(key_of(column), tuple(ordered), unit, written, shown_unit, rank[codes], _spacing(amounts), bool(sizes))


def _sizes(values: Sequence[Any]) -> list[float] | None:
    """Return amounts that can be ordered, whatever units they are written with; None where they are names."""
    found = [measured(value) for value in values]
    kinds = {one.kind for one in found if one.amount != math.inf}
    return [float(one.amount) for one in found] if len(kinds) == 1 and all(one.is_number for one in found) else None


def _spacing(amounts: Sequence[float]) -> Spacing:
    """Say how amounts follow one another; a hundredth is given for values that were rounded."""
    if len(amounts) < 3:
        return "listed"
    steps = np.diff(amounts)
    if steps.max() <= 1.01 * steps.min():
        return "even"
    if amounts[0] > 0:
        ratios = np.diff(np.log(amounts))
        if ratios.max() <= 1.01 * ratios.min():
            return "log"
    return "listed"


def combined(axes: Sequence[Axis], rows: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give a number to each combination of values that occurs, in the order of the axes.

    Returns
    -------
    codes, combinations
        The number of each row's combination, (N,), and which value of each axis each combination has, (C, A).
    """
    codes, parts = np.zeros(rows, np.int64), np.zeros((0, 1 if rows else 0), np.int64)
    for axis in axes:
        many = len(axis.values)
        found, codes = _numbered(codes * many + axis.codes)
        parts = np.vstack([parts[:, found // many], found % many])
    return codes, parts.T


def _numbered(codes: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the different codes in rising order, and which of them each is."""
    if codes.max(initial=0) > 4 * len(codes):
        found, numbers = np.unique(codes, return_inverse=True)
        return found, numbers
    used = np.bincount(codes) > 0  # without sorting
    return np.flatnonzero(used), (np.cumsum(used) - 1)[codes]


def find_axis(key: str, axes: Sequence[Axis], flag: str) -> Axis:
    """Return the axis of a key, or of the column that has its values.

    Raises
    ------
    InputError
        With the keys that were swept.
    """
    found = next((axis for axis in axes if key in (axis.key, COLUMNS.get(axis.key))), None)
    if found is None:
        raise InputError(f"{flag}: '{key}' was not swept; {choose(key, [axis.key for axis in axes])}")
    return found
