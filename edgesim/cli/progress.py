"""How far a long work is, for people who wait for it."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

Say = Callable[[str, int, int], None]


def progress(*, rate: bool = False) -> AbstractContextManager[Say]:
    """Show bars where standard error is a terminal, whatever the environment says of colours; elsewhere nothing."""
    if not sys.stderr.isatty():
        return nullcontext(_nothing)
    from edgesim.cli.bars import bars

    return bars(rate=rate)


def _nothing(what: str, done: int, every: int) -> None:
    """Nobody watches."""
