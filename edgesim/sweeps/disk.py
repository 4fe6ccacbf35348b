"""What a folder needs that survives: one writer at a time, names that are on disk, and a sentence when it is full."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from edgesim.atomic import reason
from edgesim.errors import ExecutionError, InputError

LOCK = ".lock"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Have a folder for this process alone; the lock of a process that is gone, however it ended, is gone as well.

    Raises
    ------
    InputError
        If another process has it, it must not be written, or its file system has no locks.
    """
    with _opened(folder / LOCK) as file:
        _take(folder, file)
        yield


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("ab")
    except OSError as error:
        raise InputError(f"{path.parent}: cannot be written, {reason(error)}; choose another --out") from error


def _take(folder: Path, file: IO[bytes]) -> None:
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise InputError(f"{folder}: another process writes to it; let it end, or choose another --out") from error
    except OSError as error:
        raise InputError(f"{folder}: cannot be locked, {reason(error)}; choose another --out") from error


def synchronise(folder: Path) -> None:
    """Bring the names in a folder to disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Say in one sentence why a dataset cannot be written.

    Raises
    ------
    ExecutionError
        If the system refuses what is done inside.
    """
    try:
        yield
    except OSError as error:
        said = f"{folder}: cannot be written, {reason(error)}; what was written before is kept"
        raise ExecutionError(f"{said}: free some space, or see to the disk, and go on with --resume") from error
