"""The plans of a grid as a file that later plans are compared with: JSON that a review can read, or gzipped."""

import gzip
import json
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from edgesim import __version__
from edgesim.errors import InputError
from edgesim.files import write_atomically
from edgesim.files.content import read_bytes
from edgesim.grid import Grid
from edgesim.regression.cells import Cell, cells
from edgesim.regression.classify import Failure, Figures, Outcome
from edgesim.scenario import Scenario

SCHEMA = "edgesim.planned/1"
_ASKED = Cell._fields[2:]
_FIGURES = (
    "plan", "latency_ns", "fidelity", "accuracy", "preload_bytes", "held_memory_bytes", "peak_memory_bytes",
)  # fmt: skip
_LARGEST = 2**28
_DIGITS = 9
"""Of quality: the last digits of exponentials and logarithms differ between machines."""


def rounded(outcome: Outcome) -> Outcome:
    """Return an outcome as a file has it."""
    if isinstance(outcome, Failure):
        return outcome if outcome.kind == "error" else Failure(outcome.kind)
    fidelity, accuracy = (value and round(value, _DIGITS) for value in (outcome.fidelity, outcome.accuracy))
    return replace(outcome, fidelity=fidelity, accuracy=accuracy)


def write_record(path: Path, grid: Grid, outcomes: Sequence[Outcome]) -> None:
    """Write what comes of every cell; the same plans give the same bytes.

    Parameters
    ----------
    path
        The file; gzipped if it ends in ``.gz``.
    grid, outcomes
        What was asked, and what came of it, in the order of `edgesim.regression.cells.cells`.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    text = "".join(_lines(grid, outcomes)).encode()
    write_atomically(path, gzip.compress(text, mtime=0) if path.suffix == ".gz" else text)


def _lines(grid: Grid, outcomes: Sequence[Outcome]) -> Iterator[str]:
    versions = {"edgesim": __version__, "python": f"{sys.version_info.major}.{sys.version_info.minor}"}
    head = {"schema": SCHEMA, "grid": grid.name, "digest": grid.digest, "versions": versions, "asks": grid.asks}
    yield "{\n" + "".join(f' "{key}": {json.dumps(value)},\n' for key, value in head.items())
    yield f' "columns": {json.dumps([*_ASKED, *_FIGURES])},\n "cells": {{'
    before = None
    for cell, outcome in sorted(zip(cells(grid), outcomes, strict=True), key=lambda pair: pair[0].planner):
        title = _title(grid, cell)
        if title != before:
            yield ("\n ],\n" if before else "\n") + f" {json.dumps(title)}: [\n  "
        yield (",\n  " if title == before else "") + json.dumps([*cell[2:], *_row(rounded(outcome))])
        before = title
    yield "\n ]\n}}\n" if before else "}}\n"


def _title(grid: Grid, cell: Cell) -> str:
    return f"{grid.planners[cell.planner].label} | {place_of(grid.scenarios[cell.place])}"


def place_of(scenario: Scenario) -> str:
    """Name device, processor and model."""
    return f"{scenario.device.name} ({scenario.processor}), {scenario.model.name}"


def _row(outcome: Outcome) -> list[Any]:
    if isinstance(outcome, Failure):
        return [f"{outcome.kind}: {outcome.message}" if outcome.kind == "error" else outcome.kind]
    return [getattr(outcome, name) for name in _FIGURES]


def read_record(path: Path, grid: Grid) -> list[Outcome]:
    """Read what came of every cell, in the order of `edgesim.regression.cells.cells`.

    Raises
    ------
    InputError
        If it is no such file, damaged, or of another grid.
    """
    found = _content(path)
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise _damaged(path)
    again = f"record it again with --grid and --record {path}"
    if found.get("digest") != grid.digest:
        raise InputError(f"{path}: is of another grid, {_difference(found.get('asks'), grid.asks)}; {again}")
    try:
        rows = {title: {tuple(row[: len(_ASKED)]): row[len(_ASKED) :] for row in rows}
                for title, rows in found["cells"].items()}  # fmt: skip
        return [_outcome(rows[_title(grid, cell)][cell[2:]], grid, cell) for cell in cells(grid)]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _damaged(path) from error


def _content(path: Path) -> object:
    content = read_bytes(path, str(path), _LARGEST)
    try:
        return json.loads(gzip.decompress(content) if path.suffix == ".gz" else content)
    except (OSError, EOFError, zlib.error, ValueError, RecursionError) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> InputError:
    return InputError(f"{path}: is no record of edgesim regress ({SCHEMA}), or damaged; make one with --record")


def _difference(theirs: object, ours: dict[str, Any]) -> str:
    """Say in which key two grids differ, and in which file or planner."""
    known = theirs if isinstance(theirs, dict) else {}
    key = next((key for key, value in ours.items() if known.get(key) != value), "inputs")
    old, new = known.get(key), ours[key]
    if isinstance(old, dict):
        return f"with another {', '.join(sorted(name for name in old.keys() | new if old.get(name) != new.get(name)))}"
    only = [f"'{value}' only {where}" for where, has, lacks in (("there", old, new), ("here", new, old))
            for value in (has if isinstance(has, list) else []) if value not in (lacks or [])]  # fmt: skip
    return f"its {key} differ: {', '.join(only) or 'in their order'}"


def _outcome(row: list[Any], grid: Grid, cell: Cell) -> Outcome:
    if len(row) == 1:
        kind, _, message = row[0].partition(": ")
        return Failure("no plan" if kind == "no plan" else "error", message)
    values = dict(zip(_FIGURES, row, strict=True))
    memory = grid.scenarios[cell.place].device.memory
    fits = memory is None or values["peak_memory_bytes"] <= memory.capacity
    return Figures(**values, meets_target=values["latency_ns"] <= cell.target_latency_ns, fits_memory=fits)
