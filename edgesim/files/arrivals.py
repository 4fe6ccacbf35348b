"""The traces of arrivals that workloads name: CSV tables with one row an inference."""

import csv
import hashlib
import re
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from edgesim.document import Where
from edgesim.errors import InputError, choose
from edgesim.files.content import decode
from edgesim.files.references import Reading
from edgesim.files.text import Text
from edgesim.units import LARGEST
from edgesim.workload import Arrival

UNITS = {"arrival_ns": 1, "arrival_us": 10**3, "arrival_ms": 10**6, "arrival_s": 10**9}
"""Names of the column of times, and what their units are in nanoseconds."""
ENGAGEMENT = "engagement"
LARGEST_TRACE = 64 * 2**20
_TIME = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?")
_WHOLE = re.compile(r"[0-9]{1,15}")
_Rows = Iterator[tuple[str, list[str]]]


def fill_workload(reading: Reading, text: Text, folder: Path, given: dict[Any, Any], where: Where) -> set[Where]:
    """Read the trace that a workload names into the document's own data, in place of the file's name.

    Parameters
    ----------
    reading, text, folder
        What was found so far, the document's file, and where it lies.
    given
        What has a key `workload`: the content of a scenario's file, or what it says of one of its apps.
    where
        Where `given` stands in the file.

    Returns
    -------
    set
        The place of the workload if it could not be filled; what was wrong is noted.
    """
    workload, place = given.get("workload"), (*where, "workload")
    if not isinstance(workload, Mapping) or workload.get("kind") != "trace":
        return set()
    if "values" in workload:
        text.mistake((*place, "values"), f"unknown key; {choose('values', ('file', 'kind', 'start'))}")
        return {place}
    if not isinstance(name := workload.get("file"), str):
        return set()  # the workload's own validation says what is wrong
    path = folder / name
    try:
        content = reading.library.read(path, LARGEST_TRACE)
        rows = read_arrivals(decode(content, str(path)), str(path))
    except InputError as error:
        text.mistake((*place, "file"), str(error))
        return {place}
    reading.note(path, hashlib.sha256(content).hexdigest())
    given["workload"] = {key: value for key, value in workload.items() if key != "file"} | {"values": rows}
    return set()


def read_arrivals(content: str, shown: str) -> tuple[Arrival, ...]:
    """Read a table of arrivals.

    Parameters
    ----------
    content
        CSV with a header: the time since the start, in a column whose name says in which unit, and perhaps the
        `engagement`. Decimals are exact; a fraction of a nanosecond counts as a whole one.
    shown
        What messages call the file.

    Raises
    ------
    InputError
        With file and line, if there is no row, or one that is not of this form, negative, or runs backwards.
    """
    try:
        found = tuple(_arrivals(_rows(content, shown), shown))
    except csv.Error as error:
        raise InputError(f"{shown}: is not CSV, {error}") from error
    if not found:
        raise InputError(f"{shown}: has no arrivals; give at least one row below the header")
    return found


def _rows(content: str, shown: str) -> _Rows:
    lines = csv.reader(StringIO(content))
    return ((f"{shown}:{lines.line_num}", [cell.strip() for cell in row]) for row in lines if row)


def _arrivals(rows: _Rows, shown: str) -> Iterator[Arrival]:
    place, header = next(rows, (f"{shown}:1", []))
    if not header or header[0] not in UNITS or header[1:] not in ([], [ENGAGEMENT]):
        raise InputError(f"{place}: must be the header {', '.join(UNITS)}, or one of them and {ENGAGEMENT},"
                         f" got '{','.join(header)[:80]}'")  # fmt: skip
    before = Arrival(0, 0)
    for number, (place, row) in enumerate(rows):
        if len(row) != len(header):
            raise InputError(f"{place}: must have {len(header)} values, got {len(row)}")
        engagement = _engagement(row[1], place) if len(row) > 1 else number
        found = Arrival(_time_ns(row[0], header[0], place), engagement)
        _check_order(before, found, row, place)
        yield found
        before = found


def _time_ns(cell: str, column: str, place: str) -> int:
    if not _TIME.fullmatch(cell):
        negative = re.fullmatch(r"-[0-9.]+", cell)
        wanted = "must not be negative" if negative else "must be a decimal number such as 12.5"
        raise InputError(f"{place}: {column} {wanted}, got '{cell[:40]}'")
    whole, _, decimals = cell.partition(".")
    scale: int = 10 ** len(decimals)
    time_ns = -(-int(whole + decimals) * UNITS[column] // scale)
    if time_ns > LARGEST:
        raise InputError(f"{place}: {column} is too large, got {cell[:40]}; the limit is 2**53 ns, 104 days")
    return time_ns


def _engagement(cell: str, place: str) -> int:
    if not _WHOLE.fullmatch(cell):
        raise InputError(f"{place}: {ENGAGEMENT} must be a whole number of at most 15 digits, got '{cell[:40]}'")
    return int(cell)


def _check_order(before: Arrival, found: Arrival, row: list[str], place: str) -> None:
    if found.arrival_ns < before.arrival_ns:
        raise InputError(f"{place}: runs backwards, got {row[0]}, which is before the arrival above it; sort the rows")
    if found.engagement < before.engagement:
        raise InputError(f"{place}: {ENGAGEMENT} runs backwards, got {found.engagement} after {before.engagement}")
