"""The CSV tables that a document names, each in a file of its own: importance, records and statistics."""

import csv
import hashlib
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from edgesim.errors import InputError, choose
from edgesim.files.content import decode, read_bytes
from edgesim.files.references import Reading
from edgesim.files.text import Text
from edgesim.spread import HEADER, KEYS, PLACES, STATES, Point, Statistics

RECORDS_HEADER = ("layer", "shard", "bits", "offset", "bytes", "outliers", "checksum")
_WHOLE = re.compile(r"[0-9]{1,15}")
_CHECKSUM = re.compile(r"[0-9a-fA-F]{8}")
Rows = Iterator[tuple[str, list[str]]]
"""Where each row of a table stands, as ``file:line``, and its cells."""
Parsed = Iterator[tuple[str, list[Any]]]
Parsers = Mapping[str, Callable[[Rows, str], Parsed]]


def fill_tables(reading: Reading, text: Text, folder: Path, data: dict[Any, Any], parsers: Parsers) -> None:
    """Read the tables that a document names, each into the document's own data in place of the file's name.

    Parameters
    ----------
    reading, text, folder
        What was found so far, the document's file, and where it lies.
    data
        The content of the file.
    parsers
        What reads the table of each key: `MODEL_TABLES` or `DEVICE_TABLES`.
    """
    for key, parse in parsers.items():
        given = data.get(key)
        if not isinstance(given, dict) or not isinstance(given.get("file"), str):
            continue
        where, path = (key, "file"), folder / given["file"]
        if "values" in given:
            text.mistake(where, "give either 'file' or 'values', not both")
        try:
            content = reading.library.read(path)
            parsed = list(parse(_rows(decode(content, str(path)), str(path)), str(path)))
        except (InputError, csv.Error) as error:
            text.mistake(where, str(error))
            del data[key]  # else it would be refused once more, for having no values
            continue
        reading.note(path, hashlib.sha256(content).hexdigest())
        text.tables[key] = [place for place, _ in parsed]
        kept = {name: value for name, value in given.items() if name != "file"}
        data[key] = kept | {"values": [row for _, row in parsed]}


def read_importance(path: Path) -> tuple[tuple[float, ...], ...]:
    """Read a table of importance, (L, S): a CSV as model files name it.

    Raises
    ------
    InputError
        If it is missing, or has anything but finite numbers.
    """
    rows = _importance(_rows(decode(read_bytes(path, str(path)), str(path)), str(path)), str(path))
    return tuple(tuple(values) for _, values in rows)


def _rows(content: str, shown: str) -> Rows:
    lines = csv.reader(StringIO(content))
    return ((f"{shown}:{lines.line_num}", row) for row in lines if row)


def _importance(rows: Rows, _shown: str) -> Parsed:
    for place, row in rows:
        yield place, [_number(cell, place) for cell in row]


def _number(cell: str, place: str) -> float:
    try:
        number = float(cell)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InputError(f"{place}: must be finite numbers separated by commas, got '{cell[:40]}'")
    return number


def _records(rows: Rows, shown: str) -> Parsed:
    for place, row in _body(rows, shown, RECORDS_HEADER):
        *numbers, checksum = row
        for name, cell in zip(RECORDS_HEADER, numbers, strict=False):
            _check_whole(name, cell, place)
        if not _CHECKSUM.fullmatch(checksum):
            raise InputError(f"{place}: checksum must be 8 hexadecimal digits, got '{checksum[:40]}'")
        yield place, [int(cell) for cell in numbers[:5]]


def _body(rows: Rows, shown: str, header: Sequence[str]) -> Rows:
    """Yield the rows below the header, which must be the one that is known."""
    place, found = next(rows, (f"{shown}:1", []))
    if tuple(found) != header:
        raise InputError(f"{place}: must be the header {','.join(header)}, got '{','.join(found)[:80]}'")
    for place, row in rows:
        if len(row) != len(header):
            raise InputError(f"{place}: must have {len(header)} values, got {len(row)}")
        yield place, row


def _check_whole(name: str, cell: str, place: str) -> None:
    if not _WHOLE.fullmatch(cell):
        raise InputError(f"{place}: {name} must be a whole number of at most 15 digits, got '{cell[:40]}'")


def _check_positive(name: str, cell: str, place: str) -> None:
    _check_whole(name, cell, place)
    if int(cell) == 0:
        raise InputError(f"{place}: {name} must be at least 1, got {cell}")


def _statistics(rows: Rows, shown: str) -> Parsed:
    for place, row in _body(rows, shown, HEADER):
        cells = dict(zip(HEADER, row, strict=True))
        n, *times, cv = Statistics._fields
        _check_positive(n, cells[n], place)
        for name in times:
            _check_whole(name, cells[name], place)
        variation = _number(cells[cv], place)
        if variation < 0:
            raise InputError(f"{place}: {cv} must not be negative, got {cells[cv]}")
        yield place, [_point(cells, place), Statistics._make([*(int(cells[name]) for name in (n, *times)), variation])]


def _point(cells: Mapping[str, str], place: str) -> Point:
    """Return what a row is about; it has a number in each column that tells its point apart, and in no other."""
    quantity, state = cells["quantity"], cells["state"]
    for name, cell, known in (("quantity", quantity, KEYS), ("state", state, STATES)):
        if cell not in known:
            raise InputError(f"{place}: unknown {name}, got '{cell[:40]}'; {choose(cell[:40], known)}")
    for name in PLACES:
        if name in KEYS[quantity]:
            _check_positive(name, cells[name], place)
        elif cells[name]:
            raise InputError(f"{place}: {name} must be empty for {quantity}, got '{cells[name][:40]}'")
    return Point(quantity, tuple(int(cells[name]) for name in KEYS[quantity]), state)


MODEL_TABLES: Parsers = {"importance": _importance, "records": _records}
DEVICE_TABLES: Parsers = {"statistics": _statistics}
