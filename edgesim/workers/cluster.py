"""Batches on a Dask cluster: some for each thread of its workers, however many join or leave meanwhile."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from operator import methodcaller
from pickle import loads
from queue import Empty, SimpleQueue
from typing import Any, NoReturn

from edgesim.errors import ExecutionError
from edgesim.workers.connection import LOCAL, check_address, connected
from edgesim.workers.crews import Crew
from edgesim.workers.loopback import started
from edgesim.workers.remote import Other, Remote
from edgesim.workers.sizes import Batch, Lost, Outcome
from edgesim.workers.worker import packed

PATIENCE_S = 30.0
"""How long the scheduler may take for an answer, and may have no workers."""
_EACH = 2
"""Batches for each thread: one to do, and one to begin with when it is done."""
_LOOKS_EVERY_S = 1.0


@contextmanager
def clustered(function: Callable[[Sequence[Any]], Any], cluster: str, workers: int) -> Iterator[Crew]:
    """Have a Dask cluster for the time of a context; what it has not done by then it is not to do.

    Raises
    ------
    InputError
        If the cluster is no address, or Dask is not installed.
    ExecutionError
        If it cannot be reached, has no workers or other versions, or its scheduler ends.
    """
    check_address(cluster)
    if cluster == LOCAL:
        with started(workers) as address, connected(address, LOCAL) as client:
            yield _Cluster(client, LOCAL, function)
    else:
        with connected(cluster, cluster) as client:
            yield _Cluster(client, cluster, function)


class _Cluster:
    """Gives batches to the scheduler of a client."""

    def __init__(self, client: Any, name: str, function: Callable[[Sequence[Any]], Any]) -> None:  # noqa: ANN401
        self._client = client
        self._name = name
        self._busy: dict[Any, Batch] = {}
        self._ended: SimpleQueue[Any] = SimpleQueue()
        self._threads = 0
        self._served = self._looked = time.monotonic()
        self._look()
        remote = Remote.of(function)
        self._wanted = remote.wanted
        # a task and not scattered data, so that it is made again if the workers that have it leave
        self._remote = client.submit(bytes, packed(remote), pure=False)

    @property
    def workers(self) -> int:
        return max(1, self._threads)

    @property
    def room(self) -> int:
        return _EACH * self.workers - len(self._busy)

    @property
    def is_busy(self) -> bool:
        return bool(self._busy)

    def begin(self, batch: Batch, items: Sequence[Any]) -> None:
        from toolz import pipe  # Dask is made of it

        # nothing of ours is unpacked but by the task: a worker that cannot read a message or what a task needs, such as
        # one without edgesim, ends or asks for it again for ever
        with self._asking():
            future = self._client.submit(pipe, self._remote, loads, methodcaller("__call__", packed(items)), pure=False)
        self._busy[future] = batch
        future.add_done_callback(self._ended.put)

    def ended(self) -> list[tuple[Batch, Outcome]]:
        futures = self._next()
        found = zip(futures, self._values(futures), strict=True)
        return [(self._busy.pop(future), self._outcome(future, value)) for future, value in found]

    def _next(self) -> list[Any]:
        """Wait until batches have ended in any way, and look meanwhile whether the cluster is still there."""
        while True:
            if time.monotonic() - self._looked > _LOOKS_EVERY_S:
                self._look()
            with suppress(Empty):
                found = [self._ended.get(timeout=_LOOKS_EVERY_S)]
                while not self._ended.empty():
                    found.append(self._ended.get())
                return found

    def _values(self, futures: Sequence[Any]) -> list[Any]:
        """Return the values of batches, None for those that have none."""
        asked = dict(enumerate(futures))
        while True:
            with self._asking(), suppress(TimeoutError):  # values are made again if their worker has gone meanwhile
                found = self._client.sync(self._client.gather, asked, errors="skip", callback_timeout=PATIENCE_S)
                return list(found.values())
            self._look()

    def _look(self) -> None:
        """See how many threads the workers have now."""
        with self._asking():
            self._threads = sum(self._client.nthreads(callback_timeout=PATIENCE_S).values())
        self._looked = time.monotonic()
        if self._threads:
            self._served = self._looked
        elif self._looked - self._served > PATIENCE_S:
            raise ExecutionError(
                f"cluster {self._name}: no workers for {PATIENCE_S:g} s; start some with: dask worker"
                f" {self._client.scheduler.address}, and go on with --resume"
            )

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            if self._client.status != "running":  # it would try to connect again, to a scheduler that knows nothing
                self._gone()
            yield
        except OSError:
            self._gone()

    def _gone(self) -> NoReturn:
        raise ExecutionError(
            f"cluster {self._name}: the scheduler is gone; start it again, and go on with --resume"
        ) from None

    def _outcome(self, future: Any, value: Any) -> Outcome:  # noqa: ANN401
        if isinstance(value, Other):
            raise ExecutionError(
                f"cluster {self._name}: worker {value.worker} has {value.versions}, this is {self._wanted}; install the"
                " same there"
            )
        if value is None:
            return self._failed(future)
        return value if isinstance(value, Lost) else (value[0], loads(value[1]))

    def _failed(self, future: Any) -> Lost:  # noqa: ANN401
        from distributed.scheduler import KilledWorker

        if future.status != "error":
            self._gone()
        error = future.exception()
        if isinstance(error, KilledWorker):
            return Lost("ended its Dask worker")
        if isinstance(error, ModuleNotFoundError) and (error.name or "").split(".")[0] == "edgesim":
            raise ExecutionError(f"cluster {self._name}: a worker has no {error.name}; install {self._wanted} there")
        raise error
