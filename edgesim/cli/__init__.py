"""The command line. The commands are imported by `main`, so that Control-C meanwhile ends it without a traceback."""

import sys
from collections.abc import Sequence

INTERRUPTED = 130
"""Exit code of what Control-C ended, as shells have it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; what `edgesim` on the command line calls.

    Parameters
    ----------
    arguments
        What follows ``edgesim``; by default the process's own arguments.

    Returns
    -------
    int
        The exit code.
    """
    try:
        from edgesim.cli.commands import run_command
    except KeyboardInterrupt:  # nothing was begun that could be interrupted
        return INTERRUPTED
    try:
        return run_command(arguments)
    except KeyboardInterrupt:
        print("edgesim: interrupted", file=sys.stderr)
        return INTERRUPTED
