"""Read parts of files past the page cache, exactly as many bytes as were asked for."""

import mmap
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edgesim.errors import EdgesimError, ExecutionError, InputError
from edgesim.host.disks import IN_MEMORY, disk_facts

ALIGNMENT = 4096
"""Bytes that offsets, sizes and buffers of direct reads are multiples of."""
_IOV_MAX = 1024


class ShortReadError(OSError):
    """A file ended before everything was read that should be in it."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An open file, whether its reads pass by the page cache, and if not, why."""

    path: str
    fd: int
    direct: bool
    why_not: str | None = None


def open_file(path: Path, direct: bool = True) -> Opened:
    """Open a file for reading; where it cannot be read directly, its pages are dropped before each read instead.

    Parameters
    ----------
    path
        The file.
    direct
        Ask for O_DIRECT.

    Raises
    ------
    OSError
        If the file cannot be opened.
    """
    why_not = _why_not(path) if direct else "not asked for"
    if why_not is None:
        try:
            return Opened(str(path), _open_directly(path), direct=True)
        except OSError as error:  # the file system has no direct reads
            why_not = f"O_DIRECT refused, {error.strerror}"
    return Opened(str(path), os.open(path, os.O_RDONLY | os.O_CLOEXEC), direct=False, why_not=why_not)


def _why_not(path: Path) -> str | None:
    """Say why direct reads of a file would not be what they seem."""
    if not hasattr(os, "O_DIRECT"):
        return "the system has no O_DIRECT"
    kind = disk_facts(path)["file_system"]
    return f"{kind} keeps its files in memory" if kind in IN_MEMORY else None


def _open_directly(path: Path) -> int:
    """Open a file for direct reads and try one: some file systems refuse only that."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECT)
    try:
        os.preadv(fd, [mmap.mmap(-1, ALIGNMENT)], 0)
    except OSError:
        os.close(fd)
        raise
    return fd


def read_exactly(opened: Opened, buffers: Sequence[memoryview], offset: int) -> None:
    """Fill buffers with consecutive bytes of a file.

    Parameters
    ----------
    opened
        The file.
    buffers
        Where the bytes go; for direct reads aligned, as are their sizes and the offset.
    offset
        Where in the file they begin [B].

    Raises
    ------
    ShortReadError
        If the file ends before.
    OSError
        If it cannot be read.
    """
    wanted = sum(map(len, buffers))
    if not opened.direct and hasattr(os, "posix_fadvise"):
        os.posix_fadvise(opened.fd, offset, wanted, os.POSIX_FADV_DONTNEED)
    for start in range(0, len(buffers), _IOV_MAX):
        part = buffers[start : start + _IOV_MAX]
        _read(opened, list(part), offset)
        offset += sum(map(len, part))


def _read(opened: Opened, buffers: list[memoryview], offset: int) -> None:
    missing = sum(map(len, buffers))
    while missing:
        try:
            count = os.preadv(opened.fd, buffers, offset)
        except OSError as error:
            raise OSError(error.errno, error.strerror, opened.path) from error
        if count == missing:
            return
        offset, missing = offset + count, missing - count
        if not count or os.fstat(opened.fd).st_size < offset + missing:  # a direct read of the rest would be refused
            raise ShortReadError(f"{opened.path}: ends at {offset} B, {missing} B before the last shard that is read")
        buffers = _behind(buffers, count)


def _behind(buffers: list[memoryview], count: int) -> list[memoryview]:
    """Return what is left of some buffers behind their first bytes."""
    left = []
    for buffer in buffers:
        if count < len(buffer):
            left.append(buffer[count:])
        count = max(0, count - len(buffer))
    return left


def refusal(error: OSError) -> EdgesimError:
    """Say in one sentence what is wrong with a file, or with the disk that it lies on."""
    if isinstance(error, ShortReadError):
        return InputError(f"{error}; make the store anew")
    sentence = f"{error.filename or 'a shard file'}: cannot be read, {error.strerror}"
    return InputError(sentence) if isinstance(error, FileNotFoundError | PermissionError) else ExecutionError(sentence)


def read_facts(files: Sequence[Opened]) -> dict[str, object]:
    """Tell whether all of some files are read directly, and if not, why."""
    why_not = next((file.why_not for file in files if file.why_not), None)
    return {"direct": all(file.direct for file in files), "why_not": why_not}
