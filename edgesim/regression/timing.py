"""Is planning slower than it was? The same cells planned by old and new in turn; the least time of each counts.

A machine that does something else makes anything slow for a while. So what seems slower is planned again, in turn as
well and all such cells one after the other, until it is not slower any more or was given enough chances.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from edgesim.grid import Tolerance
from edgesim.regression.cells import Cell, Outcomes, Trial
from edgesim.regression.classify import Figures, Verdict, classify_time

SAMPLE = 5
"""Cells of each planner that are timed."""
CALLS, TURNS, FEW_TURNS, MOST_TURNS = 3, 4, 10, 24
"""Plans of one side in a row; how often the sides take turns; how often before one is said to be slower: at least, even
if it takes long, and at most."""
_LONG_NS, _ENOUGH_NS = 50 * 10**6, 20 * 10**9
"""What takes so long is planned once in a row, for it scatters less; and so long a cell may be planned in all."""
Say = Callable[[str, int, int], None]


class Timing(NamedTuple):
    """Least time of planning one cell [ns], what to think of it, and how often the sides took turns."""

    cell: Cell
    old_ns: int
    new_ns: int
    verdict: Verdict
    turns: int

    @property
    def was_repeated(self) -> bool:
        """Whether it seemed slower at first."""
        return self.turns > TURNS


def sample(cells: Sequence[Cell], found: Sequence[Outcomes]) -> list[Cell]:
    """Choose some cells of each planner that both sides have a plan for, spread over the grid."""
    good = [cell for cell, both in zip(cells, found, strict=True) if all(isinstance(one, Figures) for one in both)]
    chosen: list[Cell] = []
    for _, own in groupby(sorted(good, key=lambda cell: cell.planner), key=lambda cell: cell.planner):
        listed = list(own)
        count = min(SAMPLE, len(listed))
        chosen += [listed[(2 * index + 1) * len(listed) // (2 * count)] for index in range(count)]
    return chosen


def timings(trial: Trial, chosen: Sequence[Cell], tolerance: Tolerance, say: Say) -> list[Timing]:
    """Time both sides of a trial on some cells, and again where one seems slower."""
    timed = [_Timed(trial, cell, tolerance) for cell in chosen]
    for number, one in enumerate(timed, 1):
        for _ in range(TURNS):
            one.take_turns()
        say("planning times", number, len(timed))
    _repeat([one for one in timed if one.seems_slower], say)
    return [one.timing() for one in timed if not one.failed]


def _repeat(doubtful: Iterable["_Timed"], say: Say) -> None:
    left = list(doubtful)
    rounds = MOST_TURNS - TURNS
    for number in range(rounds):
        if not left:
            break
        for one in left:
            one.take_turns()
        left = [one for one in left if one.seems_slower and not one.is_enough]
        say("what seems slower, again", number + 1 if left else rounds, rounds)


@dataclass(slots=True)
class _Timed:
    """One cell, and how long it took so far."""

    trial: Trial
    cell: Cell
    tolerance: Tolerance
    least_ns: list[int] = field(default_factory=list)
    turns: int = 0
    spent_ns: int = 0
    failed: bool = False
    """Whether a side fails this time."""

    def take_turns(self) -> None:
        """Let both sides plan, each first in every other turn."""
        if self.failed:
            return
        calls = 1 if self.least_ns and max(self.least_ns) > _LONG_NS else CALLS
        sides = self.trial.sides if self.turns % 2 else self.trial.sides[::-1]
        answers = {side: self.trial.answer(side, self.cell, calls) for side in sides}
        self.failed = any(kind != "time" for kind, _ in answers.values())
        if not self.failed:
            times = [answers[side][1] for side in self.trial.sides]
            self.least_ns = [min(pair) for pair in zip(self.least_ns or times, times, strict=True)]
            self.spent_ns += calls * sum(times)
            self.turns += 1

    @property
    def seems_slower(self) -> bool:
        return not self.failed and self.timing().verdict.category == "slower"

    @property
    def is_enough(self) -> bool:
        """Whether it was planned so often, or for so long, that nothing else is to be expected."""
        return self.turns >= MOST_TURNS or (self.turns >= FEW_TURNS and self.spent_ns > _ENOUGH_NS)

    def timing(self) -> Timing:
        old_ns, new_ns = self.least_ns
        return Timing(self.cell, old_ns, new_ns, classify_time(old_ns, new_ns, self.tolerance), self.turns)
