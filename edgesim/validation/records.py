"""What a validation keeps: cases, their runs, and the circumstances; everything its figures can be computed from."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from edgesim.figures import Metrics
from edgesim.timeline import Timeline
from edgesim.work import Work


@dataclass(frozen=True, slots=True)
class Case:
    """One plan, and what was simulated for it.

    Parameters
    ----------
    label
        What tells it from the others: planner, and the changes of the campaign.
    planner, changes
        The planner's label, and the keys of the scenario that were changed.
    throttle
        The device whose storage is emulated; None is this machine's own.
    target_latency_ns
        What was planned for [ns].
    works
        What the first inference of the session does, and the later ones, at simulated durations; without the names of
        the shards, which the recurrence does not need.
    load_buffer_bytes
        Room of the load buffer [B]; None is unlimited.
    simulated
        What was simulated, spans in session time.
    metrics
        What was measured on the simulated timeline.
    """

    label: str
    planner: str
    changes: dict[str, str]
    throttle: str | None
    target_latency_ns: int
    works: tuple[Work, Work]
    load_buffer_bytes: int | None
    simulated: Timeline
    metrics: Metrics

    @property
    def reads(self) -> bool:
        """Whether any inference of the session reads anything."""
        return any(work.load_layers for work in self.works)

    @property
    def bound(self) -> str:
        """What the simulator says takes longer: ``io`` or ``compute``."""
        return "io" if self.metrics.io_busy_ns > self.metrics.compute_busy_ns else "compute"

    @property
    def group(self) -> str:
        """The class that errors are reported by.

        ``resident`` reads nothing. Native storage is one class: how long a read takes there is not known beforehand,
        whatever the bound; ``emulated io-bound`` and ``emulated compute-bound`` are two.
        """
        if not self.works[0].load_layers:
            return "resident"
        return f"emulated {self.bound}-bound" if self.throttle else "native"


class Run(NamedTuple):
    """One real execution of a case.

    `turn` is its place in the order of all runs; `overruns` counts the reads that took longer than on the storage that
    is emulated. `disturbed` says why its times mean nothing; None if they do.
    """

    turn: int
    timeline: Timeline
    metrics: Metrics
    arena_bytes: int
    overruns: int
    waited_ns: int | None
    steal_ns: int | None
    pressure_us: dict[str, int] | None
    disturbed: str | None

    @property
    def counts(self) -> bool:
        """Whether its times mean something: nothing disturbed it, and the storage that it emulates was as it says."""
        return self.disturbed is None and not self.overruns


@dataclass(frozen=True, slots=True)
class Campaign:
    """Everything that was executed, and under which circumstances.

    Parameters
    ----------
    scenario
        Name of the scenario.
    tolerance
        How far a simulated latency may be off.
    cases, runs
        Each case, and its real runs.
    circumstances
        Machine, loader, priorities, profile and when it was made, session, order: for people.
    """

    scenario: str
    tolerance: float
    cases: tuple[Case, ...]
    runs: tuple[tuple[Run, ...], ...]
    circumstances: dict[str, Any] = field(default_factory=dict)
