"""What comes of many replications: types only, and how they become JSON and frames."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from edgesim.replications.intervals import LEVEL, Interval
from edgesim.result import LeftOut, plain

if TYPE_CHECKING:
    import pandas as pd

SCHEMA, COMPARED_SCHEMA = "edgesim.replications/1", "edgesim.replications_compared/1"


class Estimate(NamedTuple):
    """A figure over all replications."""

    mean: float
    """Mean of the figure over all replications."""
    deviation: float | None
    """Its standard deviation; None of one replication."""
    interval: Interval | None
    """95 % confidence interval of the mean; None with less than two replications."""
    method: str
    """Where the interval comes from: ``student`` (between replications), ``wilson`` (each replication one trial) or
    ``none``."""


class Percentile(NamedTuple):
    """A percentile of all latencies of all replications."""

    percent: int
    """Which percentile."""
    value_ns: int
    """Its estimate [ns]."""
    interval: Interval | None
    """Its 95 % confidence interval [ns]."""
    method: str
    """Where the interval comes from: ``order statistics`` (one inference a replication), ``woodruff`` (several) or
    ``none``."""


class Stopped(NamedTuple):
    """Why there are no more replications."""

    reason: str
    """``all`` (as many as were asked for), ``precise``, ``not precise`` (the most allowed, and still not precise) or
    ``nothing random`` (all would be the same)."""
    asked: int
    """How many replications were asked for, at most."""
    figure: str
    """The figure whose interval counts."""
    precision: float | None = None
    """The half width that was asked for, as a part of the mean."""
    relative_half_width: float | None = None
    """The half width that was reached."""


@dataclass(frozen=True, slots=True)
class Replications:
    """Many runs of one planner in one scenario, which differ in what was drawn; `to_dict` is the JSON contract.

    Figures end in their unit; they are about whole sessions, one replication being one session.
    """

    scenario: str
    """Name of the scenario."""
    device: str
    """Name of the device."""
    processor: str
    """Processor that computes."""
    model: str
    """Name of the model."""
    planner: str
    """The planner with its options, as reports show it."""
    seed: int
    """What everything was drawn from."""
    number: int
    """How many replications there are."""
    stopped: Stopped
    """Why there are no more."""
    estimates: Mapping[str, Estimate | None]
    """Of each figure; None is unknown."""
    percentiles: Mapping[str, tuple[Percentile, ...]]
    """Of all latencies together, by app."""
    values: Mapping[str, tuple[float | None, ...]] = field(repr=False, default_factory=dict)
    """Of each figure the value in each replication, in order; None is unknown."""

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain lists and dicts, ready for JSON."""
        everything: dict[str, Any] = plain({name: getattr(self, name) for name in self.__slots__})
        return {"schema": SCHEMA, "confidence": LEVEL} | everything

    def to_frame(self) -> "pd.DataFrame":
        """Return one row a replication, one column a figure."""
        import pandas as pd

        return pd.DataFrame(dict(self.values)).rename_axis("replication")


class Difference(NamedTuple):
    """One planner minus another, over the same replications.

    Parameters
    ----------
    planner, baseline
        Whose figure, and from whose it is subtracted.
    estimate
        Of the differences replication by replication; None where a figure is unknown.
    less, equal
        In how many replications the planner's figure is less, and in how many it is the same.
    variance_ratio
        How many times as many independent replications would be as precise: the sum of both variances over that of the
        differences; None where the differences do not vary.
    """

    planner: str
    baseline: str
    estimate: Estimate | None
    less: int
    equal: int
    variance_ratio: float | None


@dataclass(frozen=True, slots=True)
class Replicated:
    """Planners side by side over the same replications."""

    each: tuple[Replications, ...]
    """The replications of each planner."""
    figure: str
    """What the differences are of."""
    differences: tuple[Difference, ...]
    """Of each planner to the first."""
    left_out: tuple[LeftOut, ...] = ()
    """Planners without a plan."""

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain lists and dicts, ready for JSON."""
        rest: dict[str, Any] = plain({name: getattr(self, name) for name in ("figure", "differences", "left_out")})
        return {"schema": COMPARED_SCHEMA, "confidence": LEVEL, "planners": [one.to_dict() for one in self.each]} | rest

    def to_frame(self) -> "pd.DataFrame":
        """Return one row for each planner and replication, one column a figure."""
        import pandas as pd

        frames = [one.to_frame().reset_index().assign(planner=one.planner) for one in self.each]
        return pd.concat(frames).set_index(["planner", "replication"]) if frames else pd.DataFrame()
