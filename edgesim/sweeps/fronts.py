"""Fronts of latency, memory and quality: the plans that no other of their setting beats in all three."""

from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from edgesim.sweeps.axes import COLUMNS
from edgesim.sweeps.swept import Swept


@dataclass(frozen=True, slots=True)
class Holder:
    """How much of a front a planner holds."""

    planner: str
    """The planner with its options."""
    reaches: int
    """How many steps it reaches."""
    alone: int
    """How many of them no other planner reaches."""


@dataclass(frozen=True, slots=True)
class Front:
    """The front of one setting.

    Parameters
    ----------
    setting
        What the plans have in common, by key.
    measure
        What quality is; None where nothing is known, so that the front is one of latency and memory.
    plans, unknown
        How many were compared, and how many were not because their quality is unknown.
    start, stop
        Which rows of `Fronts.frame` are its steps.
    steps
        How many different ones there are; planners that reach the same step have a row each.
    holders
        Planners by the steps that they reach.
    """

    setting: dict[str, str]
    measure: str | None
    plans: int
    unknown: int
    start: int
    stop: int
    steps: int
    holders: tuple[Holder, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Fronts:
    """The fronts of all settings.

    `frame` has a row for each step and each planner that reaches it, by setting, latency and memory: `point`, the keys
    as in the sweep, `planner`, the latency, the memory, `quality`, `measure` (which quality), `step` (its number) and
    `reached_by` (how many planners reach it).
    """

    latency: str
    memory: str
    frame: pd.DataFrame
    fronts: tuple[Front, ...]

    @property
    def holders(self) -> tuple[Holder, ...]:
        """Planners by the steps that they reach, of all fronts together."""
        return _holders(self.frame)

    def to_dict(self) -> dict[str, object]:
        """Return all fronts, each with its steps as rows."""
        return {"latency": self.latency, "memory": self.memory, "fronts": [self._front(front) for front in self.fronts]}

    def _front(self, front: Front) -> dict[str, object]:
        rows = self.frame.iloc[front.start : front.stop].drop(columns=["measure"])
        holders = [{"planner": one.planner, "reaches": one.reaches, "alone": one.alone} for one in front.holders]
        return {
            "setting": front.setting, "measure": front.measure, "plans": front.plans, "unknown": front.unknown,
            "holders": holders, "steps": rows.astype(object).where(rows.notna(), None).to_dict("records"),
        }  # fmt: skip


def fronts(sweep: Swept) -> Fronts:
    """Return the exact front of each setting; whether a plan meets its target does not matter, latency does."""
    rows = np.flatnonzero(sweep.comparable)
    figures = sweep.latency_ns[rows], sweep.memory_bytes[rows], np.nan_to_num(sweep.quality[rows])
    rows = rows[nondominated(*figures, sweep.setting[rows])]
    place = sweep.setting[rows], sweep.latency_ns[rows], sweep.memory_bytes[rows]  # a step has one quality
    order = np.lexsort((sweep.planner[rows], *place[::-1]))
    rows, ordered = rows[order], [column[order] for column in place]
    first = _changes(*ordered, sweep.planner[rows])  # of a planner's equal plans, one
    rows, step = rows[first], np.cumsum(_changes(*(column[first] for column in ordered))) - 1
    frame = _frame(sweep, rows, step)
    return Fronts(sweep.latency, sweep.memory, frame, tuple(_each(sweep, frame, sweep.setting[rows])))


def nondominated(
    latency: NDArray[np.int64], memory: NDArray[np.int64], quality: NDArray[np.float64], group: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Tell which points no other of their group beats.

    One beats another if neither its latency nor its memory is larger, its quality is not lower, and one of them is
    better. Equal points do not beat one another.

    Parameters
    ----------
    latency, memory, quality, group
        Of each point, (N,); no NaN.
    """
    order = np.lexsort((-quality, memory, latency, group))
    group, latency, memory, quality = group[order], latency[order], memory[order], quality[order]
    new = _changes(group, latency, memory, quality)
    kept = np.empty(len(order), np.bool_)
    kept[order] = _undominated(group[new], memory[new], quality[new])[np.cumsum(new) - 1]
    return kept


def _changes(*columns: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell which rows differ from the one before."""
    new = np.ones(len(columns[0]), np.bool_)
    new[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    return new


def _undominated(
    group: NDArray[np.int64], memory: NDArray[np.int64], quality: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Tell which of different points are on the front of their group; sorted by group, latency, memory, -quality.

    All that can beat a point come before it, so one sweep is enough. It keeps the best quality so far at each memory: a
    staircase, in which what beats a point is found by bisection.
    """
    kept = np.zeros(len(group), np.bool_)
    current, memories, qualities = -1, list[int](), list[float]()
    for place, (own, size, good) in enumerate(zip(group.tolist(), memory.tolist(), quality.tolist(), strict=True)):
        if own != current:
            current, memories, qualities = own, [], []
        at = bisect_right(memories, size)
        if at and qualities[at - 1] >= good:
            continue
        kept[place] = True
        start = at - 1 if at and memories[at - 1] == size else at
        end = bisect_right(qualities, good, start)
        memories[start:end], qualities[start:end] = [size], [good]
    return kept


def _frame(sweep: Swept, rows: NDArray[np.int64], step: NDArray[np.int64]) -> pd.DataFrame:
    keys = [COLUMNS.get(key, key) for key in (*sweep.fixed, *(axis.key for axis in sweep.axes))]
    asked = [column for column in sweep.frame.columns if column in keys]
    frame = sweep.frame.iloc[rows][["point", *asked, "planner", sweep.latency, sweep.memory]].reset_index(drop=True)
    frame = frame.astype({name: "string" for name in frame if frame[name].dtype == "category"})
    frame["quality"] = pd.arrays.FloatingArray(sweep.quality[rows], np.isnan(sweep.quality[rows]))
    frame["measure"] = pd.array([sweep.measures[at] for at in sweep.setting[rows]], dtype="string")
    frame["step"] = pd.array(step, dtype="Int64")
    frame["reached_by"] = pd.array(np.bincount(step)[step] if len(step) else [], dtype="Int64")
    return frame


def _each(sweep: Swept, frame: pd.DataFrame, group: NDArray[np.int64]) -> list[Front]:
    many = len(sweep.settings)
    done, compared = (np.bincount(sweep.setting[mask], minlength=many) for mask in (sweep.done, sweep.comparable))
    edges = np.searchsorted(group, np.arange(many + 1))
    found = []
    for number in np.flatnonzero(done).tolist():
        start, stop = int(edges[number]), int(edges[number + 1])
        own = frame.iloc[start:stop]
        found.append(Front(
            sweep.settings[number], sweep.measures[number], int(compared[number]), int(done[number] - compared[number]),
            start, stop, own["step"].nunique(), _holders(own),
        ))  # fmt: skip
    return found


def _holders(rows: pd.DataFrame) -> tuple[Holder, ...]:
    reaches = rows["planner"].value_counts()
    alone = rows.loc[rows["reached_by"] == 1, "planner"].value_counts()
    found = [Holder(str(name), int(many), int(alone.get(name, 0))) for name, many in reaches.items()]
    return tuple(sorted(found, key=lambda one: (-one.reaches, -one.alone, one.planner)))
