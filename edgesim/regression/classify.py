"""One cell of the grid, before and after a change: a new plan is as good as the old one, or it is not."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from edgesim.grid import Tolerance

Category = Literal["unchanged", "drift", "gain", "fixed", "new", "slower", "regression"]
CATEGORIES: tuple[Category, ...] = ("unchanged", "drift", "gain", "fixed", "new", "slower", "regression")
WORSE: tuple[Category, ...] = ("regression", "slower")
"""What fails the gate."""
QUALITY, COST = ("fidelity", "accuracy"), ("latency", "held_memory", "peak_memory")
PARTS = ("submodel", "bitwidths", "preload set", "loads")
"""What the parts of a plan's digest are made of; a plan that differs in one of them mostly differs in those behind."""
FIELDS = {
    "fidelity": "fidelity",
    "accuracy": "accuracy",
    "latency": "latency_ns",
    "held_memory": "held_memory_bytes",
    "peak_memory": "peak_memory_bytes",
}
"""Which of the figures a tolerance is for."""
_SEVERITY = {"no plan": 1, "target": 2, "memory": 2, "error": 3, "absent": 3}


@dataclass(frozen=True, slots=True)
class Figures:
    """What a plan promises, by the recurrence; names and numbers are those of `edgesim.Metrics`. None is unknown."""

    plan: str
    """Digest of the plan: a part each for submodel, bitwidths, preload set and loads, joined by hyphens."""
    latency_ns: int
    """Latency [ns]."""
    meets_target: bool
    """Whether it meets the target."""
    fits_memory: bool
    """Whether the peak is within the device's memory, where the profile gives it."""
    fidelity: float | None
    """Fidelity of the plan."""
    accuracy: float | None
    """Predicted accuracy of the plan."""
    preload_bytes: int
    """Shards that are kept between inferences [B]."""
    held_memory_bytes: int
    """All that is held between inferences [B]."""
    peak_memory_bytes: int
    """Memory at the peak [B]."""


class Failure(NamedTuple):
    """Why there is no plan."""

    kind: Literal["no plan", "error", "absent"]
    """``no plan`` fits, the planner broke (``error``), or there is none (``absent``)."""
    message: str = ""
    """What it said."""


Outcome = Figures | Failure


class Verdict(NamedTuple):
    """What became of a cell, why, and by how much."""

    category: Category
    """What became of the cell."""
    reasons: tuple[str, ...] = ()
    """Which figures or parts of the plan changed."""
    change: float = 0.0
    """The largest change as a share; 1 where a promise is broken."""


def classify(old: Outcome, new: Outcome, tolerance: Tolerance) -> Verdict:
    """Judge a new plan by the old one.

    A broken promise (target missed, memory exceeded, no plan, an error) is a regression where it was kept before, and
    so is quality that falls. A plan that takes longer or more memory is one unless its quality has risen.

    Parameters
    ----------
    old
        What there was.
    new
        What there is.
    tolerance
        How much worse a figure may be.

    Returns
    -------
    Verdict
        Never ``slower``: that is for `classify_time`.
    """
    if isinstance(old, Failure) and old.kind == "absent":
        return Verdict("new")
    before, after = _broken(old), _broken(new)
    worst_before, worst_after = _worst(before), _worst(after)
    newly = tuple(promise for promise in after if promise not in before)
    if worst_after > worst_before or (newly and isinstance(old, Figures) and isinstance(new, Figures)):
        return Verdict("regression", newly, 1.0)
    if worst_after < worst_before:
        mended = tuple(promise for promise in before if promise not in after)
        return Verdict("drift" if after else "fixed", mended, 1.0)
    if isinstance(old, Figures) and isinstance(new, Figures):
        return _compared(old, new, tolerance)
    return Verdict("unchanged")


def classify_time(old_ns: int, new_ns: int, tolerance: Tolerance) -> Verdict:
    """Judge the time of planning [ns], least of several each."""
    change = new_ns / max(old_ns, 1) - 1
    return Verdict("slower", ("planning time",), change) if change > tolerance.planning_time else Verdict("unchanged")


def _broken(outcome: Outcome) -> tuple[str, ...]:
    if isinstance(outcome, Failure):
        return (outcome.kind,)
    kept = {"target": outcome.meets_target, "memory": outcome.fits_memory}
    return tuple(promise for promise, holds in kept.items() if not holds)


def _worst(broken: tuple[str, ...]) -> int:
    return max((_SEVERITY[promise] for promise in broken), default=0)


def _compared(old: Figures, new: Figures, tolerance: Tolerance) -> Verdict:
    if old == new:
        return Verdict("unchanged")
    losses = {name: _loss(old, new, name) for name in (*QUALITY, *COST)}
    worse = {name: loss for name, loss in losses.items() if loss > getattr(tolerance, name)}
    better = {name: -loss for name, loss in losses.items() if -loss > getattr(tolerance, name)}
    poorer = {name: loss for name, loss in worse.items() if name in QUALITY}
    if poorer or (worse and not any(name in QUALITY for name in better)):
        return Verdict("regression", tuple(worse), max(worse.values()))
    if better:
        return Verdict("gain", tuple(better), max(better.values()))
    return Verdict("drift", (_part(old.plan, new.plan),), max(map(abs, losses.values())))


def _loss(old: Figures, new: Figures, name: str) -> float:
    """Return by which share of the old figure a new one is worse; negative where it is better."""
    before, after = getattr(old, FIELDS[name]), getattr(new, FIELDS[name])
    if before is None or after is None or before == after:
        return 0.0
    change = float((after - before) / before) if before else 1.0 if after > before else -1.0
    return -change if name in QUALITY else change


def _part(old: str, new: str) -> str:
    """Name the first part in which two plans differ; of the same plan, its figures."""
    rows = zip(PARTS, old.split("-"), new.split("-"), strict=False)
    return next((part for part, before, after in rows if before != after), "figures")
