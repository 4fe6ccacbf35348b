"""Is planning slower than it was? The same cells planned by old and new in turn; the least time of each counts."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from edgesim.grid import Tolerance
from edgesim.regression.cells import Cell, Outcomes, Trial
from edgesim.regression.classify import Figures, Verdict, classify_time

SAMPLE = 5
"""Cells of each planner that are timed."""
CALLS, ROUNDS, MOST_ROUNDS = 3, 4, 16
"""Plans of one side in a row; how often the sides take turns; how often before one is said to be slower."""
_LONG_NS = 50 * 10**6


class Timing(NamedTuple):
    """Least time of planning one cell [ns], and what to think of it."""

    cell: Cell
    old_ns: int
    new_ns: int
    verdict: Verdict


def sample(cells: Sequence[Cell], found: Sequence[Outcomes]) -> list[Cell]:
    """Choose some cells of each planner that both sides have a plan for, spread over the grid."""
    good = [cell for cell, both in zip(cells, found, strict=True) if all(isinstance(one, Figures) for one in both)]
    chosen: list[Cell] = []
    for _, own in groupby(sorted(good, key=lambda cell: cell.planner), key=lambda cell: cell.planner):
        listed = list(own)
        count = min(SAMPLE, len(listed))
        chosen += [listed[(2 * index + 1) * len(listed) // (2 * count)] for index in range(count)]
    return chosen


def timings(trial: Trial, chosen: Sequence[Cell], tolerance: Tolerance) -> Iterator[Timing]:
    """Time both sides of a trial on some cells."""
    for cell in chosen:
        least = _in_turn(trial, cell, tolerance)
        if least:
            yield Timing(cell, *least, classify_time(*least, tolerance))


def _in_turn(trial: Trial, cell: Cell, tolerance: Tolerance) -> tuple[int, int] | None:
    """Return the least times [ns] of old and new; None where one of them fails this time."""
    least: list[int] = []
    calls, most = CALLS, MOST_ROUNDS
    for done in range(MOST_ROUNDS):
        sides = trial.sides if done % 2 else trial.sides[::-1]
        answers = {side: trial.answer(side, cell, calls) for side in sides}
        if any(kind != "time" for kind, _ in answers.values()):
            return None
        times = [answers[side][1] for side in trial.sides]
        least = [min(pair) for pair in zip(least or times, times, strict=True)]
        if max(least) > _LONG_NS:  # long ones scatter less, too
            calls, most = 1, ROUNDS
        slower = classify_time(least[0], least[1], tolerance).category == "slower"
        if done + 1 >= (most if slower else ROUNDS):
            break
    return least[0], least[1]
