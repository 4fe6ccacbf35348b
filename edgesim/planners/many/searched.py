"""Planners that choose by a search, for many cases: what is searched is the same for all targets."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from edgesim.batch.cases import Cases, Many, Planned
from edgesim.batch.jobs import UNLIMITED, Jobs
from edgesim.batch.stack import stacked
from edgesim.errors import EdgesimError, InfeasibleError
from edgesim.planners.many.choosers import Listed, Walked, chooser
from edgesim.planners.many.priced import Bench
from edgesim.planners.many.recent import Recent
from edgesim.planners.same import Same
from edgesim.planners.search import Candidate
from edgesim.planners.searched import Searching
from edgesim.planners.streamed import Streamed
from edgesim.scenario import Scenario

if TYPE_CHECKING:
    from numpy.typing import NDArray

    _Part = tuple[Jobs, NDArray[np.intp], NDArray[np.intp]]
    """Priced plans, some cases, and which of the plans each of those has."""

_CHOOSERS = Recent[Listed | Walked](2**26, lambda made: made.n_bytes)


def many_searched(searching: Searching) -> Many:
    """Return what plans many cases at once as a planner does that chooses by a search.

    What was searched lately is kept, for cases with the same model, device, processor and buffers: the same objects, as
    models and devices do not change.
    """

    def planned(cases: Cases, **options: Any) -> Planned:  # noqa: ANN401  (any options of any planner)
        found = _Found(cases)
        for rows in _groups(cases):
            try:
                found.choose(rows, _chooser(searching, options, found.scenario(rows[0])))
            except EdgesimError as error:
                found.refused |= {int(row): type(error)(*error.args) for row in rows}
        return found.planned()

    return planned


def _groups(cases: Cases) -> "Iterator[NDArray[np.intp]]":
    """Yield the cases that differ in their targets only, together."""
    keys = np.stack([cases.room_bytes, cases.preload_bytes, cases.base])
    order = np.lexsort(keys)
    changes = (np.diff(keys[:, order], axis=1) != 0).any(axis=0)
    return iter(np.split(order, 1 + np.flatnonzero(changes)) if len(order) else ())


def _chooser(searching: Searching, options: Mapping[str, Any], scenario: Scenario) -> Listed | Walked:
    model, device, budget = scenario.model, scenario.device, scenario.budget
    given = tuple(sorted(options.items()))
    key = searching.search, given, Same(model), Same(device), budget._replace(target_latency_ns=0)
    return _CHOOSERS.get(key, lambda: chooser(searching, searching.search(model, device, budget, **options), given))


@dataclass
class _Chosen:
    """Plans in short that are chosen on one device, their load buffers, and which cases have which of them."""

    bench: Bench
    candidates: list[Streamed] = field(default_factory=list)
    rooms: list[int] = field(default_factory=list)
    rows: "list[NDArray[np.intp]]" = field(default_factory=list)
    places: "list[NDArray[np.intp]]" = field(default_factory=list)

    def priced(self) -> "_Part":
        layout = self.bench.laid_out(self.candidates)
        room = np.where(layout.ignores, UNLIMITED, np.array(self.rooms, np.int64))
        return replace(self.bench.jobs(layout), room_bytes=room), np.concatenate(self.rows), np.concatenate(self.places)


class _Found:
    """What has been decided so far."""

    def __init__(self, cases: Cases) -> None:
        self._cases, self.refused = cases, dict[int, EdgesimError]()
        self._parts, self._chosen = list["_Part"](), dict[Hashable, _Chosen]()

    def scenario(self, row: int) -> Scenario:
        """Return the scenario of a case, whatever its target."""
        cases = self._cases
        room = int(cases.room_bytes[row])
        budget = {
            "preload_bytes": int(cases.preload_bytes[row]),
            "load_buffer_bytes": None if room == UNLIMITED else room,
        }
        base: Scenario = cases.bases[cases.base[row]]
        return base.model_copy(update=budget)

    def choose(self, rows: "NDArray[np.intp]", made: Listed | Walked) -> None:
        """Decide cases that differ in their targets only."""
        targets, back = np.unique(self._cases.target_ns[rows], return_inverse=True)
        choices = made.first(targets)
        distinct = {id(choice): choice for choice in choices if choice is not None}
        number = {key: place for place, key in enumerate(distinct)}
        place = np.array([-1 if choice is None else number[id(choice)] for choice in choices], np.intp)[back]
        self._refuse(rows[place < 0], made)
        if distinct:
            self._take(rows[place >= 0], place[place >= 0], list(distinct.values()), made)

    def _refuse(self, rows: "NDArray[np.intp]", made: Listed | Walked) -> None:
        if len(rows):
            shortest, targets = made.shortest_ns, self._cases.target_ns[rows].tolist()
            messages = {target: made.search.shortage(shortest, target) for target in set(targets)}
            pairs = zip(rows.tolist(), targets, strict=True)
            self.refused |= {row: InfeasibleError(messages[target]) for row, target in pairs}

    def _take(
        self, rows: "NDArray[np.intp]", place: "NDArray[np.intp]", choices: Sequence[Candidate], made: Listed | Walked
    ) -> None:
        if isinstance(made, Walked):
            self._parts.append((made.priced(choices, self.scenario(rows[0])), rows, place))
            return
        bench = made.bench
        key = id(bench.submodels), id(bench.device), bench.processor
        chosen = self._chosen.setdefault(key, _Chosen(bench))
        chosen.rows.append(rows)
        chosen.places.append(place + len(chosen.candidates))
        chosen.candidates += cast("Sequence[Streamed]", choices)
        chosen.rooms += [int(self._cases.room_bytes[rows[0]])] * len(choices)

    def planned(self) -> Planned:
        """Put all plans one behind the other."""
        parts = [*self._parts, *(chosen.priced() for chosen in self._chosen.values())]
        job, before = np.full(len(self._cases), -1, np.intp), 0
        for jobs, rows, places in parts:
            job[rows] = before + places
            before += len(jobs)
        return Planned(stacked([jobs for jobs, _, _ in parts]), job, self.refused)
