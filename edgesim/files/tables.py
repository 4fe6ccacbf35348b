"""The CSV tables that a model names, each in a file of its own: importance and records."""

import csv
import hashlib
import math
import re
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

from edgesim.errors import InputError
from edgesim.files.content import decode, read_bytes
from edgesim.files.references import Reading
from edgesim.files.text import Text

RECORDS_HEADER = ("layer", "shard", "bits", "offset", "bytes", "outliers", "checksum")
_WHOLE = re.compile(r"[0-9]{1,15}")
_CHECKSUM = re.compile(r"[0-9a-fA-F]{8}")
Rows = Iterator[tuple[str, list[str]]]
"""Where each row of a table stands, as ``file:line``, and its cells."""
Parsed = Iterator[tuple[str, list[Any]]]


def fill_tables(reading: Reading, text: Text, folder: Path, data: dict[Any, Any]) -> None:
    """Read the tables that a model names, each into the model's own data in place of the file's name."""
    parsers: dict[str, Callable[[Rows, str], Parsed]] = {"importance": _importance, "records": _records}
    for key, parse in parsers.items():
        given = data.get(key)
        if not isinstance(given, dict) or not isinstance(given.get("file"), str):
            continue
        where, path = (key, "file"), folder / given["file"]
        if "values" in given:
            text.mistake(where, "give either 'file' or 'values', not both")
        try:
            content = read_bytes(path, str(path))
            parsed = list(parse(_rows(decode(content, str(path)), str(path)), str(path)))
        except (InputError, csv.Error) as error:
            text.mistake(where, str(error))
            del data[key]  # else it would be refused once more, for having no values
            continue
        reading.inputs[reading.key(path)] = hashlib.sha256(content).hexdigest()
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
    place, header = next(rows, (f"{shown}:1", []))
    if tuple(header) != RECORDS_HEADER:
        raise InputError(f"{place}: must be the header {','.join(RECORDS_HEADER)}, got '{','.join(header)[:80]}'")
    for place, row in rows:
        if len(row) != len(RECORDS_HEADER):
            raise InputError(f"{place}: must have {len(RECORDS_HEADER)} values, got {len(row)}")
        *numbers, checksum = row
        for name, cell in zip(RECORDS_HEADER, numbers, strict=False):
            if not _WHOLE.fullmatch(cell):
                raise InputError(f"{place}: {name} must be a whole number of at most 15 digits, got '{cell[:40]}'")
        if not _CHECKSUM.fullmatch(checksum):
            raise InputError(f"{place}: checksum must be 8 hexadecimal digits, got '{checksum[:40]}'")
        yield place, [int(cell) for cell in numbers[:5]]
