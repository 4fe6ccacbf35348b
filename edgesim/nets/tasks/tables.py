"""Tab-separated files: columns by name, quotes without meaning, mistakes by line."""

from collections.abc import Sequence
from pathlib import Path

from edgesim.errors import InputError, choose

_MOST_MISTAKES = 10  # a file of another kind has one on every line


def read_text(path: Path) -> str:
    """Read a file of UTF-8 text.

    Raises
    ------
    InputError
        If it is missing, cannot be read, or is not UTF-8.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; a GLUE folder has train.tsv and dev.tsv") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read, {error.strerror}") from error
    except ValueError as error:
        raise InputError(f"{str(path)!r}: cannot be read, the name has a NUL byte") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}:{line}: is not UTF-8 text, got byte 0x{content[error.start]:02x};"
                         " save the file as UTF-8") from error  # fmt: skip


def read_table(path: Path, content: str, columns: Sequence[str]) -> list[tuple[int, tuple[str, ...]]]:
    """Read some columns of a table.

    Parameters
    ----------
    path
        What messages call the file.
    content
        Its text; the first line names the columns.
    columns
        Which ones to return.

    Returns
    -------
    list of tuple
        Of each line its number and the cells.

    Raises
    ------
    InputError
        If the table is empty, or lacks a column, or lines have cells too few or too many.
    """
    # a cell may hold any other line separator
    header, *lines = [line.removesuffix("\r").split("\t") for line in content.rstrip("\r\n").split("\n")]
    if header == [""]:
        raise InputError(f"{path}: is empty; its first line must name the columns {', '.join(columns)}")
    refuse(
        [f"{path}:1: must have the column '{name}'; {choose(name, header)}" for name in columns if name not in header]
    )
    if not lines:
        raise InputError(f"{path}: must have examples, got only the line of column names")
    refuse([
        f"{path}:{number}: must have {len(header)} cells, got {len(cells)}; mend or delete the line"
        for number, cells in enumerate(lines, 2)
        if len(cells) != len(header)
    ])  # fmt: skip
    places = [header.index(name) for name in columns]
    return [(number, tuple(cells[place] for place in places)) for number, cells in enumerate(lines, 2)]


def refuse(mistakes: Sequence[str]) -> None:
    """Raise what is wrong, if anything is, the first mistakes a line each.

    Raises
    ------
    InputError
        If there is a mistake.
    """
    if mistakes:
        more = len(mistakes) - _MOST_MISTAKES
        raise InputError("\n".join([*mistakes[:_MOST_MISTAKES], *([f"and {more} more"] if more > 0 else [])]))
