"""Columns of the rows of a sweep: the same names and types in every part of it."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from types import UnionType
from typing import Any, get_args, get_type_hints

import numpy as np
import pandas as pd

from edgesim.figures import Metrics
from edgesim.usage import DeviceUse, Service

Columns = Mapping[str, str]
"""pandas' nullable type of each column by its name, in order."""

INTEGER, NUMBER, FLAG, TEXT = "Int64", "Float64", "boolean", "string"
DONE, INFEASIBLE, INVALID, FAILED, LOST = "done", "infeasible", "invalid", "failed", "lost"
STATUSES = (DONE, INFEASIBLE, INVALID, FAILED, LOST)
RECURRENCE, SIMULATION = "recurrence", "simulation"

_TYPES = {bool: FLAG, int: INTEGER, float: NUMBER, str: TEXT}
_STORED: dict[str, tuple[type, Any]] = {INTEGER: (np.int64, 0), NUMBER: (np.float64, 0.0), FLAG: (np.bool_, False)}
_FIRST = {
    "point": INTEGER, "scenario": TEXT, "device": TEXT, "processor": TEXT, "model": TEXT, "planner": TEXT,
    "throttle": TEXT, "preload_buffer_bytes": INTEGER, "load_buffer_bytes": INTEGER, "target_latency_ns": INTEGER,
}  # fmt: skip
_OUTCOME = {"status": TEXT, "reason": TEXT, "engine": TEXT}
_LARGEST = 2**63 - 1


def metric_columns() -> Columns:
    """Return the columns of `edgesim.result.Metrics`."""
    return _of(Metrics)


def row_columns(swept: Mapping[str, type], *, sessions: bool) -> Columns:
    """Return all columns of a sweep.

    Parameters
    ----------
    swept
        Type of the values of each swept key that has a column of its own.
    sessions
        Add the figures of whole sessions, as `edgesim.result.Result.to_row` has them.
    """
    own = {key: _TYPES[kind] for key, kind in swept.items() if key not in _FIRST}
    metrics = {name: kind for name, kind in metric_columns().items() if name not in _FIRST}
    more = _of(Service, "service_") | _of(DeviceUse, "device_") if sessions else {}
    return _FIRST | own | _OUTCOME | metrics | more


def _of(figures: type, prefix: str = "") -> dict[str, str]:
    hints = get_type_hints(figures)
    return {f"{prefix}{field.name}": _TYPES[_plain(hints[field.name])] for field in fields(figures)}


def _plain(hint: Any) -> type:  # noqa: ANN401  (a type, or a union of one with None)
    kinds: tuple[type, ...] = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    return next(kind for kind in kinds if kind is not type(None))


class Rows:
    """Rows of a sweep in the making, column by column; what is not set is NA.

    Parameters
    ----------
    columns
        From `row_columns`.
    number
        How many rows.
    """

    def __init__(self, columns: Columns, number: int) -> None:
        self._columns, self._number = columns, number
        self._values: dict[str, Any] = {}
        self._missing: dict[str, Any] = {}
        for name, kind in columns.items():
            stored, empty = _STORED.get(kind, (object, None))
            self._values[name] = np.full(number, empty, stored)
            self._missing[name] = np.ones(number, np.bool_)

    def set(self, name: str, places: Any, values: Any, known: Any = True) -> None:  # noqa: ANN401  (arrays or scalars)
        """Set some rows of a column; where not `known` they stay NA."""
        self._values[name][places] = values
        self._missing[name][places] = np.logical_not(known)

    def fill(self, place: int, row: Mapping[str, object]) -> None:
        """Set one row; None is NA.

        Raises
        ------
        OverflowError
            If a number has more than 63 binary digits.
        """
        for name, value in row.items():
            if name not in self._columns or value is None:
                continue
            if isinstance(value, int) and abs(value) > _LARGEST:
                raise OverflowError(f"{name} is {value}, more than a table of 64-bit integers can tell")
            self.set(name, place, value)

    def frame(self) -> pd.DataFrame:
        """Return the rows as a frame of nullable types."""
        return pd.DataFrame({name: self._array(name, kind) for name, kind in self._columns.items()})

    def _array(self, name: str, kind: str) -> Any:  # noqa: ANN401  (one of pandas' arrays)
        values, missing = self._values[name], self._missing[name]
        if kind == TEXT:
            return pd.Series(np.where(missing, None, values), dtype="string").array
        made = {INTEGER: pd.arrays.IntegerArray, NUMBER: pd.arrays.FloatingArray, FLAG: pd.arrays.BooleanArray}
        return made[kind](values, missing)


def empty_frame(columns: Columns) -> pd.DataFrame:
    """Return a frame without rows."""
    return Rows(columns, 0).frame()


def joined(frames: Sequence[pd.DataFrame], columns: Columns) -> pd.DataFrame:
    """Put frames of the same columns together, in the order of their points."""
    if not frames:
        return empty_frame(columns)
    return pd.concat(frames, ignore_index=True).sort_values("point", ignore_index=True)
