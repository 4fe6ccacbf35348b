"""A file of which every byte is on the disk, and that no folder lists: what reads are timed with."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from edgesim.atomic import reason
from edgesim.errors import ExecutionError, InputError
from edgesim.profiling.measured import Say, silent
from edgesim.units import show_bytes

_CHUNK = 1 << 20
_SPARE_BYTES = 16 << 20
"""What is left free on the disk: a machine whose disk is full does more than stop a measurement."""


@contextmanager
def filled(folder: Path, n_bytes: int, seed: int, say: Say = silent) -> Iterator[int]:
    """Give an open file without a name, full of bytes that cannot be compressed, all of them on the disk.

    Raises
    ------
    InputError
        If no file can be made in the folder.
    ExecutionError
        If the disk has no room, or leaves holes in the file.
    """
    try:
        fd = _unnamed(folder)
    except OSError as error:
        raise InputError(f"{folder}: cannot be written, {reason(error)}; name another with --folder") from error
    try:
        _fill(fd, folder, n_bytes, seed, say)
        check_dense(fd, n_bytes, folder)
        yield fd
    finally:
        os.close(fd)


def _unnamed(folder: Path) -> int:
    """Open a new file that no folder lists: nothing is left of it, even by a kill."""
    try:
        return os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except (OSError, AttributeError):  # the file system, or the system, has none
        import tempfile

        fd, name = tempfile.mkstemp(dir=folder, prefix=".edgesim.", suffix=".part")
        Path(name).unlink()
        return fd


def _fill(fd: int, folder: Path, n_bytes: int, seed: int, say: Say) -> None:
    room = os.fstatvfs(fd)
    free = room.f_bavail * room.f_frsize - _SPARE_BYTES
    if free < n_bytes:
        raise ExecutionError(f"{folder}: needs {show_bytes(n_bytes)} for a while, has {show_bytes(max(free, 0))} free;"
                             " make room, or name another with --folder")  # fmt: skip
    content = np.random.default_rng(seed)
    try:
        for start in range(0, n_bytes, _CHUNK):
            _write(fd, content.bytes(min(_CHUNK, n_bytes - start)))
            say("write the file", start + _CHUNK, n_bytes)
        os.fsync(fd)
    except OSError as error:
        raise ExecutionError(f"{folder}: the file to be read cannot be written, {reason(error)}") from error
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)


def _write(fd: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(fd, left) :]


def check_dense(fd: int, n_bytes: int, folder: Path) -> None:
    """Refuse a file with holes: they are read without any storage.

    Raises
    ------
    ExecutionError
        If the disk holds less than the file has bytes.
    """
    found = os.fstat(fd)
    if found.st_size != n_bytes or found.st_blocks * 512 < n_bytes:
        raise ExecutionError(f"{folder}: the disk holds {show_bytes(found.st_blocks * 512)} of a file of"
                             f" {show_bytes(n_bytes)}, so that reads would not reach it;"
                             " name another with --folder")  # fmt: skip
