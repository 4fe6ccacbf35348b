"""Points of a picture, those that are at one place together: marks, who they are, and a name where there is room."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from edgesim.plot.front import look_of
from edgesim.result import Result

SHAPES = {
    "o": "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z",
    "s": "M-4.5-4.5h9v9h-9z",
    "^": "M0-5.5L5.5 4.5h-11z",
    "v": "M0 5.5L5.5-4.5h-11z",
    "D": "M0-6L6 0L0 6L-6 0z",
    "P": "M-2-5.5h4v3.5h3.5v4h-3.5v3.5h-4v-3.5h-3.5v-4h3.5z",
    "*": "M0-7.5L1.8-2.4L7.1-2.3L2.9 .9L4.4 6.1L0 3L-4.4 6.1L-2.9 .9L-7.1-2.3L-1.8-2.4z",
}
_NEAR = 4.0
"""Closer than so, marks hide each other [px]."""
_MARK, _RING = 6.0, 10.0
"""How far a mark, and the ring around several, reach [px]."""
_LETTER, _LINE, _SMALL = 6.2, 13.0, 10.0
"""A letter's width, a line's height, and the room for a small mark beside a ring [px]."""
_SIDES = ((1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1))
"""Where a name stands, the best first: to the right, at the same height."""

Place = tuple[float, float]


class Look(NamedTuple):
    """How a planner is drawn: hollow if it misses the target."""

    shape: str
    colour: str
    hollow: bool


class Mark(NamedTuple):
    """A result where it is [px]."""

    x: float
    y: float
    look: Look


class Name(NamedTuple):
    """What stands beside a spot: small marks of who else is there, from `x` on, and a text at `text_x` [px]."""

    x: float
    y: float
    others: Sequence[Look]
    text_x: float
    text: str


class Spot(NamedTuple):
    """One place [px], the marks there with the first planner's on top, whose they are, what is told, and a name."""

    x: float
    y: float
    marks: Sequence[Mark]
    planners: Sequence[str]
    told: str
    name: Name | None

    @property
    def is_crowded(self) -> bool:
        """Whether several results are here."""
        return len(self.marks) > 1


class Box(NamedTuple):
    """A part of a picture [px]."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        """Tell whether both have a part in common."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def holds(self, other: "Box") -> bool:
        """Tell whether the other is a part of this one."""
        return (self.left <= other.left and other.right <= self.right
                and self.top <= other.top and other.bottom <= self.bottom)  # fmt: skip


class _Group(NamedTuple):
    """Results at one place [px], the first one named first."""

    at: Place
    members: list[tuple[Place, Result]]


def look(result: Result) -> Look:
    """Return how a result is drawn."""
    colour, marker = look_of(result.planner.partition("[")[0])
    return Look(SHAPES[marker], colour, not result.metrics.meets_target)


def spots(
    placed: Sequence[tuple[Place, Result]],
    told: Mapping[int, str],
    named: Sequence[str],
    lines: Sequence[Box],
    room: Box,
) -> list[Spot]:
    """Return results at their places, the first named ones last, so that they are drawn on top.

    Parameters
    ----------
    placed
        Where results are [px].
    told
        What is told of each, by its identity.
    named
        Planners that get a name where there is room, the first ones first.
    lines
        What is drawn already, and names are not to lie on.
    room
        Where names may stand.
    """
    rank = {name: number for number, name in enumerate(dict.fromkeys(named))}
    groups = _grouped(sorted(placed, key=lambda each: rank.get(each[1].planner, len(rank))))
    names = _names(groups, rank, lines, room)
    found = [_spot(group, told, name) for group, name in zip(groups, names, strict=True)]
    return found[::-1]


def _grouped(placed: Sequence[tuple[Place, Result]]) -> list[_Group]:
    groups: list[_Group] = []
    for (x, y), result in placed:
        near = (one for one in groups if abs(one.at[0] - x) < _NEAR and abs(one.at[1] - y) < _NEAR)
        group = next(near, None)
        if group is None:
            groups.append(group := _Group((x, y), []))
        group.members.append(((x, y), result))
    return groups


def _spot(group: _Group, told: Mapping[int, str], name: Name | None) -> Spot:
    marks = [Mark(*place, look(result)) for place, result in reversed(group.members)]
    lines = [told[id(result)] for _, result in group.members]
    above = [f"{len(lines)} planners at one point"] if len(lines) > 1 else []
    planners = [result.planner for _, result in group.members]
    return Spot(*group.at, marks, planners, "\n".join(above + lines), name)


def _names(groups: Sequence[_Group], rank: Mapping[str, int], lines: Sequence[Box], room: Box) -> Iterator[Name | None]:
    """Yield the name of each spot where it lies over nothing; small marks without a text where there is less room."""
    taken = [*lines, *(_around(group) for group in groups)]
    for group in groups:
        first, others = group.members[0][1], _others(group)
        text = first.planner + (f" and {len(group.members) - 1} more" if len(group.members) > 1 else "")
        tried = [text] * (first.planner in rank) + [""] * bool(others)
        free = ((box, name) for each in tried for box, name in _beside(group, others, each)
                if room.holds(box) and not any(map(box.meets, taken)))  # fmt: skip
        box, name = next(free, (None, None))
        taken += [box] if box else []
        yield name


def _others(group: _Group) -> list[Look]:
    """Return the looks that the uppermost mark of a spot hides."""
    looks = dict.fromkeys(look(result) for _, result in group.members)
    return list(looks)[1:]


def _reach(group: _Group) -> float:
    return _RING if len(group.members) > 1 else _MARK


def _around(group: _Group) -> Box:
    (x, y), reach = group.at, _reach(group)
    return Box(x - reach, y - reach, x + reach, y + reach)


def _beside(group: _Group, others: Sequence[Look], text: str) -> Iterator[tuple[Box, Name]]:
    """Yield what a name would cover at each side of a spot, and the name there."""
    marks, reach = _SMALL * len(others), _reach(group)
    wide = marks + _LETTER * len(text) + 2 * bool(others)
    for right, down in _SIDES:
        gap = reach + 2 if not down else 0.5 * reach
        left = group.at[0] + gap if right > 0 else group.at[0] - gap - wide
        y = group.at[1] + down * (reach + _LINE / 2)
        box = Box(left, y - _LINE / 2, left + wide, y + _LINE / 2)
        yield box, Name(round(left, 1), round(y, 1), others, round(left + marks + 2 * bool(others), 1), text)
