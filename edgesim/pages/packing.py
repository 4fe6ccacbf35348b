"""Rows of a result as columns: a tenth of the bytes, and a browser has them at once. ``packing.js`` unpacks them.

A column is ``{"all": value}`` where every row has the same, ``{"of": values, "at": numbers}`` where few differ, else
``{"list": values}``. Of spans, ``start_ns`` counts from the end of the row before and ``end_ns`` from its own start;
requests of both count from the row before.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from edgesim.figures import RequestRow
from edgesim.result import Result, plain
from edgesim.timeline import Span, Timeline

Packed = dict[str, Any]
_FEW = 4
"""A column of so many times fewer values than rows is written by their numbers."""
_RISING = ("arrival_ns", "start_ns", "finish_ns", "number", "engagement")


def packed_result(result: Result) -> Packed:
    """Return `Result.to_dict` with spans and requests, and those of the apps beside, as columns."""
    rest = replace(result, timeline=Timeline((), ()), requests=(), beside=()).to_dict()
    timeline, requests = packed_spans(result.timeline.spans), packed_requests(result.requests)
    return rest | {"timeline": timeline, "requests": requests, "beside": [packed_result(one) for one in result.beside]}


def packed_spans(spans: Sequence[Span]) -> Packed:
    """Return spans as columns, in their order."""
    columns: Packed = dict(zip(Span._fields, zip(*spans, strict=True), strict=True)) if spans else {}
    if columns:
        starts, ends = columns["start_ns"], columns["end_ns"]
        columns["start_ns"] = [start - end for start, end in zip(starts, (0, *ends), strict=False)]
        columns["end_ns"] = [end - start for start, end in zip(starts, ends, strict=True)]
        columns["request"] = differences(columns["request"])
    return _columns(len(spans), columns)


def packed_requests(rows: Sequence[RequestRow]) -> Packed:
    """Return requests as columns, in their order."""
    columns = {name: [getattr(row, name) for row in rows] for name in RequestRow.__slots__} if rows else {}
    return _columns(len(rows), columns | {name: differences(columns[name]) for name in _RISING if columns})


def differences(values: Iterable[int]) -> list[int]:
    """Return how much larger each value is than the one before, the first than 0."""
    return [value - before for before, value in pairwise([0, *values])]


def _columns(rows: int, columns: Packed) -> Packed:
    return {"rows": rows} | {name: packed_column(values) for name, values in columns.items()}


def packed_column(values: Sequence[Any]) -> Packed:
    """Return a column in the shortest of its forms."""
    number = {value: at for at, value in enumerate(dict.fromkeys(values))}
    if len(number) == 1:
        return {"all": plain(values[0])}
    if len(number) * _FEW < len(values):
        return {"of": plain(list(number)), "at": [number[value] for value in values]}
    return {"list": plain(list(values))}
