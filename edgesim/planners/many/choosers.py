"""Which candidate of a search each target chooses: found once for all targets, or one by one where they are dear."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, cast

from edgesim.batch.jobs import UNLIMITED, Jobs
from edgesim.batch.pricing import job_of
from edgesim.batch.stack import stacked
from edgesim.device import Device, Storage
from edgesim.model import Model
from edgesim.planners.many.laid_out import Layout
from edgesim.planners.many.layers import Executed, Submodels, executed_by, submodels_of
from edgesim.planners.many.lists import Shortlist, shortlist
from edgesim.planners.many.pieces import Pieces, Reads
from edgesim.planners.many.priced import Bench
from edgesim.planners.many.recent import Recent
from edgesim.planners.same import Same
from edgesim.planners.search import Candidate, Search, written
from edgesim.planners.searched import Searching
from edgesim.planners.streamed import Streamed
from edgesim.planners.submodels import Submodel
from edgesim.plans import Plan
from edgesim.scenario import Scenario

if TYPE_CHECKING:
    from edgesim.batch.jobs import Integers

_CELLS = 2**20
_MOST_BYTES = 2**25


@dataclass(frozen=True)
class Listed:
    """All candidates were timed at once; those that no target chooses are forgotten."""

    search: Search
    bench: Bench
    listed: Shortlist

    @property
    def shortest_ns(self) -> int | None:
        """Makespan of the fastest candidate [ns], or None where all wait for themselves."""
        return int(self.listed.makespan_ns[-1]) if self.listed.candidates else None

    def first(self, target_ns: "Integers") -> Sequence[Candidate | None]:
        """Return the first candidate that meets each target, or None where none does, (T,)."""
        choices = [*self.listed.candidates, None]
        return [choices[place] for place in self.listed.first(target_ns).tolist()]

    @property
    def n_bytes(self) -> int:
        """Memory that it takes [B], about, with a part of the device that is kept for it."""
        return self.listed.n_bytes + 50 * len(self.search.submodels) + 10_000


@dataclass(frozen=True)
class Walked:
    """Candidates are made and timed when a target comes to them, once for all targets."""

    search: Search
    jobs: dict[int, Jobs] = field(default_factory=dict)
    """Of candidates that were chosen, by identity."""

    @property
    def shortest_ns(self) -> int | None:
        """Makespan of the fastest candidate [ns], or None where all wait for themselves."""
        return self.search.shortest_ns()

    def first(self, target_ns: "Integers") -> Sequence[Candidate | None]:
        """Return the first candidate that meets each target, or None where none does, (T,)."""
        return [self.search.first(target) for target in target_ns.tolist()]

    def priced(self, candidates: Sequence[Candidate], scenario: Scenario) -> Jobs:
        """Price candidates that were chosen for a scenario with the budget of the search."""
        for each in candidates:
            if id(each) not in self.jobs:
                self.jobs[id(each)] = job_of(written(each, scenario.model), scenario)
        return stacked([self.jobs[id(each)] for each in candidates])

    @property
    def n_bytes(self) -> int:
        """Memory that it takes [B], about."""
        plans = sum(300 * sum(map(len, each.shards)) for each in self.search.tried() if isinstance(each, Plan))
        return 1000 * len(self.search.submodels) + plans + 10_000 * len(self.jobs)


_LAYOUTS = Recent[tuple[Layout, bool]](_MOST_BYTES, lambda made: made[0].n_bytes)
_PRICED = Recent[Jobs](_MOST_BYTES, lambda jobs: 2 * sum(getattr(jobs, name).nbytes for name in Jobs.__slots__))
_EXECUTED = Recent[Executed](_MOST_BYTES, lambda made: 6 * made.compute_ns.nbytes)
_LISTS = Recent[Shortlist](_MOST_BYTES, lambda made: made.n_bytes)


def chooser(searching: Searching, search: Search, options: Hashable) -> Listed | Walked:
    """Return what answers all targets of one search, made with some options.

    Raises
    ------
    EdgesimError
        If a candidate cannot be made.
    """
    if searching.dear:
        return Walked(search)
    try:
        bench = _bench(search)
        plans = searching.search, options, Same(search.submodels), *_inputs(searching, search)
        key = plans, Same(search.device), search.budget.processor
        room = UNLIMITED if search.budget.load_buffer_bytes is None else search.budget.load_buffer_bytes
        listed = _LISTS.get((key, room), lambda: shortlist(_parts(bench, search, key), room))
    except OverflowError:  # numbers beyond 64 bits are for plain integers
        return Walked(search)
    return Listed(search, bench, listed)


def _inputs(searching: Searching, search: Search) -> Iterator[Hashable]:
    """Yield what candidates depend on apart from the model."""
    found = {"preload": search.budget.preload_bytes, "room": search.budget.load_buffer_bytes,
             "lanes": search.device.storage.lanes,
             "device": (Same(search.device), search.budget.processor)}  # fmt: skip
    return (value for name, value in found.items() if name in searching.depends)


def _bench(search: Search) -> Bench:
    model, device, processor = search.model, search.device, search.budget.processor
    submodels, pieces = _submodels(Same(search.submodels), Same(model)), _pieces(Same(model))
    on = Same(submodels), Same(device.processors[processor]), processor
    executed = _EXECUTED.get(on, lambda: executed_by(submodels, device, processor))
    return Bench(submodels, pieces, executed, _reads(Same(pieces), Same(device.storage)), device, processor)


@lru_cache(maxsize=16)
def _submodels(every: Same[tuple[Submodel, ...]], model: Same[Model]) -> Submodels:
    return submodels_of(every.it, model.it)


@lru_cache(maxsize=16)
def _pieces(model: Same[Model]) -> Pieces:
    return Pieces(model.it)


@lru_cache(maxsize=256)
def _reads(pieces: Same[Pieces], storage: Same[Storage]) -> Reads:
    return Reads(pieces.it, storage.it)


_Key = tuple[Hashable, Same[Device], str]


def _parts(bench: Bench, search: Search, key: _Key) -> Iterator[tuple[Sequence[Streamed], Jobs]]:
    """Yield all candidates with their prices, so many at once as arrays may hold; the first of them are kept."""
    most = bench.submodels.executed.shape[1]
    size = max(1, _CELLS // most**2)

    def head() -> tuple[Layout, bool]:
        some = _streamed(islice(search.candidates(), size + 1))
        return bench.laid_out(some[:size]), len(some) > size

    layout, more = _LAYOUTS.get(key[0], head)
    yield layout.candidates, _PRICED.get(key, lambda: bench.jobs(layout))
    rest = islice(search.candidates(), size, None) if more else iter(())
    while some := _streamed(islice(rest, size)):
        yield some, bench.jobs(bench.laid_out(some))


def _streamed(candidates: Iterator[Candidate]) -> list[Streamed]:
    """Return candidates that are plans in short, as those of every planner that is not dear are."""
    return cast("list[Streamed]", list(candidates))
