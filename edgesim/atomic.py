"""Write files whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EACCES
from pathlib import Path
from threading import get_ident
from typing import BinaryIO

from edgesim.errors import InputError


def check_writable(path: Path) -> None:
    """Refuse now what could not be written after a long run.

    Raises
    ------
    InputError
        If the file is a directory, or its folder is missing or must not be written to.
    """
    try:
        if not path.parent.is_dir():
            raise InputError(f"{path}: cannot be written, there is no folder {path.parent}; make it first")
        if path.is_dir():
            raise InputError(f"{path}: cannot be written, it is a directory")
        if not os.access(path if _is_special(path) else path.parent, os.W_OK):
            raise PermissionError(EACCES, os.strerror(EACCES))
        if not _is_special(path):
            _try(path.parent)
    except (OSError, ValueError) as error:  # too long a name, or a NUL byte in it
        raise InputError(f"{path}: cannot be written, {reason(error)}") from error


def _try(folder: Path) -> None:
    """Make a file and take it away again: some file systems take none, whatever they say of permissions."""
    tried = folder / f".edgesim.{os.getpid()}.{get_ident()}.part"
    os.close(os.open(tried, os.O_CREAT | os.O_WRONLY, 0o600))
    tried.unlink()


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file under a temporary name beside it, then rename it.

    Raises
    ------
    InputError
        If it cannot be written; what was there before is still there, and nothing else is left.
    """
    try:
        check_writable(path)
        if _is_special(path):
            path.write_bytes(content)  # a pipe or /dev/null must not be replaced by a file
        else:
            _replace(Path(os.path.realpath(path)), content)  # the file that a link points to, not the link
    except OSError as error:
        raise InputError(f"{path}: cannot be written, {reason(error)}") from error


def _is_special(path: Path) -> bool:
    return path.exists() and not path.is_file()


def _replace(path: Path, content: bytes) -> None:
    with replacing(path) as file:
        file.write(content)


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write that takes its name when all went well; else nothing of it is left."""
    import tempfile

    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".edgesim.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def reason(error: Exception) -> str:
    """Return why the system refused, without its numbers."""
    if isinstance(error, ValueError):  # Python's words for a NUL byte in a name change with its version
        return "the name has a NUL byte"
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)
