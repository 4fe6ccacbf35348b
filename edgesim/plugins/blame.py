"""Whose mistake it was: a stranger's is one sentence with its name, edgesim's own keeps its traceback."""

import inspect
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from edgesim.errors import EdgesimError, PluginError

_LONGEST_REASON = 500


def is_own(function: Callable[..., object]) -> bool:
    """Tell whether a planner or backend is edgesim's own."""
    return str(getattr(function, "__module__", "")).startswith("edgesim.")


@contextmanager
def blamed(label: str, function: Callable[..., object], what: str = "failed") -> Iterator[None]:
    """Name a plugin in whatever it raises; a stranger's bug becomes a sentence, our own keeps its traceback.

    Parameters
    ----------
    label
        The plugin, as reports show it.
    function
        What is called.
    what
        What it has done if something is raised.

    Raises
    ------
    PluginError
        Instead of a stranger's exception.
    """
    try:
        yield
    except EdgesimError as error:
        error.args = (f"{label}: {error}",)
        raise
    except (Exception, SystemExit) as error:
        if is_own(function):
            raise
        raise PluginError(f"{label}: {what}, {reason(error)}{place(error, function)}") from error


def reason(error: BaseException) -> str:
    """Say in one line what was raised."""
    if isinstance(error, SyntaxError):
        return f"{error.msg} (line {error.lineno})"
    try:
        text = " ".join(str(error).split())
    except Exception:  # a stranger's exception may not even be able to say what it is
        text = ""
    return f"{type(error).__name__}: {text}"[:_LONGEST_REASON].removesuffix(": ")


def place(error: BaseException, function: Callable[..., object]) -> str:
    """Say where to look: the last line in the plugin's own file on the way to an error, if there is one."""
    frames = traceback.extract_tb(error.__traceback__)
    own = getattr(getattr(inspect.unwrap(function), "__code__", None), "co_filename", None)
    within = [frame for frame in frames if frame.filename == own]
    if not within:
        return ""
    return f"; look at {Path(within[-1].filename).name}, line {within[-1].lineno}"
