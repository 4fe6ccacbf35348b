"""Chrome traces of PyTorch's profiler: the ranges of layers, or what they had a GPU do."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from edgesim.errors import InputError
from edgesim.profiling.imports.naming import Asked, fitting, numbers_in
from edgesim.profiling.imports.nodes import Node, Profile, Run
from edgesim.profiling.imports.raw import Raw, mappings, not_a_file_of, number, parse_json

_MICROSECOND = 1000
_GPUS = ("cuda", "gpu")
_RANGES = ("user_annotation", "python_function", "cpu_op")
_TOOL = "PyTorch's profiler"
_STEP = "ProfilerStep#"
Event = dict[str, Any]


@dataclass(frozen=True, slots=True, order=True)
class _Range:
    thread: str
    start: float
    end: float
    name: str


def read(raw: Raw, asked: Asked) -> Profile:
    """Return the ranges of layers in each run, which `record_function` or `with_stack` and modules leave in a trace.

    Raises
    ------
    InputError
        If it is no trace, has kernels of a GPU though a CPU was meant (or none though a GPU was), or no whole run.
    """
    data = parse_json(raw, "torch")
    events = [event for event in mappings(data.get("traceEvents") if isinstance(data, dict) else None)
              if event.get("ph") == "X"]  # fmt: skip
    kernels = [event for event in events if event.get("cat") == "kernel"]
    ranges = [_range(event, raw.shown) for event in events if event.get("cat") in _RANGES]
    if not ranges:
        raise not_a_file_of(raw, "torch", "it has no ranges on the host")
    _check_processor(asked, kernels, raw.shown)
    took = _device_times(events, kernels, raw.shown) if kernels else None
    if asked.whole:
        whole = [_time_ns(one, took) for one in _steps(ranges)]
        return Profile(_TOOL, [], whole, "sum of all kernels" if kernels else "")
    runs = _runs(ranges, asked, raw.shown)
    nodes: list[Run] = [[Node(one.name, _time_ns(one, took)) for one in run] for run in runs]
    traced = any(one.name.startswith("nn.Module: ") for run in runs for one in run)
    how = "modules recorded with_stack, which slows Python" if traced else "ranges of record_function"
    return Profile(_TOOL, nodes, [], how, "the sum of the kernels that it launched" if kernels else "its range")


def _range(event: Event, shown: str) -> _Range:
    where = f"{shown}: {str(event.get('name'))[:80]!r}"
    start = number(event, "ts", where)
    return _Range(str(event.get("tid")), start, start + number(event, "dur", where), str(event.get("name")))


def _check_processor(asked: Asked, kernels: Sequence[Event], shown: str) -> None:
    gpu = asked.processor.startswith(_GPUS)
    if kernels and not gpu:
        raise InputError(f"{shown}: has kernels of a GPU, the host only launches them; give --processor cuda")
    if gpu and not kernels:
        raise InputError(
            f"{shown}: has no kernel of a GPU; profile with ProfilerActivity.CUDA, or give --processor cpu"
        )


def _steps(ranges: Iterable[_Range]) -> list[_Range]:
    """Return the steps that the profiler was told of, else all as one."""
    every = list(ranges)
    whole = _Range("", min(one.start for one in every), max(one.end for one in every), "")
    return sorted(one for one in every if one.name.startswith(_STEP)) or [whole]


def _runs(ranges: Sequence[_Range], asked: Asked, shown: str) -> list[list[_Range]]:
    """Return the ranges of layers, outermost only; a layer that comes again begins a new run."""
    pattern = fitting(asked, {one.name for one in ranges}, shown)
    outer: list[_Range] = []
    for one in sorted(ranges, key=lambda one: (one.thread, one.start, -one.end)):
        inside = outer and outer[-1].thread == one.thread and one.start < outer[-1].end
        if numbers_in(one.name, pattern) and not inside:
            outer.append(one)
    runs: list[dict[int, _Range]] = [{}]
    for one in sorted(outer, key=lambda one: one.start):
        layer = min(numbers_in(one.name, pattern))
        if layer in runs[-1]:
            runs.append({})
        runs[-1][layer] = one
    whole = [list(run.values()) for run in runs if len(run) == asked.layers]
    if not whole:
        raise InputError(f"{shown}: has no run of all {asked.layers} layers; profile whole runs")
    return whole


def _device_times(
    events: Iterable[Event], kernels: Iterable[Event], shown: str
) -> dict[str, list[tuple[float, float]]]:
    """Return by thread when each kernel was launched, and how long it ran [us], in the order of launching."""
    launched = {_correlation(event): event for event in events if str(event.get("cat")).endswith(("runtime", "driver"))}
    found: dict[str, list[tuple[float, float]]] = {}
    for kernel in kernels:
        launch = launched.get(_correlation(kernel))
        if launch is not None and _correlation(kernel):
            took = number(kernel, "dur", f"{shown}: {str(kernel.get('name'))[:80]!r}")
            found.setdefault(str(launch.get("tid")), []).append((number(launch, "ts", shown), took))
    return {thread: sorted(times) for thread, times in found.items()}


def _correlation(event: Event) -> str:
    args = event.get("args")
    return str(args.get("correlation", "")) if isinstance(args, dict) else ""


def _time_ns(one: _Range, took: dict[str, list[tuple[float, float]]] | None) -> float:
    """Return how long a range lasted, or for a GPU the sum of the kernels that it launched."""
    if took is None:
        return (one.end - one.start) * _MICROSECOND
    times = took.get(one.thread, []) if one.thread else [time for times in took.values() for time in times]
    first, last = (bisect_right(times, (at, -1.0)) for at in (one.start, one.end))
    return sum(time for _, time in (times[first:last] if one.thread else times)) * _MICROSECOND
