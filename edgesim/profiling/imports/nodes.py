"""The nodes that a profiler timed, and the layers that they make up."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from edgesim.errors import InputError
from edgesim.files.text import one_line
from edgesim.profiling.imports.naming import USUAL, Asked, fitting, numbers_in

_HIDDEN_AT_MOST = 0.05
_NAMED_AT_LEAST = 0.5


@dataclass(frozen=True, slots=True)
class Node:
    """One step of a run: its name and time [ns]; `hides` says that it is a delegate, which may hold anything."""

    name: str
    time_ns: float
    hides: bool = False


Run = Sequence[Node]


@dataclass(frozen=True, slots=True)
class Profile:
    """What one file says.

    Parameters
    ----------
    tool
        The profiler.
    runs
        Nodes of each run, in the order of execution.
    whole_ns
        Time of each run [ns].
    how
        How times came about, for the source.
    layer
        What the time of a layer is.
    averaged
        The tool has averaged over its runs already, and left its own warm-up out.
    """

    tool: str
    runs: Sequence[Run]
    whole_ns: Sequence[float]
    how: str = ""
    layer: str = "the sum of its nodes"
    averaged: bool = False


def layer_times(profile: Profile, asked: Asked, shown: str) -> tuple[list[float], float]:
    """Return the time of every layer in every run [ns], and the share of it that nodes without a layer's name have.

    A node that names no layer is counted to the layer it follows; before the first layer and after the last to none.

    Raises
    ------
    InputError
        If nodes cannot be told by layer: names do not fit, or one node hides several layers.
    """
    for run in profile.runs:
        _check_hidden(run, asked.pattern or USUAL[0], shown)
    pattern = fitting(asked, {node.name for run in profile.runs for node in run}, shown)
    found: list[float] = []
    named = 0.0
    for run in profile.runs:
        _check_named(run, pattern, shown)
        times = _cut(run, pattern)
        if len(times) < asked.layers or not all(times.values()):
            raise InputError(
                f"{shown}: must time {asked.layers} layers in each run, got {sum(map(bool, times.values()))}"
            )
        named += sum(node.time_ns for node in run if numbers_in(node.name, pattern))
        found += times.values()
    return found, max(0.0, 1 - named / sum(found))


def _check_hidden(run: Run, pattern: re.Pattern[str], shown: str) -> None:
    whole = sum(node.time_ns for node in run) or 1
    hiding = [node for node in run if node.hides or len(numbers_in(node.name, pattern)) > 1]
    hidden = sum(node.time_ns for node in hiding) / whole
    if hidden > _HIDDEN_AT_MOST:
        name = one_line(max(hiding, key=lambda node: node.time_ns).name)[:80]
        _refuse(shown, f"'{name}' hides which layers it holds, and {hidden:.0%} of the time is hidden so")


def _check_named(run: Run, pattern: re.Pattern[str], shown: str) -> None:
    whole = sum(node.time_ns for node in run) or 1
    named = sum(node.time_ns for node in run if numbers_in(node.name, pattern)) / whole
    if named < _NAMED_AT_LEAST:
        _refuse(shown, f"only {named:.0%} of the time is in nodes that name their layer")


def _refuse(shown: str, why: str) -> None:
    raise InputError(f"{shown}: cannot be told by layer, {why}; profile without delegate or fusion,"
                     " or give --whole to divide the whole time by --layers")  # fmt: skip


def _cut(run: Run, pattern: re.Pattern[str]) -> dict[int, float]:
    times: dict[int, float] = defaultdict(float)
    current, unnamed = None, 0.0
    for node in run:
        numbers = numbers_in(node.name, pattern)
        if not numbers:
            unnamed += node.time_ns
            continue
        if current is not None:
            times[current] += unnamed
        current, unnamed = min(numbers), 0.0
        times[current] += node.time_ns
    return dict(times)
