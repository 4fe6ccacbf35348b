"""One process that does batch after batch, and another one after its death."""

import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pickle import loads
from typing import Any

from edgesim.workers.sizes import Lost, Outcome

THREADS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS",
)  # fmt: skip
"""What numeric libraries ask for their number of threads."""
LOOKS_EVERY_S = 0.2
_NOTICES_S = 1.0
"""How long loky may take to see that a process is gone."""


def packed(thing: object) -> bytes:
    """Pack anything with all that it refers to; functions and classes of a notebook can be sent, too."""
    from cloudpickle import dumps  # loky brings it

    return bytes(dumps(thing))


class Worker:
    """One process at a time; it is started with the first batch, and knows its function all its life.

    With `idle_s`, a process that has had nothing to do for so long ends, and another one is started when it is needed.
    """

    def __init__(self, function: bytes, idle_s: float | None = None) -> None:
        self.function = function
        self.idle_s = idle_s
        self.pool: Any = None
        self._gone_s: float | None = None  # since when

    def start(self, items: object) -> Any:  # noqa: ANN401  (loky has no types)
        """Give the process a batch of items, and return the future of its outcome."""
        from loky import BrokenProcessPool

        with _interrupts_held():  # the process inherits it: Ctrl-C is for the caller, who ends the workers
            try:
                return self._submitted(items)
            except BrokenProcessPool:  # it was killed with nothing in hand, which costs nothing
                self.end(kill=True)
                return self._submitted(items)

    def _submitted(self, items: object) -> Any:  # noqa: ANN401
        from loky import ProcessPoolExecutor

        if self.pool is None:
            environment = dict.fromkeys(THREADS, "1")
            beginning = {"initializer": _begin, "initargs": (self.function, os.getpid())}
            self.pool = ProcessPoolExecutor(1, timeout=self.idle_s, env=environment, **beginning)
        return self.pool.submit(_call, items)

    def outcome(self, future: Any) -> Outcome:  # noqa: ANN401
        """Wait for the end of a batch.

        Raises
        ------
        Exception
            Whatever the function raised.
        """
        from loky import BrokenProcessPool, wait

        while not wait([future], LOOKS_EVERY_S).done:
            self.look()
        try:
            return future.result()  # type: ignore[no-any-return]
        except BrokenProcessPool as error:
            self.end(kill=True)
            return Lost(_how(error))

    def look(self) -> None:
        """See whether the process was killed while it sent the value of its batch.

        Loky would wait for ever for the rest of it, for it has both ends of the pipe open.
        """
        from multiprocessing.connection import wait

        gone = wait([process.sentinel for process in list(self.pool._processes.values())], 0)
        if not gone:
            self._gone_s = None
        elif self._gone_s is None:
            self._gone_s = time.monotonic()
        elif time.monotonic() - self._gone_s > _NOTICES_S:
            self.pool._result_queue._writer.close()

    def end(self, *, kill: bool) -> None:
        """End the process: at once, or when it has done its batch."""
        if self.pool is not None:
            self.pool.shutdown(wait=True, kill_workers=kill)
            self.pool = self._gone_s = None


def _how(error: Exception) -> str:
    """Return loky's signal or exit code; it has none if it missed the end of a value."""
    _, has, rest = str(error).rpartition("{")
    return rest.partition("}")[0] if has else "while it sent its value"


@contextmanager
def _interrupts_held() -> Iterator[None]:
    from multiprocessing import resource_tracker

    from loky.backend.resource_tracker import ensure_running

    # without pgrep, loky cannot end what a worker has started, and says so; what workers start ends with them here
    warnings.filterwarnings("ignore", "Failed to kill subprocesses", UserWarning)
    # where psutil is installed, loky replaces a worker that has grown; nothing is lost by that
    warnings.filterwarnings("ignore", "A worker stopped while some jobs were given", UserWarning)
    ensure_running()  # it would let interrupts through again
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # Python's own, which loky starts with the first worker, would as well
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_packed = b""
_function: Callable[[Any], Any] | None = None


def _begin(function: bytes, parent: int) -> None:
    """Prepare a worker: it ends with its parent, and what a plugin prints does not reach the parent's output."""
    global _packed  # noqa: PLW0603  (a worker has one function all its life)
    _packed = function
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    sys.stdout = sys.stderr
    os.dup2(2, 1)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOKS_EVERY_S)
    os._exit(1)


def _call(items: object) -> tuple[float, Any]:
    """Return the time that a batch took [s], and its value."""
    global _function  # noqa: PLW0603  (unpacked here and not in `_begin`, so that an error reaches the caller)
    if _function is None:
        _function = loads(_packed)
    function = _function
    began = time.perf_counter()
    try:
        value = function(items)
    except Exception as error:
        if _can_be_sent(error):
            raise
        raise RuntimeError(f"{type(error).__name__}: {error}") from error  # else the caller would take it for a death
    return time.perf_counter() - began, value


def _can_be_sent(error: Exception) -> bool:
    """Tell whether an exception can be made again of its arguments, as the caller will."""
    try:
        loads(packed(error))
    except Exception:  # whatever a stranger's exception does then
        return False
    return True
