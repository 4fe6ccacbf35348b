"""What is done on a worker of a Dask cluster: each of its threads has a process that does the batches.

So what a batch does to its process harms no other, and not the worker; and threads of numeric libraries are few there,
too, whoever started the worker.
"""

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pickle import loads
from typing import Any

from edgesim.workers.sizes import Outcome
from edgesim.workers.worker import Worker, packed

IDLE_S = 10.0
"""A process ends when it has had nothing to do for so long, for nobody tells it that the caller has gone."""
_own = threading.local()


def versions() -> str:
    """Return what must be the same on both sides."""
    from edgesim import __version__

    return f"edgesim {__version__} on Python {sys.version_info.major}.{sys.version_info.minor}"


@dataclass(frozen=True, slots=True)
class Other:
    """Instead of an outcome: the worker is not what the caller is."""

    worker: str
    versions: str


@dataclass(frozen=True, slots=True)
class Remote:
    """Calls a function in the process of a thread; items and value are packed, all the way to that process and back."""

    function: bytes
    wanted: str

    @classmethod
    def of(cls, function: Callable[[Any], Any]) -> "Remote":
        """Prepare a function to be sent."""
        return cls(packed(_Packing(function)), versions())

    def __call__(self, items: bytes) -> Outcome | Other:
        """Do a batch.

        Raises
        ------
        Exception
            Whatever the function raises.
        """
        if versions() != self.wanted:
            from distributed import get_worker

            return Other(get_worker().address, versions())
        worker = _worker(self.function)
        return worker.outcome(worker.start(items))


def _worker(function: bytes) -> Worker:
    from multiprocessing import current_process

    worker: Worker | None = getattr(_own, "worker", None)
    if worker is None or worker.function != function:
        if worker is not None:
            worker.end(kill=True)
        # Dask makes its workers daemons, which must not have children; these end by themselves when the worker does
        current_process().daemon = False
        worker = _own.worker = Worker(function, IDLE_S)
    return worker


@dataclass(frozen=True, slots=True)
class _Packing:
    """Calls a function with unpacked items, and packs its value."""

    function: Callable[[Any], Any]

    def __call__(self, items: bytes) -> bytes:
        return packed(self.function(loads(items)))
