"""Every single measurement of a profile, in the order it was made, and the statistics of each point.

A file of samples is a gzipped CSV whose first line, ``# {...}``, says as JSON how and where they were taken.
"""

import csv
import gzip
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, ValidationError, field_validator

from edgesim.device import Device
from edgesim.document import Document, Name
from edgesim.errors import InputError
from edgesim.model import Geometry
from edgesim.profiling.imports.raw import Raw
from edgesim.spread import HEADER, KEYS, LAYER, PLACES, STATES, TIMED, Point, Statistics

SCHEMA: Literal["edgesim.samples/1"] = "edgesim.samples/1"
SUFFIX = ".samples.csv.gz"
TABLE_SUFFIX = ".statistics.csv"
_COLUMNS = ("quantity", *PLACES, "state", "ns")


class Sample(NamedTuple):
    """One measured time [ns] of a quantity at one point."""

    quantity: str
    key: tuple[int, ...]
    state: str
    ns: int


class Header(Document):
    """How and where samples were taken: all that a profile says beside the numbers.

    `methods` has words on ``storage`` and ``compute``, where they were measured, `doubts` what speaks against them;
    `base` is the profile, as plain data, that gives everything else.
    """

    schema_: Annotated[Literal["edgesim.samples/1"], Field(alias="schema")] = SCHEMA
    version: str
    name: Name
    description: str
    session: Annotated[str, Field(pattern=r"[0-9a-f]{8}")]
    started: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
    seed: int
    geometry: Geometry | None = None
    processor: Name | None = None
    facts: dict[str, str | int | float | bool | list[float] | None] = {}
    methods: dict[Literal["storage", "compute"], str] = {}
    details: dict[Literal["storage", "compute"], dict[str, Any]] = {}
    doubts: dict[Literal["storage", "compute"], tuple[str, ...]] = {}
    base: dict[str, Any] | None = None

    @field_validator("base")
    @classmethod
    def _is_a_profile(cls, base: dict[str, Any] | None) -> dict[str, Any] | None:
        if base is not None:
            Device.model_validate(base)
        return base


@dataclass(frozen=True, slots=True)
class Recording:
    """Samples in the order they were taken, and how and where that was."""

    header: Header
    samples: Sequence[Sample]


def statistics(samples: Iterable[Sample]) -> dict[Point, Statistics]:
    """Return the statistics of every point, in the order of quantity, key and state."""
    times: dict[Point, list[int]] = {}
    for sample in samples:
        times.setdefault(Point(*sample[:3]), []).append(sample.ns)
    order = list(TIMED)
    points = sorted(times, key=lambda point: (order.index(point.quantity), *point[1:]))
    return {point: statistics_of(times[point]) for point in points}


def statistics_of(found: Iterable[int]) -> Statistics:
    """Return the statistics of some times [ns], at least one."""
    times = sorted(found)
    n = len(times)
    mean = sum(times) / n
    deviation = math.sqrt(math.fsum((time - mean) ** 2 for time in times) / n)
    p5, p95, p99 = (times[max(0, -(-n * percent // 100) - 1)] for percent in (5, 95, 99))
    median = (times[(n - 1) // 2] + times[n // 2]) // 2
    return Statistics(n, median, p5, p95, p99, deviation / mean if mean else 0.0)


def statistics_text(found: Mapping[Point, Statistics]) -> str:
    """Write statistics as CSV, a row for each point."""
    rows = [[*_row(point), *values[:-1], f"{values.cv:.4f}"] for point, values in found.items()]
    return _csv([HEADER, *rows])


def _row(point: Point) -> list[object]:
    placed = dict(zip(KEYS[point.quantity], point.key, strict=True))
    return [point.quantity, *(placed.get(column, "") for column in PLACES), point.state]


def _csv(rows: Iterable[Sequence[object]]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def recording_bytes(recording: Recording) -> bytes:
    """Write a recording as the bytes of its file; the same recording always gives the same bytes."""
    rows = ([*_row(Point(*sample[:3])), sample.ns] for sample in recording.samples)
    header = recording.header.model_dump_json(by_alias=True, exclude_none=True)
    text = f"# {header}\n{_csv([_COLUMNS, *rows])}"
    return gzip.compress(text.encode(), mtime=0)


def parse_recording(raw: Raw) -> Recording:
    """Read a file of samples.

    Raises
    ------
    InputError
        If it is none, or damaged; the message names the line.
    """
    first, _, rest = raw.text.partition("\n")
    header = _header(raw.shown, first)
    found = csv.reader(StringIO(rest))
    if tuple(next(found, ())) != _COLUMNS:
        raise InputError(f"{raw.shown}:2: must be {','.join(_COLUMNS)}")
    samples = [_sample(raw.shown, number, row) for number, row in enumerate(found, 3)]
    if None in (header.geometry, header.processor) and any(sample.quantity == LAYER for sample in samples):
        raise InputError(f"{raw.shown}:1: has neither geometry nor processor for samples of layers")
    return Recording(header, samples)


def _header(path: str, line: str) -> Header:
    try:
        return Header.model_validate_json(line.removeprefix("# "))
    except ValidationError as error:
        found = error.errors()[0]
        where = ".".join(map(str, found["loc"])) or "it"
        raise InputError(f"{path}:1: is no header of samples of edgesim profile, {where}: {found['msg']}") from error


def _sample(path: str, number: int, row: Sequence[str]) -> Sample:
    try:
        quantity, *places, state, ns = row
        placed = dict(zip(PLACES, places, strict=True))
        key = tuple(int(placed[column]) for column in TIMED[quantity])
        if state not in STATES or int(ns) <= 0 or any(value <= 0 for value in key):
            raise ValueError  # noqa: TRY301  (one sentence for whatever is wrong in a row)
        return Sample(quantity, key, state, int(ns))
    except (KeyError, ValueError):
        raise InputError(f"{path}:{number}: is no sample, got '{','.join(row)[:80]}'") from None
