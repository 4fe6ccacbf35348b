"""What was tried for a goal, as a picture has it: the figure that the goal is about, against the number."""

from collections.abc import Callable
from typing import NamedTuple

from edgesim.plot.tries import Names, Tries
from edgesim.questions.answers import Need
from edgesim.questions.probes import DONE, Probe
from edgesim.questions.sentences import goal_text

MOST_PLANNERS = 8
_UNITS = {"ns": ("ms", 10**6), "B": ("MB", 10**6), "B/s": ("MB/s", 10**6), "mW": ("W", 10**3), "0.1 %": ("%", 10)}
"""What numbers are drawn in, and how much of their base unit that is."""


class _Asked(NamedTuple):
    """A figure with its unit, how it is read, and how much of it is asked for, if that is one number."""

    name: str
    read: Callable[[Probe], float | None]
    goal: float | None


def tries_of(need: Need) -> tuple[list[Tries], Names, float | None]:
    """Return each planner's tries, what a picture of them is about, and the figure that is asked for.

    That is a quality or the memory if the goal is about one, else what the target is about.
    """
    unit, factor = _UNITS.get(need.unit, (need.unit, 1))
    asked = _asked(need)
    tries = [
        Tries(
            answer.planner,
            [probe.value / factor for probe in answer.probes],
            [asked.read(probe) if probe.status == DONE else None for probe in answer.probes],
            [probe.reached for probe in answer.probes],
        )
        for answer in need.answers[:MOST_PLANNERS]
    ]
    title = f"{need.scenario}: {need.find} for {goal_text(need)}"
    return tries, Names(title, f"{need.find} [{unit}]" if unit else need.find, asked.name), asked.goal


def _asked(need: Need) -> _Asked:
    goal = need.goal
    if goal.fidelity is not None:
        return _Asked("fidelity", lambda probe: probe.fidelity, goal.fidelity)
    if goal.accuracy is not None:
        return _Asked("accuracy", lambda probe: probe.accuracy, goal.accuracy)
    if goal.memory_bytes is not None:
        return _Asked(
            "peak of all memory [MB]", lambda one: (one.peak_memory_bytes or 0) / 1e6, goal.memory_bytes / 1e6
        )
    target_ms = None if need.target_latency_ns is None else need.target_latency_ns / 1e6
    token = any(probe.token_ns is not None for answer in need.answers for probe in answer.probes)
    return _Asked("time a token [ms]" if token else "latency [ms]", lambda one: one.promised_ns / 1e6, target_ms)
