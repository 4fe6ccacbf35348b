"""Numbers of points -> rows: those that need no events through the recurrence, the others through the simulation."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from edgesim.batch.cases import Cases
from edgesim.batch.jobs import UNLIMITED
from edgesim.bulk.measuring import measured
from edgesim.bulk.plain import is_plain
from edgesim.errors import EdgesimError, InputError, MissingLibraryError
from edgesim.experiment import run
from edgesim.files.spaces import Case, Space
from edgesim.scenario import Scenario
from edgesim.sweeps.columns import (
    DONE,
    FAILED,
    LOST,
    RECURRENCE,
    SIMULATION,
    Columns,
    Rows,
)
from edgesim.sweeps.sampling import Sample, check_point, refusal


class _Base(NamedTuple):
    """A scenario that some cases share, and their places."""

    scenario: Scenario
    places: list[int]


@dataclass(frozen=True, slots=True)
class Evaluator:
    """Turns points into rows; it is sent to other processes as it is.

    Parameters
    ----------
    space
        All points.
    columns
        Of the rows.
    sample
        Which points are computed both ways.
    simulate
        Simulate every point: rows with figures of sessions need that.
    """

    space: Space
    columns: Columns
    sample: Sample
    simulate: bool

    def __call__(self, indexes: Sequence[int]) -> pd.DataFrame:
        """Return a row for each point that the sweep's filters leave.

        Raises
        ------
        EngineError
            If the recurrence and the simulation disagree.
        MissingLibraryError
            If a planner needs a library that is not installed.
        """
        cases = [case for case in map(self.space.case, indexes) if case is not None]
        rows = self._described(cases)
        plain: list[_Base] = []
        for base in self._bases(cases, rows):
            if not self.simulate and is_plain(base.scenario):
                plain.append(base)
            else:
                self._simulate(cases, base.places, rows)
        for planner in sorted({cases[place].planner for base in plain for place in base.places}):
            own = [_Base(each, [p for p in places if cases[p].planner == planner]) for each, places in plain]
            self._at_once(cases, [base for base in own if base.places], rows)
        return rows.frame()

    def lost(self, index: int, reason: str) -> pd.DataFrame:
        """Return the row of a point that ended its process each time."""
        cases = [case for case in [self.space.case(index)] if case is not None]
        rows = self._described(cases)
        list(self._bases(cases, rows))
        for place in range(len(cases)):
            rows.fill(place, {"status": LOST, "reason": f"ended its process, {reason}"})
        return rows.frame()

    def _described(self, cases: Sequence[Case]) -> Rows:
        """Return rows that say which points they are."""
        rows, every = Rows(self.columns, len(cases)), slice(None)
        room = [UNLIMITED if case.room_bytes is None else case.room_bytes for case in cases]
        labels = np.array([choice.label for choice in self.space.planners], object)
        rows.set("point", every, [case.index for case in cases])
        rows.set("scenario", every, self.space.name)
        rows.set("planner", every, labels[[case.planner for case in cases]])
        rows.set("preload_buffer_bytes", every, [case.preload_bytes for case in cases])
        rows.set("load_buffer_bytes", every, room, np.array(room) != UNLIMITED)
        rows.set("target_latency_ns", every, [case.target_ns for case in cases])
        return rows

    def _bases(self, cases: Sequence[Case], rows: Rows) -> Iterator[_Base]:
        """Yield the scenarios that there can be; points of others are invalid."""
        by_base: dict[int, list[int]] = {}
        for place, case in enumerate(cases):
            by_base.setdefault(case.base, []).append(place)
        for number, places in by_base.items():
            first = cases[places[0]].index
            settings = self.space.settings(first)
            named = {key: settings.get(key, name) for key, name in self.space.names.items()}
            for key, value in (named | self.space.values(first)).items():
                rows.set(key, places, value)
            try:
                scenario = self.space.base(number)
            except InputError as error:
                self._refuse(places, error, rows)
                continue
            names = (scenario.device.name, scenario.processor, scenario.model.name)
            for key, name in zip(("device", "processor", "model"), names, strict=True):
                rows.set(key, places, name)
            if scenario.throttle is not None:
                rows.set("throttle", places, scenario.throttle.name)
            yield _Base(scenario, places)

    def _refuse(self, places: Iterable[int], error: EdgesimError, rows: Rows) -> None:
        if isinstance(error, MissingLibraryError):  # to be installed before anything is computed
            raise error
        for place in places:
            rows.fill(place, refusal(error))

    def _simulate(self, cases: Sequence[Case], places: Iterable[int], rows: Rows) -> None:
        """Fill rows one by one."""
        for place in places:
            try:
                row = self._simulated(cases[place])
                rows.fill(place, row | {"status": DONE, "engine": SIMULATION})
            except EdgesimError as error:
                self._refuse([place], error, rows)
            except OverflowError as error:
                rows.fill(place, {"status": FAILED, "reason": str(error)})

    def _simulated(self, case: Case) -> dict[str, object]:
        scenario, choice = self.space.scenario(case), self.space.planners[case.planner]
        row = run(scenario, choice, keep_spans=False).to_row()
        return {name: row[name] for name in self.columns if name in row and name not in {"scenario", "planner"}}

    def _at_once(self, cases: Sequence[Case], bases: Sequence[_Base], rows: Rows) -> None:
        """Fill the rows of one planner through the recurrence, and look at some of them in the simulation."""
        places = np.array([place for base in bases for place in base.places])
        found = measured(_cases_of(cases, bases), self.space.planners[cases[places[0]].planner])
        for place, error in found.refused.items():
            self._refuse([places[place]], error, rows)
        done = np.flatnonzero(found.done)
        rows.set("status", places[done], DONE)
        rows.set("engine", places[done], RECURRENCE)
        for name, (values, known) in found.columns.items():
            rows.set(name, places[done], values[done], known[done])
        self._simulate(cases, [int(places[place]) for place in found.too_large], rows)
        for place in range(len(places)):
            case = cases[places[place]]
            if self.sample.has(case.index) and place not in found.too_large:
                settings, choice = self.space.settings(case.index), self.space.planners[case.planner]
                check_point(found, place, self.space.scenario(case), choice, settings)


def _cases_of(cases: Sequence[Case], bases: Sequence[_Base]) -> Cases:
    chosen = [cases[place] for base in bases for place in base.places]
    numbers = [number for number, base in enumerate(bases) for _ in base.places]
    return Cases(
        bases=tuple(base.scenario for base in bases),
        base=np.array(numbers, np.intp),
        target_ns=np.array([case.target_ns for case in chosen], np.int64),
        preload_bytes=np.array([case.preload_bytes for case in chosen], np.int64),
        room_bytes=np.array([UNLIMITED if c.room_bytes is None else c.room_bytes for c in chosen], np.int64),
    )
