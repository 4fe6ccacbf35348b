"""Many calls on few cores: in adaptive batches, in order or as they are done; no process outlives the caller.

Each worker is a process of its own with one batch in hand, so that its death costs that batch only: it is tried again
in halves, until the item that ends every worker is found. The only user of loky.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from typing import TypeVar

from edgesim.workers.batches import Batches, Lost
from edgesim.workers.folders import temporary_folder
from edgesim.workers.worker import Worker, packed

__all__ = ["Lost", "Progress", "cores", "each", "temporary_folder"]

Item = TypeVar("Item")
Value = TypeVar("Value")
Progress = Callable[[int, int], None]
Found = Generator[tuple[int, Value | Lost], None, None]


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
    count = min(workers or cores(), len(items))
    found = _elsewhere(function, items, count) if count > 1 else _here(function, items)
    with closing(found):
        told = _told(found, len(items), progress)
        yield from _in_order(told) if ordered else told


def cores() -> int:
    """Count the cores that this process may use."""
    from loky import cpu_count

    return int(cpu_count())


def _here(function: Callable[[Item], Value], items: Sequence[Item]) -> Found[Value]:
    yield from enumerate(map(function, items))


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


def _elsewhere(function: Callable[[Item], Value], items: Sequence[Item], count: int) -> Found[Value]:
    from loky import FIRST_COMPLETED, wait

    content = packed(function)
    batches, idle, busy = Batches(len(items), count), [Worker(content) for _ in range(count)], {}

    def fill() -> None:
        while idle and (batch := batches.take()):
            future = idle[-1].start([items[index] for index in batch.span])
            busy[future] = idle.pop(), batch

    try:
        fill()
        while busy:
            found = []
            for future in wait(busy, return_when=FIRST_COMPLETED).done:
                worker, batch = busy[future]
                found += worker.values(future, batch, batches)
                idle.append(worker)
                del busy[future]
            fill()  # before the caller takes its time with what is found
            yield from found
    finally:
        for worker in [*idle, *(worker for worker, _ in busy.values())]:
            worker.end(kill=bool(busy))
