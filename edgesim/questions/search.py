"""The edge of what reaches a goal, among integers: bracketed, bisected, and checked for monotonicity around it."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

_FACTORS = (16, 256, 65_536)
"""How far from where it starts a search without limits looks, in turn, until something differs."""
_DIGITS, _FEW_DIGITS = 4, 2
_GRID = 8
"""So many further points are tried on either side of the edge."""
_NEAREST = 0.02
"""How far from the edge the first of them is, as a share of it; each further one is twice as far."""


@dataclass(frozen=True, slots=True)
class Edge:
    """What the tried values say about a goal.

    Parameters
    ----------
    more_helps
        Whether the goal is reached by large values, not by small ones; True where all tried do alike.
    answer
        The hardest tried value that reaches it: where more helps the least, else the largest. None: no tried one does.
    fails
        The nearest harder value that was tried; None where the answer is the hardest of all.
    exceptions
        Easier values that do not reach it: the goal is not monotone.
    safe
        The hardest tried value from which on all tried ones reach it; None where the easiest does not.
    monotone
        Whether nothing that was tried contradicts that there is one edge.
    """

    more_helps: bool
    answer: int | None
    fails: int | None
    exceptions: tuple[int, ...]
    safe: int | None
    monotone: bool


def edge_of(tried: dict[int, bool]) -> Edge:
    """Return what some tried values say; it needs one at least."""
    least, most = min(tried), max(tried)
    more_helps = not (tried[least] and not tried[most])
    hardest_first = sorted(tried, reverse=not more_helps)
    reached = [place for place, value in enumerate(hardest_first) if tried[value]]
    if not reached:
        return Edge(more_helps, None, None, (), None, monotone=True)
    first = reached[0]
    last_failed = max((place for place, value in enumerate(hardest_first) if not tried[value]), default=-1)
    exceptions = tuple(value for value in hardest_first[first:] if not tried[value])
    safe = hardest_first[last_failed + 1] if last_failed + 1 < len(hardest_first) else None
    fails = hardest_first[first - 1] if first else None
    return Edge(more_helps, hardest_first[first], fails, exceptions, safe, monotone=not exceptions)


@dataclass(slots=True)
class Search:
    """Tries integers until the edge is known to some precision; every value once.

    Parameters
    ----------
    reaches
        Tells whether a value reaches the goal.
    least
        No smaller value is tried.
    precision
        How far apart the edge's two values may be, as a share of the answer; 0 is neighbours.
    tried
        What was tried so far.
    most
        No larger value is tried by a search without limits, unless it starts there.
    """

    reaches: Callable[[int], bool]
    least: int = 0
    precision: float = 0.01
    tried: dict[int, bool] = field(default_factory=dict)
    most: int = 9 * 10**15

    def between(self, low: int, high: int) -> Edge:
        """Search between two values, both included."""
        self._try((low, high))
        return self._searched()

    def around(self, own: int, typical: int) -> Edge:
        """Search from a value on in both directions, or if it is 0 from another, first near it, then further away.

        How far it looks is rounded, outward.
        """
        self._try([own])
        start = own or typical
        for factor in _FACTORS:
            low, high = _shortened(start // factor, _FEW_DIGITS), -_shortened(-start * factor, _FEW_DIGITS)
            self._try((max(self.least, low), min(self.most, high) if start < self.most else start))
            if len(set(self.tried.values())) > 1:
                break
        else:
            self._try([self.least])
        return self._searched()

    def _searched(self) -> Edge:
        low, high = min(self.tried), max(self.tried)
        if len(set(self.tried.values())) == 1:  # is there anything else in between?
            self._try(_even(low, high))
        answer = self._bisected().answer
        if answer is not None:
            self._try(value for value in _around(answer) if low < value < high)
        return self._bisected()

    def _bisected(self) -> Edge:
        while (edge := edge_of(self.tried)).answer is not None and edge.fails is not None:
            low, high = sorted((edge.answer, edge.fails))
            if high - low <= max(1, int(self.precision * edge.answer)):
                break
            self._try([self._middle(low, high)])
        return edge_of(self.tried)

    def _middle(self, low: int, high: int) -> int:
        """Halve a bracket: by the order of magnitude where that differs, and to a number that is easy to read."""
        middle = math.isqrt(max(low, 1) * high) if high > 4 * low else (low + high) // 2
        middle = min(max(middle, low + 1), high - 1)
        short = _shortened(middle)
        return short if self.precision and low < short < high else middle

    def _try(self, values: Iterable[int]) -> None:
        for value in values:
            if value not in self.tried:
                self.tried[value] = self.reaches(value)


def _shortened(value: int, digits: int = _DIGITS) -> int:
    """Round to so many digits, down."""
    unit: int = 10 ** max(0, len(str(abs(value))) - digits)
    return value // unit * unit


def _even(low: int, high: int) -> Iterator[int]:
    """Yield points between two values, evenly by order of magnitude."""
    start = max(low, 1)
    for number in range(1, _GRID + 1):
        value = _shortened(round(start * math.pow(high / start, number / (_GRID + 1))))
        if low < value < high:
            yield value


def _around(answer: int) -> Iterator[int]:
    """Yield points on either side of a value, close ones first."""
    nearest = max(1, round(answer * _NEAREST))
    for number in range(_GRID):
        away = nearest * 2**number
        yield _shortened(answer + away)
        yield _shortened(answer - away if away < answer else answer // 2 ** (number + 1))
