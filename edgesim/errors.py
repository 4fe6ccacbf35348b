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

from collections.abc import Iterable


class EdgesimError(Exception):
    """Anything that edgesim refuses, with the sentence that a user needs."""

    exit_code = 1


class InputError(EdgesimError):
    """A file or an argument is wrong; the message has one line for each mistake."""

    exit_code = 2


class MissingLibraryError(InputError):
    """What is asked for needs a library that is not installed; the message says how to."""


class PluginError(EdgesimError):
    """A planner or backend is missing, fails, or returns what it must not."""

    exit_code = 3


class IllegalPlanError(PluginError):
    """A plan breaks a rule and was refused before it ran."""


class InfeasibleError(EdgesimError):
    """No plan fits the target and the buffers; the message says which is short, and by how much."""

    exit_code = 4


class ExecutionError(EdgesimError):
    """The plan could not be executed, or its outcome not be written, here."""

    exit_code = 5


def choose(name: str, known: Iterable[str]) -> str:
    """Say which names are known, the nearest first: the last part of a message.

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
    from difflib import get_close_matches

    names = sorted(known)
    near = get_close_matches(name, names, n=1)
    hint = f"did you mean '{near[0]}'? " if near else ""
    return f"{hint}known: {', '.join(names) or 'none'}"
