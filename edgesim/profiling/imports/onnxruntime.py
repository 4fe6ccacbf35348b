"""Profiles of ONNX Runtime: the nodes of each run, in microseconds."""

from bisect import bisect_left
from collections.abc import Iterable
from typing import Any

from edgesim.errors import InputError
from edgesim.profiling.imports.nodes import Node, Profile, Run
from edgesim.profiling.imports.raw import Raw, mappings, not_a_file_of, number, parse_json

_KERNEL = "_kernel_time"
_MICROSECOND = 1000
Event = dict[str, Any]


def read(raw: Raw) -> Profile:
    """Return the runs of a profile.

    Raises
    ------
    InputError
        If it is not ONNX Runtime's, has no whole run, or ran nodes beside one another.
    """
    events = mappings(parse_json(raw, "onnxruntime"))
    kernels = [event for event in events if event.get("cat") == "Node" and str(event.get("name")).endswith(_KERNEL)]
    if not kernels:
        raise not_a_file_of(raw, "onnxruntime", "it has no times of nodes")
    session = [event for event in events if event.get("cat") == "Session"]
    if any(str(event.get("name")).startswith("ParallelExecutor") for event in session):
        raise InputError(f"{raw.shown}: has nodes that ran beside one another; use ExecutionMode.ORT_SEQUENTIAL")
    spans = sorted(_span(event, raw.shown) for event in session if event.get("name") == "model_run")
    if not spans:
        raise InputError(f"{raw.shown}: has no whole run; call end_profiling() after several runs")
    nodes = _outermost(kernels, raw.shown)
    starts = [start for start, _ in nodes]
    runs: list[Run] = [[node for _, node in nodes[bisect_left(starts, start) : bisect_left(starts, end)]]
                       for start, end in spans]  # fmt: skip
    return Profile("ONNX Runtime", runs, [(end - start) * _MICROSECOND for start, end in spans])


def _span(event: Event, shown: str) -> tuple[float, float]:
    where = f"{shown}: {str(event.get('name'))[:80]!r}"
    start = number(event, "ts", where)
    return start, start + number(event, "dur", where)


def _outermost(kernels: Iterable[Event], shown: str) -> list[tuple[float, Node]]:
    """Return nodes with their start, without those inside another (the body of a loop), whose time has theirs."""
    found: list[tuple[float, Node]] = []
    last_end = 0.0
    for (start, end), name in sorted((_span(event, shown), str(event["name"])) for event in kernels):
        if start >= last_end:
            found.append((start, Node(name.removesuffix(_KERNEL), (end - start) * _MICROSECOND)))
            last_end = end
    return found
