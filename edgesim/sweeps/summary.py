"""A sweep in numbers: what was asked for, what came of it, and how each planner did."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from edgesim.sweeps.columns import DONE, STATUSES
from edgesim.sweeps.figures import QUALITIES, number
from edgesim.sweeps.swept import Swept

_AMOUNT = re.compile(r"(?<![\w.-])-?\d[\d.,]*(?:e[+-]?\d+)?(?: ?(?:[nuµm]s|s|min|h|[kMGT]?i?B(?:/s)?|bits?|%)\b)?")


@dataclass(frozen=True, slots=True)
class Spread:
    """The least, the middle and the most of a figure."""

    least: float
    """The least."""
    median: float
    """The middle."""
    most: float
    """The most."""


@dataclass(frozen=True, slots=True)
class PlannerSummary:
    """How one planner did."""

    planner: str
    """The planner with its options."""
    points: int
    """How many points it was asked about."""
    statuses: dict[str, int]
    """How many of them have each status."""
    met: int
    """How many have a plan that meets the target."""
    in_time: Spread | None
    """Share of inferences in time, over all its plans."""
    latency_ns: Spread | None
    """Latency of its plans [ns]."""
    memory_bytes: Spread | None
    """Memory of its plans [B]."""
    quality: Spread | None
    """Quality of its plans, as `Summary.measure` names it; None where nothing is known."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why points have no plan: reasons that differ in amounts only count as one."""

    status: str
    """What became of the points."""
    points: int
    """How many points there are."""
    first: str
    """The reason of the first."""
    point: int
    """The number of the first."""
    alike: bool
    """Whether all of them read exactly as the first."""
    planners: tuple[str, ...]
    """Who gives it."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A sweep in numbers.

    Parameters
    ----------
    name
        Of the scenario.
    points
        How many rows there are.
    statuses
        How many of each status.
    axes
        The values of each key that has several, as text.
    fixed
        The one value of every other key.
    measure
        What quality is over the whole sweep: ``accuracy``, ``fidelity`` or None.
    latency, memory
        Their columns.
    planners
        In the order of the rows.
    reasons
        The commonest first, for each status.
    sessions
        Whether points are sessions of several inferences.
    least_met
        At which share of its inferences in time a point meets its target.
    """

    name: str
    points: int
    statuses: dict[str, int]
    axes: dict[str, str]
    fixed: dict[str, str]
    measure: str | None
    latency: str
    memory: str
    planners: tuple[PlannerSummary, ...]
    reasons: tuple[Reason, ...]
    sessions: bool
    least_met: float

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain lists and dicts."""
        return asdict(self)


def summarise(sweep: Swept) -> Summary:
    """Count, and find the spreads of each planner's plans, whatever memory they have."""
    frame, statuses = sweep.frame, Counter(sweep.frame["status"].tolist())
    measure, quality = _whole_measure(sweep)
    return Summary(
        name=str(frame["scenario"].iloc[0]) if len(frame) else "", points=len(frame),
        statuses={name: statuses[name] for name in STATUSES if statuses[name]},
        axes={axis.key: f"{len(axis.values):,}: {axis.range_text}" for axis in sweep.axes}, fixed=sweep.fixed,
        measure=measure, latency=sweep.latency, memory=sweep.memory, planners=tuple(_planners(sweep, quality)),
        reasons=tuple(_reasons(frame)), sessions=sweep.terms.sessions, least_met=sweep.terms.least_met,
    )  # fmt: skip


def _planners(sweep: Swept, quality: NDArray[np.float64]) -> Iterator[PlannerSummary]:
    status = pd.Categorical(sweep.frame["status"], categories=STATUSES).codes
    for at, label in enumerate(sweep.planners):
        own = np.flatnonzero(sweep.planner == at)
        plans, counts = own[sweep.done[own]], np.bincount(status[own], minlength=len(STATUSES)).tolist()
        yield PlannerSummary(
            label, len(own), {name: many for name, many in zip(STATUSES, counts, strict=True) if many},
            int(sweep.met[own].sum()), _spread(sweep.in_time[plans]), _spread(sweep.latency_ns[plans]),
            _spread(sweep.memory_bytes[plans]), _spread(quality[plans]),
        )  # fmt: skip


def _whole_measure(sweep: Swept) -> tuple[str | None, NDArray[np.float64]]:
    """Return one quality for all plans, or else as many of them as possible."""
    values = {name: np.where(sweep.done, number(sweep.frame[name]), np.nan) for name in QUALITIES}
    known = {name: int(np.isfinite(each).sum()) for name, each in values.items()}
    name = max(QUALITIES, key=lambda name: known[name])  # accuracy where both are known as often
    return (name if known[name] else None), values[name]


def _spread(values: NDArray[Any]) -> Spread | None:
    values = values[np.isfinite(values)]
    return Spread(*(each(values).item() for each in (np.min, np.median, np.max))) if len(values) else None


def _reasons(frame: pd.DataFrame) -> Sequence[Reason]:
    """Put reasons together that differ in amounts only, whichever planner gives them."""
    columns = ["point", "planner", "status", "reason"]
    told = frame.loc[
        frame["reason"].notna().to_numpy() & (frame["status"] != DONE).to_numpy(bool, na_value=False), columns
    ]
    if told.empty:
        return []
    labels = {f"{label}: " for label in told["planner"].unique()}
    codes, texts = pd.factorize(told["reason"])
    plain = np.array([_without(str(text), labels) for text in texts], object)
    shape = pd.factorize(np.array([_AMOUNT.sub("#", text) for text in plain], object))[0][codes]
    told = told.assign(plain=plain[codes], shape=shape)
    found = []
    for (status, _), own in told.groupby(["status", "shape"], sort=False, observed=True):
        first = own.iloc[0]
        found.append(Reason(
            str(status), len(own), str(first["plain"]), int(first["point"]), own["plain"].nunique() == 1,
            tuple(map(str, own["planner"].unique())),
        ))  # fmt: skip
    return sorted(found, key=lambda one: (STATUSES.index(one.status), -one.points, one.point))


def _without(reason: str, labels: set[str]) -> str:
    """Leave out the label that a reason starts with."""
    start = reason.find(": ") + 2
    return reason[start:] if reason[:start] in labels else reason
