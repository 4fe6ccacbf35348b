"""WRX for many cases at once: the plans of `edgesim.planners.wrx.wrx`, made together and priced as arrays."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from edgesim.batch.cases import Cases, Planned
from edgesim.batch.jobs import UNLIMITED, Jobs
from edgesim.batch.pricing import job_of
from edgesim.batch.stack import stacked
from edgesim.errors import EdgesimError
from edgesim.model import Model
from edgesim.planners.many.wrx_bases import Bases, bases_of, can_be_arrays
from edgesim.planners.many.wrx_drafts import Asked
from edgesim.planners.many.wrx_filled import NONE, fill, refusals
from edgesim.planners.many.wrx_jobs import jobs_of
from edgesim.planners.many.wrx_options import Options
from edgesim.planners.many.wrx_order import order_of
from edgesim.planners.many.wrx_raised import Raising
from edgesim.planners.wrx import wrx

if TYPE_CHECKING:
    from edgesim.batch.jobs import Flags
    from edgesim.planners.many.wrx_drafts import Places

_FEW = 40
"""Cases of one model that the planner makes faster one by one."""
_MANY, _NUMBERS = 2**12, 2**21
"""Cases, and numbers in one array, that are planned together: no more, so that memory does not grow with the cases."""


class _Made:
    """What has been planned so far."""

    def __init__(self, cases: Cases) -> None:
        self.cases = cases
        self.job = np.full(len(cases), -1, np.intp)
        self.refused: dict[int, EdgesimError] = {}
        self._parts: list[Jobs] = []
        self._count = 0

    def add(self, places: "Places", jobs: Jobs, which: "Places") -> None:
        """Note the plans of some cases, and which of them each has."""
        self.job[places] = self._count + which
        self._parts.append(jobs)
        self._count += len(jobs)

    def refuse(self, places: "Places", errors: Iterable[EdgesimError]) -> None:
        """Note why some cases have no plan."""
        self.refused.update(zip(places.tolist(), errors, strict=True))

    def planned(self) -> Planned:
        """Return all plans."""
        return Planned(stacked(self._parts), self.job, self.refused)


def wrx_many(cases: Cases, **options: Any) -> Planned:  # noqa: ANN401  (they are the planner's)
    """Plan each case as `edgesim.planners.wrx.wrx` does, with its options.

    Cases of one model are planned together where a request brings a layer, shards are alike, and no wait for
    decompression on a lane of its own matters; the others one by one.
    """
    made, chosen = _Made(cases), Options(**options)
    for places in _by_model(cases):
        together = places[:0]
        if chosen.a_layer_at_a_time:
            try:
                bitwidths = chosen.bitwidths(cases.bases[cases.base[places[0]]].model)
            except EdgesimError as error:
                made.refuse(places, [error] * len(places))
                continue
            together = places[_can_be_arrays(cases, places, bitwidths)]
        if len(together) >= _FEW:
            _plan_together(made, together, bitwidths, chosen)
        alone = np.setdiff1d(places, together) if len(together) >= _FEW else places
        for place in alone.tolist():
            _plan_one(made, place, options)
    return made.planned()


def _by_model(cases: Cases) -> Iterator["Places"]:
    """Yield the cases of each model; models with records are told apart by identity, as comparing them takes long."""
    kinds: list[Model] = []
    number: dict[int, int] = {}
    for model in (base.model for base in cases.bases):
        if id(model) not in number:
            same = (place for place, kind in enumerate(kinds) if kind.records is model.records and kind == model)
            number[id(model)] = next(same, len(kinds))
            kinds += [model] if number[id(model)] == len(kinds) else []
    kind = np.array([number[id(base.model)] for base in cases.bases], np.intp)[cases.base]
    for each in np.unique(kind):
        yield np.flatnonzero(kind == each)


def _can_be_arrays(cases: Cases, places: "Places", bitwidths: list[int]) -> "Flags":
    """Tell which of some cases can be planned together."""
    used, which = np.unique(cases.base[places], return_inverse=True)
    can = np.array([can_be_arrays(cases.bases[base], bitwidths) for base in used.tolist()], np.bool_)
    return can[which]


def _plan_together(made: _Made, places: "Places", bitwidths: list[int], options: Options) -> None:
    """Plan cases of one model, some thousand at a time."""
    cases = made.cases
    used, which = np.unique(cases.base[places], return_inverse=True)
    bases = bases_of([cases.bases[base] for base in used.tolist()], bitwidths)
    preload_bytes = cases.preload_bytes[places] * options.preload
    asked = Asked(which, cases.target_ns[places], preload_bytes, cases.room_bytes[places])
    step = max(1, min(_MANY, _NUMBERS // _numbers(bases.model)))
    for start in range(0, len(places), step):
        rows = np.arange(start, min(start + step, len(places)))
        _plan_some(made, places[rows], bases, asked.take(rows), options)


def _numbers(model: Model) -> int:
    """Return how many numbers the largest array has for one case."""
    return model.layers * max(model.layers, model.shards_per_layer)


def _plan_some(made: _Made, places: "Places", bases: Bases, asked: Asked, options: Options) -> None:
    filling = options.filling(bases.bitwidths)
    frame, bits = fill(bases, asked, filling)
    open_, done = np.flatnonzero(bits == NONE), np.flatnonzero(bits != NONE)
    made.refuse(places[open_], refusals(bases, asked.take(open_), frame[open_], filling))
    if not len(done):
        return
    drafts = filling.drafts(bases, asked.take(done), frame[done], bits[done])
    raising = Raising(drafts, bits[done], filling.kept(bits[done]))
    if options.upgrade:
        raising.run(order_of(drafts, options.importance, options.seed))
    made.add(places[done], *jobs_of(raising))


def _plan_one(made: _Made, place: int, options: dict[str, Any]) -> None:
    """Ask the planner."""
    cases = made.cases
    target, preload, room = (int(each[place]) for each in (cases.target_ns, cases.preload_bytes, cases.room_bytes))
    update: dict[str, int | None] = {"target_latency_ns": target, "preload_bytes": preload}
    update |= {"load_buffer_bytes": None if room == UNLIMITED else room}
    scenario = cases.bases[cases.base[place]].model_copy(update=update)
    try:
        plan = wrx(scenario.model, scenario.device, scenario.budget, **options)
    except EdgesimError as error:
        made.refused[place] = error
    else:
        made.add(np.array([place]), job_of(plan, scenario), np.zeros(1, np.intp))
