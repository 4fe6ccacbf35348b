"""The rows of a sweep, made ready to be compared: what was swept, who planned, and the figures as arrays."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from edgesim.errors import InputError
from edgesim.sweeps.axes import BUDGETS, Axis, combined, key_columns, read_axis
from edgesim.sweeps.columns import DONE, INVALID
from edgesim.sweeps.devices import unthrottled
from edgesim.sweeps.figures import Terms, in_time, qualities, terms_of, truth, whole
from edgesim.sweeps.seeds import SEED, pool
from edgesim.sweeps.ticks import exactly

_NAMES = ("device", "processor", "model")


@dataclass(frozen=True, slots=True, eq=False)
class Swept:
    """A sweep's rows as arrays; N rows.

    Plans can be compared within a *setting*: the same device, processor, model and whatever else was swept that is no
    budget. Quality is one measure for all plans of a setting: accuracy if all are known that have a fidelity, else
    fidelity.

    Parameters
    ----------
    frame
        The rows.
    axes, fixed
        Keys with several values, and the one value of every other key.
    planners, planner
        Labels in the order of the rows, and which of them planned each row, (N,).
    terms
        By what plans are compared.
    done, met
        Whether there is a plan, and whether it meets its target, (N,).
    in_time
        Share of inferences that meet it; 0 where there is no plan, (N,).
    exists
        Whether there is such a scenario, for any planner, (N,).
    settings, setting
        Values of each setting by key, and the setting of each row, (N,).
    place, places
        The combination of all that was asked for but the planner that each row is of, (N,), and how many there are.
    measures
        What quality is in each setting; None where nothing is known.
    latency_ns, memory_bytes, quality
        Of each row, (N,); 0 or NaN where there is no plan or nothing is known.
    most_bytes, beyond
        The most memory that a plan may have, if there is such a limit, and how many plans were taken for none since
        they have more.
    """

    frame: pd.DataFrame
    axes: tuple[Axis, ...]
    fixed: dict[str, str]
    planners: tuple[str, ...]
    planner: NDArray[np.int64]
    terms: Terms
    done: NDArray[np.bool_]
    met: NDArray[np.bool_]
    in_time: NDArray[np.float64]
    exists: NDArray[np.bool_]
    settings: tuple[dict[str, str], ...]
    setting: NDArray[np.int64]
    place: NDArray[np.int64]
    places: int
    measures: tuple[str | None, ...]
    latency_ns: NDArray[np.int64]
    memory_bytes: NDArray[np.int64]
    quality: NDArray[np.float64]
    most_bytes: int | None = None
    beyond: int = 0

    @property
    def comparable(self) -> NDArray[np.bool_]:
        """Whether a row has a plan whose quality is known, or is of a setting where none is."""
        unknown = np.array([measure is None for measure in self.measures], np.bool_)
        return self.done & (np.isfinite(self.quality) | unknown[self.setting])

    @property
    def memory(self) -> str:
        """The column of `memory_bytes`."""
        return self.terms.memory

    @property
    def latency(self) -> str:
        """The column of `latency_ns`."""
        return self.terms.latency

    @property
    def aim(self) -> str:
        """What it is to be among the best, in words that follow a plural."""
        return f"{self.terms.aim} {self.limit}".rstrip()

    @property
    def limit(self) -> str:
        """The limit of memory in words that follow those for plans; empty if there is none."""
        if self.most_bytes is None:
            return ""
        held = {"held_memory_bytes": "held", "peak_memory_bytes": "at the peak"}[self.memory]
        return f"with at most {exactly(self.most_bytes, 'B')} {held}"


def swept(
    frame: pd.DataFrame, memory: str = "held", units: Mapping[str, str] | None = None, least_met: float = 1.0
) -> Swept:  # fmt: skip
    """Make the rows of a sweep ready to be compared.

    Parameters
    ----------
    frame
        At least the columns of `FIGURES`, those before the status, and the status; from `read_sweep`.
    memory
        What memory is: what is ``held`` between inferences, or the ``peak``.
    units
        What columns named by a key are in, as a dataset's manifest has it.
    least_met
        A target is met if at least this share of the inferences meet it.
    """
    terms = terms_of(frame, memory, units or {}, least_met)
    return _made(unthrottled(frame), terms, in_time(frame, terms))


def pooled(sweep: Swept) -> Swept:
    """Put rows together that differ in their seed only, as `edgesim.sweeps.seeds.pool` does it."""
    seeds = next((len(axis.values) for axis in sweep.axes if axis.key == SEED), 0)
    if not seeds:
        return sweep
    frame, shares = pool(sweep.frame, sweep.in_time)
    return _made(frame, replace(sweep.terms, seeds=seeds), shares)


def _made(frame: pd.DataFrame, terms: Terms, shares: NDArray[np.float64]) -> Swept:
    every = [read_axis(column, frame[column], terms.units.get(column, "")) for column in key_columns(frame.columns)]
    axes = tuple(axis for axis in every if _varies(axis))
    planner = pd.factorize(frame["planner"])
    done = truth(frame["status"] == DONE)
    varied = [axis for axis in axes if axis.key not in BUDGETS]
    setting, settings = combined(varied, len(frame))
    place, places = combined(axes, len(frame))
    measures, quality = qualities(frame, done, setting, len(settings))
    valid = np.bincount(place[~truth(frame["status"] == INVALID)], minlength=len(places)) > 0
    return Swept(
        frame=frame, axes=axes, fixed={axis.key: axis.labels[0] for axis in every if axis.values and axis not in axes},
        planners=tuple(map(str, planner[1])), planner=planner[0].astype(np.int64), terms=terms,
        done=done, met=done & (shares >= terms.least_met), in_time=shares, exists=valid[place],
        settings=tuple(_named(varied, settings)), setting=setting, place=place, places=len(places), measures=measures,
        latency_ns=whole(frame[terms.latency]), memory_bytes=whole(frame[terms.memory]), quality=quality,
    )  # fmt: skip


def _varies(axis: Axis) -> bool:
    """Tell whether a key has several values; that a scenario that cannot be has no name of its model is none."""
    return len(axis.values) - (axis.key in _NAMES and None in axis.values) > 1


def limited(sweep: Swept, most_bytes: int) -> Swept:
    """Take plans with more memory for none: they are not compared with others.

    Raises
    ------
    InputError
        If no plan is left.
    """
    fits = sweep.memory_bytes <= most_bytes
    done = sweep.done & fits
    if sweep.done.any() and not done.any():
        least = exactly(int(sweep.memory_bytes[sweep.done].min()), "B")
        raise InputError(
            f"--within: no plan has so little memory, got {exactly(most_bytes, 'B')}; the least is {least}"
        )
    beyond = int(sweep.done.sum() - done.sum())
    return replace(sweep, done=done, met=sweep.met & fits, most_bytes=most_bytes, beyond=beyond)


def _named(axes: Sequence[Axis], combinations: NDArray[np.int64]) -> Iterator[dict[str, str]]:
    labels = {axis.key: axis.labels for axis in axes}
    for values in combinations.tolist():
        yield {key: own[value] for (key, own), value in zip(labels.items(), values, strict=True)}
