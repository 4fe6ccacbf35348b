"""Columns that are there only when something is known or was asked for, and what they rest on."""

from collections.abc import Callable, Iterator, Sequence
from statistics import median
from typing import NamedTuple

from rich.text import Text

from edgesim.errors import listed
from edgesim.report.capacity import too_large
from edgesim.report.text import number
from edgesim.result import Result
from edgesim.units import show_bytes, show_ns


class Column(NamedTuple):
    """A figure of a result, and how it is written; None is unknown."""

    value: Callable[[Result], float | None]
    show: Callable[[float | None], str]

    def cell(self, result: Result) -> str:
        """Write the figure of one result."""
        return self.show(self.value(result))

    def over(self, results: Sequence[Result], middle: Callable[[list[float]], float] = median) -> str:
        """Write one figure for many results, their median unless said otherwise; a dash where none is known."""
        known = [found for result in results if (found := self.value(result)) is not None]
        return self.show(middle(known)) if known else "-"


def _size(value: float | None) -> str:
    return "-" if value is None else show_bytes(round(value))


def _time(value: float | None) -> str:
    return "-" if value is None else show_ns(round(value))


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


LATENCY = Column(lambda one: one.metrics.latency_ns, _time)
SHARDS_KEPT = Column(lambda one: one.metrics.preload_bytes, _size)
PEAK = Column(lambda one: one.metrics.peak_memory_bytes, _size)
WITHIN = Column(lambda one: one.metrics.target_met_fraction, _percent)
READY = Column(lambda one: one.service.ready_fraction if one.service else None, _percent)
P90 = Column(lambda one: one.metrics.latency_p90_ns, _time)
_MEASURED = Column(lambda one: one.asked.get("measured_accuracy"), number)
_PREDICTED = Column(lambda one: one.metrics.accuracy, number)
_GAP = Column(lambda one: one.asked.get("optimum_gap"), _percent)
_PLANNING = Column(lambda one: one.asked.get("planning_ns"), _time)


def quality_columns(results: Sequence[Result]) -> dict[str, Column]:
    """Return fidelity and, where it is known, accuracy: measured if that was asked for, else predicted."""
    columns = {"fidelity": Column(lambda one: one.metrics.fidelity, number)}
    if any("measured_accuracy" in one.asked for one in results):
        columns["accuracy"] = _MEASURED
    elif any(one.metrics.accuracy is not None for one in results):
        columns["accuracy"] = _PREDICTED
    return columns


def asked_columns(results: Sequence[Result]) -> dict[str, Column]:
    """Return the distance to the optimum and the planning time, where they were asked for."""
    columns = {"gap": ("optimum_gap", _GAP), "planning": ("planning_ns", _PLANNING)}
    return {name: column for name, (key, column) in columns.items() if any(key in one.asked for one in results)}


def session_columns(results: Sequence[Result]) -> dict[str, Column]:
    """Return what sessions of several inferences are judged by; nothing where there is none."""
    several = any(one.service and one.service.inferences > 1 for one in results)
    return {"within": WITHIN, "ready": READY, "p90": P90} if several else {}


def footnotes(results: Sequence[Result]) -> Iterator[Text]:
    """Say which plans are too large for their device, and what figures of sessions, accuracy, gaps and times are."""
    if large := list(dict.fromkeys(one.planner for one in results if one.given and too_large(one, one.given))):
        less = "which has less memory than they need at their peak"
        yield Text(f"Too large for the device, {less}: {listed(large)}.", "bold red")
    if session_columns(results):
        yield Text(
            "Within the target, found ready and p90 are of all inferences; latency, target and stalls of the first."
        )
    if measured := [one.asked for one in results if "measured_accuracy" in one.asked]:
        tasks = ", ".join(sorted({asked["measured_task"] for asked in measured}))
        yield Text(f"Accuracy is measured on the real model: {measured[0]['measured_examples']:,} examples of {tasks}.")
    if gaps := [one.asked for one in results if "optimum_gap" in one.asked]:
        yield Text(f"The gap is to the highest fidelity possible, by a proven bound{_looseness(gaps)}. The bound is for"
                   " plans with one lane that keep to the buffers and meet the target; others have none.")  # fmt: skip
    if any("planning_ns" in one.asked for one in results):
        yield Text("Planning is the planner's wall time on this machine, the least of up to five calls.")


def _looseness(gaps: Sequence[dict[str, float | None]]) -> str:
    """Say how far the bound itself may be from the best plan."""
    known = [(asked["optimum_bound"], asked["optimum_found"]) for asked in gaps]
    loose = [max(bound - score, 0.0) / bound for bound, score in known if bound and score]
    if not loose:
        return ""
    worst = f", {max(loose):.1%} at worst" if max(loose) > median(loose) else ""
    return f"; the best plans known are within {median(loose):.1%} of it{worst}"
