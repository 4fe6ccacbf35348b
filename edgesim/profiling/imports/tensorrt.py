"""JSON of trtexec: nodes of --exportProfile, or whole runs of --exportTimes, in milliseconds."""

from typing import Any

from edgesim.errors import InputError
from edgesim.profiling.imports.nodes import Node, Profile
from edgesim.profiling.imports.raw import Raw, mappings, not_a_file_of, number, parse_json

_MILLISECOND = 10**6


def read(raw: Raw) -> Profile:
    """Return nodes, or whole runs without nodes.

    Raises
    ------
    InputError
        If it is neither form.
    """
    rows = mappings(parse_json(raw, "tensorrt"))
    nodes = [row for row in rows if "name" in row and {"averageMs", "medianMs", "timeMs"} & set(row)]
    if nodes:
        return _profile(nodes, rows[0], raw.shown)
    runs = [row for row in rows if {"computeMs", "endComputeMs"} & set(row)]
    if not runs:
        raise not_a_file_of(raw, "tensorrt", "it has neither nodes (averageMs) nor runs (computeMs)")
    whole = [_compute_ns(row, f"{raw.shown}: run {count}") for count, row in enumerate(runs)]
    return Profile("trtexec", [], whole, "GPU compute time of --exportTimes")


def _profile(nodes: list[dict[str, Any]], first: dict[str, Any], shown: str) -> Profile:
    times, count = [], number(first, "count", shown) if "count" in first else 0
    key = next((key for key in ("medianMs", "averageMs") if all(key in node for node in nodes)), "timeMs")
    if key == "timeMs" and not count:
        raise InputError(f"{shown}: has no 'count' to divide timeMs by; use a newer trtexec")
    for node in nodes:
        name = str(node["name"])
        time = number(node, key, f"{shown}: {name[:80]!r}") / (count if key == "timeMs" else 1)
        times.append(Node(name, time * _MILLISECOND))
    what = "medians" if key == "medianMs" else "averages"
    how = f"{what} of {f'{count:.0f} runs' if count else 'its runs'}"
    return Profile("trtexec", [times], [sum(node.time_ns for node in times)], how, averaged=True)


def _compute_ns(row: dict[str, Any], where: str) -> float:
    if "computeMs" in row:
        return number(row, "computeMs", where) * _MILLISECOND
    took = number(row, "endComputeMs", where) - number(row, "startComputeMs", where)
    return number({"endComputeMs - startComputeMs": took}, "endComputeMs - startComputeMs", where) * _MILLISECOND
