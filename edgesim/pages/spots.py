"""Points of a picture, those that are at one place together: marks, who they are, and a name where there is room."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from edgesim.plot.front import look_of, short_name
from edgesim.plot.placing import Box, Place, Room, Standing, place_names
from edgesim.plot.placing import Mark as Placed
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


class Letters(NamedTuple):
    """How wide a letter is and how high a line [px], and how many letters a name with all planners of a spot has."""

    wide: float
    high: float
    most: int


LETTERS = Letters(6.2, 13, 30)
LARGE = Letters(9.6, 19, 14)
"""On a phone a picture is smaller, and its letters are as large as before."""


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
    """What stands beside a spot: where [px], to which side (1 right, -1 left, 0 in line), and a path to it."""

    x: float
    y: float
    side: int
    text: str
    path: str


class Spot(NamedTuple):
    """One place [px], the marks there with the first planner's on top, whose they are, what is told, and names.

    `name` is among small letters, `large` among those of a phone.
    """

    x: float
    y: float
    marks: Sequence[Mark]
    planners: Sequence[str]
    told: str
    name: Name | None
    large: Name | None

    @property
    def is_crowded(self) -> bool:
        """Whether several results are here."""
        return len(self.marks) > 1


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
        Planners that get a name first; a line leads to it where there is no room beside the mark.
    lines
        What is drawn already, and names are not to lie on.
    room
        Where names may stand.
    """
    rank = {name: number for number, name in enumerate(dict.fromkeys(named))}
    groups = _grouped(sorted(placed, key=lambda each: rank.get(each[1].planner, len(rank))))
    both = [_names(groups, rank, letters, lines, room) for letters in (LETTERS, LARGE)]
    return [_spot(group, told, *names) for group, *names in zip(groups, *both, strict=True)][::-1]


def _grouped(placed: Sequence[tuple[Place, Result]]) -> list[_Group]:
    groups: list[_Group] = []
    for (x, y), result in placed:
        near = (one for one in groups if abs(one.at[0] - x) < _NEAR and abs(one.at[1] - y) < _NEAR)
        group = next(near, None)
        if group is None:
            groups.append(group := _Group((x, y), []))
        group.members.append(((x, y), result))
    return groups


def _spot(group: _Group, told: Mapping[int, str], name: Name | None, large: Name | None) -> Spot:
    marks = [Mark(*place, look(result)) for place, result in reversed(group.members)]
    lines = [told[id(result)] for _, result in group.members]
    above = [f"{len(lines)} planners at one point"] if len(lines) > 1 else []
    planners = [result.planner for _, result in group.members]
    return Spot(*group.at, marks, planners, "\n".join(above + lines), name, large)


def _names(
    groups: Sequence[_Group], rank: Mapping[str, int], letters: Letters, lines: Sequence[Box], room: Box
) -> list[Name | None]:
    """Return the name of each spot, None where there is no room for it."""
    marks = [Placed(*group.at, _RING if len(group.members) > 1 else _MARK) for group in groups]
    texts = [_text(group, letters) for group in groups]
    led = sum(group.members[0][1].planner in rank for group in groups)
    sizes = [(letters.wide * len(text), letters.high) for text in texts]
    places = place_names(marks, sizes, led, Room(room, letters.high, lines))
    return [_name(text, place) if place else None for text, place in zip(texts, places, strict=True)]


def _text(group: _Group, letters: Letters) -> str:
    names = [short_name(result.planner) for _, result in group.members]
    every = ", ".join(names)
    return every if len(names) == 1 or len(every) <= letters.most else f"{names[0]} and {len(names) - 1} more"


def _name(text: str, place: Standing) -> Name:
    box, path = place.box, ""
    if place.line:
        (a, b), (c, d) = place.line
        path = f"M{a:.1f} {b:.1f}L{c:.1f} {d:.1f}"
    x = {1: box.left, 0: (box.left + box.right) / 2, -1: box.right}[place.side]
    return Name(round(x, 1), round((box.low + box.high) / 2, 1), place.side, text, path)
