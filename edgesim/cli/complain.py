"""Mistakes are told on standard error, a line for each."""

import sys

from edgesim.errors import EdgesimError


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
        print(f"edgesim: {where}{line}", file=sys.stderr)
    return error.exit_code
