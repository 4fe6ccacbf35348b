"""What the planners of a page do, in a sentence each."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from edgesim.errors import EdgesimError
from edgesim.plugins import PLANNERS, find
from edgesim.report.listing import sentence
from edgesim.result import Result


class Described(NamedTuple):
    """A planner, whatever its options are, and the first line of what its author says of it."""

    name: str
    about: str


def described(results: Iterable[Result], folder: Path) -> list[Described]:
    """Return what the planners of some results do; those who say nothing of it are left out.

    Parameters
    ----------
    results
        In any order; planners keep it.
    folder
        Where planners that are files are looked for.
    """
    return list(_described(dict.fromkeys(result.planner.partition("[")[0] for result in results), folder))


def _described(names: Iterable[str], folder: Path) -> Iterator[Described]:
    for name in names:
        try:
            about = sentence(find(PLANNERS, name, folder))
        except EdgesimError:  # a function that was given, or a file that is no longer there
            continue
        if about:
            yield Described(name, about)
