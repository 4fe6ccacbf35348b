"""The tree of errors, each with the exit code the command line gives it.

::

    EdgesimError
    ├── InputError        2  a file or an argument is wrong
    │   └── MissingLibraryError  2  what is asked for needs a library that is not installed
    ├── PluginError       3  a plugin is missing, fails, or ...
    │   └── IllegalPlanError   3  ... makes a plan that breaks a rule
    ├── InfeasibleError   4  no plan fits
    └── ExecutionError    5  the plan could not be executed here

A message reads ``where: what, got; known values or repair``. Anything else that is raised is our bug and
keeps its traceback.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import chain

_NO_SIGNS = str.maketrans("", "", "-_. ")
_TYPED, _ALIKE = 0.75, 0.65
"""How similar a name is that was mistyped, and one that may have been."""
_SHORTEST, _MOST = 2, 3
_MOST_LISTED = 6


class EdgesimError(Exception):
    """Anything that edgesim refuses, with the sentence that a user needs."""

    exit_code = 1


class InputError(EdgesimError):
    """A file or an argument is wrong; the message has one line for each mistake."""

    exit_code = 2


class MissingLibraryError(InputError):
    """What is asked for needs a library that is not installed; the message says how to, `needs` in the fewest words."""

    def __init__(self, message: str, needs: str = "a library") -> None:
        super().__init__(message)
        self.needs = needs


class PluginError(EdgesimError):
    """A planner or backend is missing, fails, or returns what it must not."""

    exit_code = 3


class IllegalPlanError(PluginError):
    """A plan breaks a rule and was refused before it ran."""


class InfeasibleError(EdgesimError):
    """No plan fits the target and the buffers; the message says which is short, and by how much.

    `fastest_ns` is the latency of the planner's fastest plan where only the target is too short for it, or None.
    """

    exit_code = 4

    def __init__(self, message: str, fastest_ns: int | None = None) -> None:
        super().__init__(message)
        self.fastest_ns = fastest_ns


class ExecutionError(EdgesimError):
    """The plan could not be executed, or its outcome not be written, here."""

    exit_code = 5


def choose(name: str, known: Iterable[str]) -> str:
    """Say which names are known, those that may have been meant first: the last part of a message.

    Parameters
    ----------
    name
        What was given.
    known
        What would have been accepted.

    Returns
    -------
    str
        ``did you mean 'x'? known: x, y`` or ``known: x, y``.
    """
    names = sorted(known)
    return f"{did_you_mean(name, names)}known: {', '.join(names) or 'none'}"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Ask ``did you mean 'x' or 'y'? ``, with a space after it; nothing if no known name is near."""
    near = [f"'{each}'" for each in nearest(name, sorted(known))]
    return f"did you mean {' or '.join(filter(None, (', '.join(near[:-1]), near[-1])))}? " if near else ""


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """Return the known names that may have been meant, at most three: none, if nothing is near.

    Capitals, hyphens, underscores, dots and spaces tell nothing apart. A mistyped name comes before those that begin
    with what was given, those before names that have it anywhere, and those before names of which the beginning, or
    that of a later word, was mistyped.
    """
    names, given = list(known), _folded(name)
    whole = {each: _folded(each) for each in names}
    begin = {each: text[: len(given)] for each, text in whole.items()}
    words = {each: {word[: len(given)].lower() for word in re.split("[-_. ]", each)} for each in names}
    typed, begun = _most_similar(given, whole.values(), _TYPED), _most_similar(given, begin.values(), _TYPED)
    alike, worded = _most_similar(given, whole.values(), _ALIKE), _most_similar(given, chain(*words.values()), _TYPED)
    for found in (
        [each for each in names if whole[each] == given],
        [each for each in names if whole[each] in typed],
        [each for each in names if len(given) >= _SHORTEST and begin[each] == given],
        [each for each in names if len(given) > _SHORTEST and given in whole[each]],
        [each for each in names if len(given) > _SHORTEST and begin[each] in begun],
        [each for each in names if len(given) > _SHORTEST and words[each] & set(worded)],
        [each for each in names if whole[each] in alike],
    ):
        if found:
            return found[:_MOST]
    return []


def listed(names: Sequence[str]) -> str:
    """List names in a sentence; of many the first ones, and how many more there are."""
    more = len(names) - _MOST_LISTED
    return ", ".join(names[:_MOST_LISTED]) + (f" and {more:,} more" if more > 0 else "")


def _most_similar(given: str, texts: Iterable[str], least: float) -> list[str]:
    from difflib import get_close_matches

    return get_close_matches(given, list(texts), n=1, cutoff=least)


def _folded(name: str) -> str:
    return name.lower().translate(_NO_SIGNS)
