"""How far a long work is, for people who wait for it."""

import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from edgesim.cli.complain import tell

Say = Callable[[str, int, int], None]
PATIENCE_S = 10
"""After so long one line says how long it may take."""


def progress(*, rate: bool = False, estimate: bool = False) -> AbstractContextManager[Say]:
    """Show bars where standard error is a terminal, whatever the environment says of colours.

    Elsewhere nothing; or with an `estimate`, of each part that takes long, how much longer it may.
    """
    if not sys.stderr.isatty():
        return nullcontext(_Estimate() if estimate else _nothing)
    from edgesim.cli.bars import bars

    return bars(rate=rate)


def _nothing(what: str, done: int, every: int) -> None:
    """Nobody watches."""


class _Estimate:
    """Says once of each part that takes long how much longer it may."""

    def __init__(self) -> None:
        self._parts: dict[str, float] = {}
        self._said: set[str] = set()
        self._last_s = time.monotonic()

    def __call__(self, what: str, done: int, every: int) -> None:
        now_s = time.monotonic()
        began_s = self._parts.setdefault(what, self._last_s)  # the part before it ended then
        self._last_s, took_s = now_s, now_s - began_s
        if took_s >= PATIENCE_S and what not in self._said and done < every:
            self._said.add(what)
            left = f"about {took_s / done * (every - done):,.0f} s more"
            tell(f"{what}: {done:,} of {every:,} after {took_s:.0f} s, {left}")
