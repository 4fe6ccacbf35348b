"""What is told on standard error, a line for each thing."""

import os
import sys

from edgesim.errors import EdgesimError


def tell(text: str) -> None:
    """Print a line on standard error; that nobody reads it any more is no mistake."""
    try:
        print(f"edgesim: {text}", file=sys.stderr)
    except BrokenPipeError:  # `2>&1 | head` has seen enough; files are still to be written
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())  # else Python's last flush would fail, too


def complain(error: EdgesimError, where: str = "") -> int:
    """Print an error and return the exit code that it has.

    Parameters
    ----------
    error
        What was refused.
    where
        What every line begins with: the scenario it is about, and a colon.
    """
    for line in str(error).split("\n"):
        tell(f"{where}{line}")
    return error.exit_code
