"""The rows of a sweep, made ready to be compared: what was swept, who planned, and the figures as arrays."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from edgesim.errors import InputError
from edgesim.sweeps.axes import BUDGETS, Axis, combined, key_columns, read_axis
from edgesim.sweeps.columns import DONE
from edgesim.sweeps.ticks import exactly

MEMORIES = {"held": "held_memory_bytes", "peak": "peak_memory_bytes"}
FIGURES = ("latency_ns", "meets_target", "accuracy", "fidelity", *MEMORIES.values())
"""Columns that a report always reads, besides those that say what was asked for."""
_NAMES = ("device", "processor", "model")
QUALITIES = ("accuracy", "fidelity")


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
    memory
        The column of `memory_bytes`.
    done, met
        Whether there is a plan, and whether it meets its target, (N,).
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
    memory: str
    done: NDArray[np.bool_]
    met: NDArray[np.bool_]
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
    def limit(self) -> str:
        """The limit of memory in words that follow those for plans; empty if there is none."""
        if self.most_bytes is None:
            return ""
        held = {"held_memory_bytes": "held", "peak_memory_bytes": "at the peak"}[self.memory]
        return f"with at most {exactly(self.most_bytes, 'B')} {held}"


def swept(frame: pd.DataFrame, memory: str = "held", units: Mapping[str, str] | None = None) -> Swept:
    """Make the rows of a sweep ready to be compared.

    Parameters
    ----------
    frame
        At least the columns of `FIGURES`, those before the status, and the status; from `read_sweep`.
    memory
        What memory is: what is ``held`` between inferences, or the ``peak``.
    units
        What columns named by a key are in, as a dataset's manifest has it.
    """
    every = [read_axis(column, frame[column], (units or {}).get(column, "")) for column in key_columns(frame.columns)]
    axes = tuple(axis for axis in every if _varies(axis))
    planner = pd.factorize(frame["planner"])
    done = (frame["status"] == DONE).to_numpy(dtype=bool, na_value=False)
    varied = [axis for axis in axes if axis.key not in BUDGETS]
    setting, settings = combined(varied, len(frame))
    place, places = combined(axes, len(frame))
    measures, quality = _qualities(frame, done, setting, len(settings))
    return Swept(
        frame=frame, axes=axes, fixed={axis.key: axis.labels[0] for axis in every if axis.values and axis not in axes},
        planners=tuple(map(str, planner[1])), planner=planner[0].astype(np.int64), memory=MEMORIES[memory],
        done=done, met=done & frame["meets_target"].to_numpy(dtype=bool, na_value=False),
        settings=tuple(_named(varied, settings)), setting=setting, place=place, places=len(places), measures=measures,
        latency_ns=whole(frame["latency_ns"]), memory_bytes=whole(frame[MEMORIES[memory]]), quality=quality,
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


def whole(values: "pd.Series[Any]") -> NDArray[np.int64]:
    """Return integers, 0 for those that are not known."""
    return values.to_numpy(dtype=np.int64, na_value=0)


def number(values: "pd.Series[Any]") -> NDArray[np.float64]:
    """Return numbers, NaN for those that are not known."""
    return values.to_numpy(dtype=np.float64, na_value=np.nan)


def _qualities(
    frame: pd.DataFrame, done: NDArray[np.bool_], setting: NDArray[np.int64], many: int
) -> tuple[tuple[str | None, ...], NDArray[np.float64]]:
    """Choose what quality is in each setting, and return it for each row."""
    values = [np.where(done, number(frame[name]), np.nan) for name in QUALITIES]
    known = [np.bincount(setting[np.isfinite(each)], minlength=many) for each in values]
    chosen = np.where(known[0] >= known[1], 0, 1)  # fewer accuracies than fidelities are not mixed with them
    measures = tuple(QUALITIES[at] if known[at][place] else None for place, at in enumerate(chosen.tolist()))
    return measures, np.where(chosen[setting] == 0, *values)
