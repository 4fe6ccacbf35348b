"""Who does batches: this process, or some others; a Dask cluster is in `edgesim.workers.cluster`."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from edgesim.workers.sizes import Batch, Outcome
from edgesim.workers.worker import LOOKS_EVERY_S, Worker, packed


class Crew(Protocol):
    """Takes batches, and tells what became of them in any order."""

    @property
    def workers(self) -> int:
        """How many batches are done at the same time; it may change."""

    @property
    def room(self) -> int:
        """How many more batches may be begun now; of an idle crew at least one."""

    @property
    def is_busy(self) -> bool:
        """Whether a batch was begun and has not ended."""

    def begin(self, batch: Batch, items: Sequence[Any]) -> None:
        """Take a batch."""

    def ended(self) -> list[tuple[Batch, Outcome]]:
        """Wait until a batch has ended, and return all that have."""


class _Here:
    """Does a batch in this process, when it is asked what became of it."""

    workers = 1

    def __init__(self, function: Callable[[Sequence[Any]], Any]) -> None:
        self._function = function
        self._begun: list[tuple[Batch, Sequence[Any]]] = []

    @property
    def room(self) -> int:
        return 1 - len(self._begun)

    @property
    def is_busy(self) -> bool:
        return bool(self._begun)

    def begin(self, batch: Batch, items: Sequence[Any]) -> None:
        self._begun.append((batch, items))

    def ended(self) -> list[tuple[Batch, Outcome]]:
        batch, items = self._begun.pop()
        began = time.perf_counter()
        value = self._function(items)
        return [(batch, (time.perf_counter() - began, value))]


class _Processes:
    """Some processes of loky, each with one batch in hand."""

    def __init__(self, function: bytes, workers: int) -> None:
        self.workers = workers
        self._idle = [Worker(function) for _ in range(workers)]
        self._busy: dict[Any, tuple[Worker, Batch]] = {}

    @property
    def room(self) -> int:
        return len(self._idle)

    @property
    def is_busy(self) -> bool:
        return bool(self._busy)

    def begin(self, batch: Batch, items: Sequence[Any]) -> None:
        future = self._idle[-1].start(items)
        self._busy[future] = self._idle.pop(), batch

    def ended(self) -> list[tuple[Batch, Outcome]]:
        from loky import FIRST_COMPLETED, wait

        done: set[Any] = set()
        while not done:
            for worker, _ in self._busy.values():
                worker.look()
            done = wait(self._busy, LOOKS_EVERY_S, return_when=FIRST_COMPLETED).done
        return [self._ended(future) for future in done]

    def _ended(self, future: Any) -> tuple[Batch, Outcome]:  # noqa: ANN401  (loky has no types)
        worker, batch = self._busy[future]
        outcome = worker.outcome(future)
        self._idle.append(worker)
        del self._busy[future]
        return batch, outcome

    def end(self) -> None:
        for worker in [*self._idle, *(worker for worker, _ in self._busy.values())]:
            worker.end(kill=self.is_busy)


@contextmanager
def processes(function: Callable[[Sequence[Any]], Any], workers: int) -> Iterator[Crew]:
    """Have some processes for the time of a context; those still busy at its end are killed."""
    crew = _Processes(packed(function), workers)
    try:
        yield crew
    finally:
        crew.end()


@contextmanager
def here(function: Callable[[Sequence[Any]], Any]) -> Iterator[Crew]:
    """Have this process for a crew."""
    yield _Here(function)


def crew_of(
    function: Callable[[Sequence[Any]], Any], workers: int, cluster: str | None
) -> AbstractContextManager[Crew]:
    """Choose who does the batches of a function."""
    if cluster is not None:
        from edgesim.workers.cluster import clustered

        return clustered(function, cluster, workers)
    return processes(function, workers) if workers > 1 else here(function)
