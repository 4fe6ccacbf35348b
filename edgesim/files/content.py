"""The content of a file, or one sentence why there is none."""

import stat
from contextlib import suppress
from pathlib import Path

from edgesim.atomic import reason
from edgesim.errors import InputError, nearest
from edgesim.files.shipped import Kind, shipped_names

LARGEST_FILE = 4 * 2**20


def read_bytes(path: Path, shown: str, largest: int = LARGEST_FILE) -> bytes:
    """Read a regular file that is not too large.

    Parameters
    ----------
    path
        The file.
    shown
        What messages call it.
    largest
        How large it may be [B].

    Raises
    ------
    InputError
        If it is missing, no regular file, too large, or cannot be read.
    """
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise InputError(f"{shown}: is a directory, not a file")
        if not stat.S_ISREG(status.st_mode):
            raise InputError(f"{shown}: is not a regular file")
        if status.st_size > largest:
            raise InputError(f"{shown}: is too large, got {status.st_size} B; the limit is {largest} B")
        with path.open("rb") as file:
            return file.read(largest)
    except FileNotFoundError as error:
        raise InputError(f"{shown}: no such file{_instead(path)}") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the name
        raise InputError(f"{shown}: cannot be read, {reason(error)}") from error


def _instead(path: Path) -> str:
    """Say which file may have been meant: one beside it, or one that is shipped and needs no path."""
    with suppress(OSError):
        if near := nearest(path.stem, (each.stem for each in path.parent.iterdir() if each.suffix == path.suffix)):
            return f"; did you mean '{near[0]}{path.suffix}'?"
    kinds: tuple[Kind, ...] = ("scenarios", "devices", "models", "grids") if path.suffix in (".yaml", ".yml") else ()
    shipped = any(path.stem in shipped_names(kind) for kind in kinds)
    return f"; for the shipped one write {path.stem}" if shipped else ""


def decode(content: bytes, shown: str) -> str:
    """Turn bytes into text.

    Raises
    ------
    InputError
        If they are binary, or not UTF-8.
    """
    if b"\0" in content:
        raise InputError(f"{shown}: is a binary file, not text")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(f"{shown}:{line}: is not UTF-8 text, got byte 0x{content[error.start]:02x};"
                         " save the file as UTF-8") from error  # fmt: skip


def printable(path: Path | str) -> str:
    """Return a name that can be shown, whatever bytes the file system has in it."""
    return "".join(char if char.isprintable() else "?" for char in str(path))
