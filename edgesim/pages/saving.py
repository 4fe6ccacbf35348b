"""Pages as files: the same results, and the same command, give the same bytes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from edgesim.errors import InputError, choose

if TYPE_CHECKING:
    from edgesim.pages.points import Asked
    from edgesim.validation.verdict import Validation

SUFFIXES = (".html", ".htm")


def check_page(path: Path) -> None:
    """Refuse a file name that browsers would not take for a page.

    Raises
    ------
    InputError
        With the known suffixes.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(f"{path}: a page has the suffix of one, got '{suffix}'; {choose(suffix, SUFFIXES)}")


def save_results(asked: "Sequence[Asked]", path: Path, commands: Mapping[str, str]) -> None:
    """Write a page about some scenarios, all of it or nothing.

    Parameters
    ----------
    asked
        Scenarios, what came of each, and planners side by side where they were compared.
    path
        Where to.
    commands
        What the page tells its reader to type: ``page`` makes it, ``compare`` puts planners side by side.

    Raises
    ------
    InputError
        If the suffix is not that of a page, or the file cannot be written.
    """
    from edgesim.files import write_atomically
    from edgesim.pages.results import results_page

    check_page(path)
    write_atomically(path, results_page(asked, commands))


def save_validation(found: "Validation", path: Path, command: str, *, executed_here: bool = False) -> None:
    """Write a page about a validation, all of it or nothing.

    Parameters
    ----------
    found
        What was executed, and how far the simulation is from it.
    path
        Where to.
    command
        What makes the page.
    executed_here
        Whether the command executes the plans; else it judges again what was executed before.

    Raises
    ------
    InputError
        If the suffix is not that of a page, or the file cannot be written.
    """
    from edgesim.files import write_atomically
    from edgesim.pages.validated import validation_page

    check_page(path)
    write_atomically(path, validation_page(found, command, executed_here=executed_here))
