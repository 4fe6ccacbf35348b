"""Where answers go: standard output for people, JSON in a file, or JSON alone on standard output."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from rich.console import RenderableType

from edgesim.errors import InputError
from edgesim.files import check_writable, write_atomically
from edgesim.report.json import json_text
from edgesim.report.text import screen_text

STDOUT = "-"


def check_outputs(files: Mapping[str, str | None], inputs: Iterable[str]) -> None:
    """Refuse before a long run what could not be written after it.

    Parameters
    ----------
    files
        What each flag names; None where it was not given.
    inputs
        Files that must not be written over.

    Raises
    ------
    InputError
        If a name is missing, taken, or cannot be written.
    """
    taken = {os.path.realpath(path) for path in inputs}
    for flag, path in files.items():
        if path is None or (path == STDOUT and flag == "--json"):
            continue
        if path in ("", STDOUT):
            raise InputError(f"{flag}: needs the name of a file, got '{path}'")
        check_writable(Path(path))
        target = os.path.realpath(path)
        if target in taken and not Path(path).is_char_device():
            raise InputError(f"{flag}: {path} is read or written already; name another file")
        taken.add(target)


@dataclass(frozen=True, slots=True)
class Output:
    """What a command writes to.

    Parameters
    ----------
    stdout
        Standard output.
    json
        A file for JSON, ``-`` for standard output, or None.
    """

    stdout: TextIO
    json: str | None = None

    def show(self, renderable: RenderableType) -> None:
        """Print for people, unless standard output is taken by JSON."""
        if self.json != STDOUT:
            self.print(screen_text(renderable, terminal=self.stdout.isatty()))

    def rows(self, rows: Sequence[object], *, alone: bool = False) -> None:
        """Write JSON: a list, or its one item where no more was asked for; nothing where all of it failed."""
        if self.json is None or not rows:
            return
        self.file(self.json, rows[0] if alone else rows)

    def file(self, path: str, value: object) -> None:
        """Write one value as JSON to a file or to standard output."""
        if path == STDOUT:
            self.print(json_text(value))
        else:
            write_atomically(Path(path), json_text(value).encode())

    def print(self, text: str) -> None:
        """Write to standard output; that nobody reads it any more is no mistake.

        Raises
        ------
        InputError
            If it cannot be written, because the disk is full for example.
        """
        try:
            code = self.stdout.encoding or "utf-8"
            self.stdout.write(text.encode(code, "backslashreplace").decode(code))
            self.stdout.flush()
        except OSError as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.stdout.fileno())  # else Python's last flush would fail, too
            if not isinstance(error, BrokenPipeError):  # `head` has seen enough; files are still to be written
                raise InputError(f"standard output: cannot be written, {error.strerror}") from error
