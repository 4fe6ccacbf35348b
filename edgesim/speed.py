"""When work ends on a processor whose clock follows its heat and which others use: exact, and without events.

A processor is asked when work ends that starts now. That is known at once, because nothing interrupts a layer and
others' work is drawn without regard to it; and so nothing has to happen in between.
"""

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from edgesim.heat import Heat

Interval = tuple[int, int]
_NEVER = 2**63


class Piece(NamedTuple):
    """A time at a step of the clock below full speed; `step` counts from there."""

    start_ns: int
    end_ns: int
    step: int


class Speed:
    """How fast one processor is, from time 0 on.

    Parameters
    ----------
    speeds
        Relative speed of each step of the clock, from full speed down.
    heat
        What makes the clock go slower; None leaves it at full speed.
    share, others
        What others take of the processor, and when: intervals [ns] in order that do not overlap. They heat as well.
    """

    __slots__ = ("_heat", "_now_ns", "_others", "_rates", "_share", "_taken", "_unit")

    def __init__(
        self,
        speeds: Sequence[Fraction] = (Fraction(1),),
        heat: Heat | None = None,
        share: Fraction = Fraction(0),
        others: Iterable[Interval] = (),
    ) -> None:
        exact = [[speed * left for speed in speeds] for left in (Fraction(1), 1 - share)]
        self._unit = math.lcm(*(rate.denominator for row in exact for rate in row))
        self._rates = [[int(rate * self._unit) for rate in row] for row in exact]
        self._heat, self._share, self._others = heat, float(share), iter(others)
        self._taken: Interval = next(self._others, (_NEVER, _NEVER))
        self._now_ns = 0

    def end(self, start_ns: int, work_ns: int) -> tuple[int, list[Piece]]:
        """Return when work ends, and during which parts of it the clock was not at full speed.

        Parameters
        ----------
        start_ns
            When it starts [ns]; not before the work that was asked about before has ended.
        work_ns
            What it takes at full speed, alone [ns].

        Returns
        -------
        tuple
            End [ns], rounded up, and the pieces in order; none where the step is 0.

        Raises
        ------
        ValueError
            If it starts before the end of the work before.
        """
        if start_ns < self._now_ns:
            raise ValueError(f"work must not start at {start_ns} ns, the work before ends at {self._now_ns} ns")
        while self._now_ns < start_ns:
            self._pass(start_ns, 0.0)
        pieces: list[Piece] = []
        left = work_ns * self._unit
        while left > 0:
            before, step = self._now_ns, self._heat.step if self._heat else 0
            rate = self._rates[self._is_taken()][step]
            self._pass(before - (-left // rate), 1.0)
            left -= (self._now_ns - before) * rate
            if step:
                _append(pieces, Piece(before, self._now_ns, step))
        return self._now_ns, pieces

    def _is_taken(self) -> bool:
        """Tell whether others use the processor now."""
        while self._taken[1] <= self._now_ns:
            self._taken = next(self._others, (_NEVER, _NEVER))
        return self._taken[0] <= self._now_ns

    def _pass(self, limit_ns: int, busy: float) -> None:
        """Go on until a moment, or until the speed changes before it."""
        taken = self._is_taken()
        limit_ns = min(limit_ns, self._taken[taken])
        if self._heat is not None:
            limit_ns = self._heat.go(limit_ns, max(busy, self._share) if taken else busy)
        self._now_ns = limit_ns


def _append(pieces: list[Piece], piece: Piece) -> None:
    """Add a piece, to the one before where the step goes on."""
    if pieces and pieces[-1].end_ns == piece.start_ns and pieces[-1].step == piece.step:
        pieces[-1] = pieces[-1]._replace(end_ns=piece.end_ns)
    else:
        pieces.append(piece)
