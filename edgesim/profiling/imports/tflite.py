"""CSV of TFLite's benchmark_model: each node's time in milliseconds, averaged over the runs."""

import re
from collections.abc import Iterable, Iterator
from itertools import dropwhile, takewhile

from edgesim.errors import InputError
from edgesim.profiling.imports.nodes import Node, Profile
from edgesim.profiling.imports.raw import Raw, not_a_file_of, number

_MILLISECOND = 10**6
_REGULAR = "Regular Benchmark Runs"
_ORDER = re.compile(r"=+ *Run Order *=+")
_RUNS = re.compile(r"Timings \(microseconds\): count=([0-9]{1,9}) ")
_COLUMNS = ("node type", "avg_ms", "times called", "name")


def read(raw: Raw) -> Profile:
    """Return the nodes in the order of execution; delegates are marked.

    Raises
    ------
    InputError
        If it is not what benchmark_model writes.
    """
    lines = raw.text.splitlines()
    if any(_REGULAR in line for line in lines):  # what the initialization took comes before
        lines = list(dropwhile(lambda line: _REGULAR not in line, lines))
    table = list(dropwhile(lambda line: not _ORDER.fullmatch(line.strip()), lines))[1:]
    header = [cell.strip().lower() for cell in table[0].split(",")] if table else []
    if not set(_COLUMNS) <= set(header):
        raise not_a_file_of(raw, "tflite", "it has no section 'Run Order' with avg_ms and name")
    nodes = list(_nodes(takewhile(_is_row, table[1:]), header, raw.shown))
    if not nodes:
        raise InputError(f"{raw.shown}: has no nodes in 'Run Order'; the benchmark was stopped before its runs ended")
    runs = next((match[1] for line in table if (match := _RUNS.search(line))), None)
    how = f"averages of {runs} runs" if runs else "averages of its runs"
    return Profile("TFLite benchmark_model", [nodes], [sum(node.time_ns for node in nodes)], how, averaged=True)


def _is_row(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("=")


def _nodes(rows: Iterable[str], header: list[str], shown: str) -> Iterator[Node]:
    for row in rows:
        cells = [cell.strip() for cell in row.split(",", len(header) - 1)]  # the name stands last, and may have commas
        if len(cells) < len(header):
            raise InputError(
                f"{shown}: is cut off, the row '{row.strip()[:40]}' has {len(cells)} of {len(header)} cells"
            )
        values = dict(zip(header, cells, strict=True))
        where = f"{shown}: node '{values['name'][:80]}'"
        time = number({"avg_ms": _float(values["avg_ms"])}, "avg_ms", where)
        calls = number({"times called": _float(values["times called"])}, "times called", where)
        kind = (
            f"{values['node type']} {values['name']}" if "delegate" in values["node type"].lower() else values["name"]
        )
        yield Node(kind, time * max(1, calls) * _MILLISECOND, hides="delegate" in kind.lower())


def _float(cell: str) -> float | str:
    try:
        return float(cell)
    except ValueError:
        return cell
