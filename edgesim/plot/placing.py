"""Where the names of marks stand: beside their own marks, or farther off at the end of a thin line."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise, product
from math import cos, hypot, pi, sin
from typing import NamedTuple

Place = tuple[float, float]
_GAP = 2.0
"""From a mark to its name, or to the line that leads there."""
_CLEAR = 2 * _GAP
"""A name is so far from the marks of others at least: nearer to its own."""
_BESIDE = (0, 8, 15, 1, 7, 9, 14, 2, 6, 10, 12, 4)
"""Where a name stands beside its mark, in sixteenths of a turn, the best first: at the same height."""
_AROUND = (15, 1, 14, 2, 0, 9, 7, 10, 6, 8, 13, 3, 11, 5, 12, 4)
_FARTHER = (1.0, 1.8, 2.6, 3.4, 4.4, 5.4, 6.8, 8.2)
"""How long lines are, as multiples of the height of a line of text."""
_LEVEL = 0.3
"""A direction so close to an axis has its name in the middle."""
_WIDE = 2.0
"""So far names stay away from the steps of a front."""


class Box(NamedTuple):
    """A part of a picture, whichever way its heights count."""

    left: float
    low: float
    right: float
    high: float

    def meets(self, other: "Box") -> bool:
        """Tell whether both have a part in common."""
        return self.left < other.right and other.left < self.right and self.low < other.high and other.low < self.high

    def holds(self, other: "Box") -> bool:
        """Tell whether the other is a part of this one."""
        return (
            self.left <= other.left and other.right <= self.right and self.low <= other.low and other.high <= self.high
        )

    def distance(self, place: Place) -> float:
        """Return how far a place is; 0 inside."""
        x, y = place
        return hypot(max(self.left - x, 0, x - self.right), max(self.low - y, 0, y - self.high))


class Mark(NamedTuple):
    """The middle of a mark, and how far it reaches."""

    x: float
    y: float
    reach: float


class Standing(NamedTuple):
    """Where a name stands, to which side of its mark (1 right, -1 left, 0 in line), and a line to it if it is far."""

    box: Box
    side: int
    line: tuple[Place, Place] | None


class Room(NamedTuple):
    """Where names may stand, the height of a line of text, and what names are not to lie on and lines may cross."""

    box: Box
    line: float
    crossed: Sequence[Box] = ()


def place_names(marks: Sequence[Mark], sizes: Sequence[Place | None], led: int, room: Room) -> list[Standing | None]:
    """Return where the name of each mark stands, those of the first ones first; None where there is no room for it.

    A name lies over nothing and is nearest to its own mark; where that cannot be, a line leads from the mark to it.

    Parameters
    ----------
    marks
        What is drawn, in one unit for all.
    sizes
        Width and height of each name; None for a mark without one.
    led
        So many marks, the first ones, matter enough for a line.
    room
        Where there is room.
    """
    found: list[Standing | None] = [None] * len(marks)
    for at, choices in _turns(len(marks), led):
        size = sizes[at]
        if size and not found[at]:
            others = [other for number, other in enumerate(marks) if number != at]
            taken = [box for one in found if one for box in (one.box, *_along(one))]
            free = (each for each in choices(marks[at], size, room.line)
                    if room.box.holds(each.box) and _is_free(each, [*taken, *room.crossed], taken, others))  # fmt: skip
            found[at] = next(free, None)
    return found


def _turns(many: int, led: int) -> Iterator[tuple[int, Callable[[Mark, Place, float], Iterator[Standing]]]]:
    """Yield whose turn it is, and what it may choose from: who has room beside its mark is not to lose it to a line."""
    yield from ((at, _beside) for at in range(led))
    yield from ((at, _farther) for at in range(led))
    yield from ((at, _beside) for at in range(led, many))


def stairs(places: Sequence[Place]) -> list[Place]:
    """Return the corners of a front through places, by rising x: who has more may have at least that y."""
    steps = [corner for (_, y), (x, higher) in pairwise(places) for corner in ((x, y), (x, higher))]
    return [*places[:1], *steps]


def along(corners: Sequence[Place]) -> Iterator[Box]:
    """Yield what level and upright lines from corner to corner cover."""
    for (a, b), (c, d) in pairwise(corners):
        yield Box(min(a, c) - _WIDE, min(b, d) - _WIDE, max(a, c) + _WIDE, max(b, d) + _WIDE)


def _is_free(one: Standing, solid: Sequence[Box], taken: Sequence[Box], others: Sequence[Mark]) -> bool:
    """Tell whether a name is clear of what is solid, its line of what is taken, and both of the marks of others."""
    if any(map(one.box.meets, solid)) or any(one.box.distance((x, y)) - reach <= _CLEAR for x, y, reach in others):
        return False
    parts = list(_along(one))
    return not any(part.meets(box) for part in parts for box in taken) and not any(
        part.distance((x, y)) <= reach for part in parts for x, y, reach in others
    )


def _along(one: Standing) -> Iterator[Box]:
    """Yield what the line to a name covers."""
    if one.line:
        (a, b), (c, d) = one.line
        steps = max(1, round(hypot(c - a, d - b)))
        for step in range(0, steps + 1, 2):
            x, y = a + (c - a) * step / steps, b + (d - b) * step / steps
            yield Box(x - 1, y - 1, x + 1, y + 1)


def _beside(mark: Mark, size: Place, _: float) -> Iterator[Standing]:
    return (_standing(mark, size, turn, 0) for turn in _BESIDE)


def _farther(mark: Mark, size: Place, line: float) -> Iterator[Standing]:
    return (_standing(mark, size, turn, far * line) for far, turn in product(_FARTHER, _AROUND))


def _standing(mark: Mark, size: Place, turn: int, far: float) -> Standing:
    """Return where a name stands in a direction [sixteenths of a turn], so far from its mark."""
    across, along = cos(turn * pi / 8), sin(turn * pi / 8)
    x, y = mark.x + (mark.reach + _GAP + far) * across, mark.y + (mark.reach + _GAP + far) * along
    left, low = x - size[0] * _behind(across), y - size[1] * _behind(along)
    start = (mark.x + mark.reach * across, mark.y + mark.reach * along)
    side = (across > _LEVEL) - (across < -_LEVEL)
    return Standing(Box(left, low, left + size[0], low + size[1]), side, (start, (x, y)) if far else None)


def _behind(direction: float) -> float:
    """Return how much of a name lies before the place that it is put at."""
    return 0.0 if direction > _LEVEL else 1.0 if direction < -_LEVEL else 0.5
