"""Many calls on few cores or on a cluster: in adaptive batches, as they are done; no process outlives the caller.

Each batch is done by a process that has no other in hand, so that its death costs that batch only: it is tried again
in halves, until the item that ends every process is found. The only user of loky and of Dask.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from edgesim.workers.crews import Crew, crew_of
from edgesim.workers.folders import temporary_folder
from edgesim.workers.sizes import BATCH_S, Batches, Lost

__all__ = ["BATCH_S", "Lost", "Progress", "batches", "cores", "each", "temporary_folder"]

Item = TypeVar("Item")
Value = TypeVar("Value")
Progress = Callable[[int, int], None]


def batches(
    function: Callable[[Sequence[Item]], Value],
    items: Sequence[Item],
    workers: int | None = None,
    *,
    cluster: str | None = None,
    seconds: float = BATCH_S,
) -> Generator[tuple[range, Value | Lost], None, None]:
    """Call a function with some items at a time, as many as it does in a given time.

    Parameters
    ----------
    function
        What is called with a list of items; other processes get it once, with all that it refers to.
    items
        Each is asked for once, when its turn comes, or again after a death; nothing is kept of what is done.
    workers
        How many processes; 1 is this one. By default one for each core that this process may use.
    cluster
        Where the processes are, if not here: ``host:port`` of a Dask scheduler, whose workers do it, however many join
        or leave meanwhile, with a process for each of their threads; or ``local`` for a cluster of so many `workers`.
    seconds
        How long a batch should take.

    Yields
    ------
    places, value
        Which items these were, in any order, and what the call returned; `Lost` for one that ended its process each
        time.

    Raises
    ------
    InputError
        If the cluster is no address, or Dask is not installed.
    ExecutionError
        If the cluster cannot be reached, has no workers or other versions of edgesim or Python, or its scheduler ends.
    Exception
        Whatever a call raises. All workers are ended then, and also when the caller stops before all calls are done.
    """
    count = max(1, min(workers or cores(), len(items)))
    left = Batches(len(items), seconds)
    with crew_of(function, count, cluster if len(items) else None) as crew:
        _fill(crew, left, items)
        while crew.is_busy:
            found = [pair for batch, outcome in crew.ended() for pair in left.ended(batch, outcome)]
            _fill(crew, left, items)  # before the caller takes its time with what is found
            yield from found


def _fill(crew: Crew, left: Batches, items: Sequence[Any]) -> None:
    while crew.room > 0 and (batch := left.take(crew.workers)):
        crew.begin(batch, [items[place] for place in batch.span])


def each(
    function: Callable[[Item], Value],
    items: Sequence[Item],
    workers: int | None = None,
    *,
    ordered: bool = True,
    progress: Progress | None = None,
) -> Iterator[tuple[int, Value | Lost]]:
    """Call a function with each of some items.

    Parameters
    ----------
    function
        What is called; other processes get it once, with all that it refers to.
    items
        What it is called with.
    workers
        How many processes; 1 is this one. By default one for each core that this process may use.
    ordered
        In the order of the items; else as they are done.
    progress
        Called with how many calls are done, and of how many.

    Yields
    ------
    index, value
        Place among the items, and what the call returned; `Lost` where it ended its process.

    Raises
    ------
    Exception
        Whatever a call raises. All workers are ended then, and also when the caller stops before all calls are done.
    """
    with closing(batches(_Each(function), items, workers)) as found:
        pairs = _one_by_one(found)
        told = _told(pairs, len(items), progress)
        yield from _in_order(told) if ordered else told


def cores() -> int:
    """Count the cores that this process may use."""
    from loky import cpu_count

    return int(cpu_count())


@dataclass(frozen=True, slots=True)
class _Each(Generic[Item, Value]):
    """Calls a function with each item of a batch."""

    function: Callable[[Item], Value]

    def __call__(self, items: Sequence[Item]) -> list[Value]:
        return [self.function(item) for item in items]


def _one_by_one(found: Iterator[tuple[range, list[Value] | Lost]]) -> Iterator[tuple[int, Value | Lost]]:
    for span, values in found:
        if isinstance(values, Lost):
            yield span[0], values
        else:
            yield from zip(span, values, strict=True)


def _told(found: Iterator[Value], every: int, progress: Progress | None) -> Iterator[Value]:
    for done, pair in enumerate(found, 1):
        if progress:
            progress(done, every)
        yield pair


def _in_order(found: Iterator[tuple[int, Value]]) -> Iterator[tuple[int, Value]]:
    early: dict[int, Value] = {}
    due = 0
    for index, value in found:
        early[index] = value
        while due in early:
            yield due, early.pop(due)
            due += 1
