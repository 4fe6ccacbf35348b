"""A process of its own for one call, of which nothing is left whatever happens.

::

    edgesim ── keeper ── worker, and what it starts

All are forks, so that everything is imported already and any function can be called. What the worker prints goes to
edgesim's standard error. The keeper only waits for edgesim's word, or its end, and then ends the worker with all that
it has started; should the keeper be killed, the kernel ends the worker.
"""

import faulthandler
import os
import signal
import sys
import time
import warnings
from codecs import getincrementaldecoder
from collections.abc import Callable
from contextlib import suppress
from io import BufferedWriter, FileIO
from selectors import EVENT_READ, DefaultSelector
from typing import NamedTuple, NoReturn

from edgesim.host.placement import die_with_parent

_CHUNK_BYTES = 1 << 16
_LENGTH_BYTES = 8
_SIGNALLED = 128
"""Added to the number of a signal, as shells do, where the keeper's exit code tells how the worker ended."""


class Ended(NamedTuple):
    """How a call ended: with an answer, or how without; `in_time` is false if it was ended."""

    answer: bytes | None
    how: str
    in_time: bool


class _Pipe(NamedTuple):
    read: FileIO
    write: FileIO


class _Pipes(NamedTuple):
    """What the worker answers, what it prints, and edgesim's word to the keeper."""

    answer: _Pipe
    printed: _Pipe
    word: _Pipe

    def close(self) -> None:
        """Close what is still open of them."""
        for end in (end for pipe in self for end in pipe):
            end.close()


def run_apart(task: Callable[[], bytes], limit_s: float) -> Ended:
    """Call a function in a process of its own, and end it after a time.

    Parameters
    ----------
    task
        What to do there; it should raise nothing.
    limit_s
        How long it may take [s].

    Raises
    ------
    OSError
        If no such process can be had.
    """
    import ctypes  # noqa: F401  (the worker needs it: imported here, it is imported only once)

    pipes = _Pipes(*(_pipe() for _ in _Pipes._fields))
    keeper, code = 0, 0
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # until it is known whom to end
    try:
        keeper = _forked()
        if keeper == 0:
            _keep(task, pipes)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        answer, in_time = _heard(pipes, time.monotonic() + limit_s)
    finally:
        if keeper:
            code = _ended(keeper, pipes.word.write)
        pipes.close()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return Ended(answer, _how(code), in_time)


def _pipe() -> _Pipe:
    return _Pipe(*map(FileIO, os.pipe(), ("rb", "wb")))


def _forked() -> int:
    with warnings.catch_warnings():
        # Python 3.12 warns of locks that other threads hold: a worker that waits for one is ended after its time
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _keep(task: Callable[[], bytes], pipes: _Pipes) -> NoReturn:
    """Start the worker, wait for edgesim's word or end, and end the worker: the keeper's whole life."""
    code = 0
    try:
        os.setsid()  # what the terminal sends to edgesim's group is not for the keeper
        keeper = os.getpid()
        worker = _forked()
        if worker == 0:
            _work(task, keeper, pipes)
        with suppress(OSError):  # the worker does the same, whoever is first
            os.setpgid(worker, worker)
        for end in (*pipes.answer, *pipes.printed, pipes.word.write):
            end.close()
        pipes.word.read.read(1)
        with suppress(OSError):
            os.killpg(worker, signal.SIGKILL)
        code = _exit_code(worker)
    finally:
        os._exit(code)


def _work(task: Callable[[], bytes], keeper: int, pipes: _Pipes) -> NoReturn:
    """Do the task and send its answer: the worker's whole life."""
    try:
        os.setpgid(0, 0)
        die_with_parent(keeper)
        for end in (*pipes.word, pipes.answer.read, pipes.printed.read):
            end.close()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        _redirect(pipes.printed.write.fileno())
        answer = task()
        sys.stdout.flush()
        with BufferedWriter(pipes.answer.write) as writer:
            writer.write(len(answer).to_bytes(_LENGTH_BYTES) + answer)
    finally:
        os._exit(0)


def _redirect(printed: int) -> None:
    """Print to a pipe, Python and libraries alike; and read nothing: edgesim's own input is not the worker's."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for ours, standard in ((nothing, 0), (printed, 1), (printed, 2)):
        os.dup2(ours, standard)
    sys.stdin = os.fdopen(nothing)
    sys.stdout = sys.stderr = os.fdopen(printed, "w", buffering=1, errors="backslashreplace", closefd=False)
    if faulthandler.is_enabled():
        faulthandler.enable()  # it knows the old standard error


def _heard(pipes: _Pipes, until_s: float) -> tuple[bytes | None, bool]:
    """Relay what the worker prints until its answer is complete; tell whether it ended in time."""
    for end in (pipes.answer.write, pipes.printed.write, pipes.word.read):
        end.close()
    said, decode, in_time = bytearray(), getincrementaldecoder("utf-8")("replace").decode, True
    with DefaultSelector() as ready:
        for end in (pipes.printed.read, pipes.answer.read):
            os.set_blocking(end.fileno(), False)
            ready.register(end, EVENT_READ, end)
        while not _is_whole(said) and pipes.answer.read in ready.get_map() and in_time:
            for key, _ in ready.select(max(0, until_s - time.monotonic())):
                chunk = key.data.read(_CHUNK_BYTES)
                if not chunk:
                    ready.unregister(key.fileobj)
                elif key.data is pipes.answer.read:
                    said += chunk
                else:
                    sys.stderr.write(decode(chunk))
            in_time = time.monotonic() < until_s
    sys.stderr.write(decode(pipes.printed.read.read(_CHUNK_BYTES) or b"", final=True))
    return (bytes(said[_LENGTH_BYTES:]), True) if _is_whole(said) else (None, in_time)


def _is_whole(said: bytearray) -> bool:
    return len(said) >= _LENGTH_BYTES and len(said) == _LENGTH_BYTES + int.from_bytes(said[:_LENGTH_BYTES])


def _ended(keeper: int, word: FileIO) -> int:
    """Tell the keeper to end the worker, and return how that had ended."""
    with suppress(OSError):  # it may have been killed
        word.write(b".")  # not by closing it: a fork of another thread may hold it too
    with suppress(ChildProcessError):  # another thread may have waited for any child
        return _exit_code(keeper)
    return 0


def _exit_code(process: int) -> int:
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    return code if code >= 0 else _SIGNALLED - code


def _how(code: int) -> str:
    """Say how the worker ended, from the keeper's exit code."""
    if code == _SIGNALLED + signal.SIGKILL:
        return "killed by SIGKILL, perhaps for want of memory"
    if code - _SIGNALLED in set(signal.Signals):
        return f"killed by {signal.Signals(code - _SIGNALLED).name}"
    return f"its process ended with exit code {code}"
