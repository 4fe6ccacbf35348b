"""Quality against memory: every planner a point, and the front of those that no other beats in both."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from edgesim.pages.scales import Tick, ticks
from edgesim.plot.front import front, look_of, quality
from edgesim.result import Result
from edgesim.units import show_bytes

_WIDE, _HIGH, _LEFT, _TOP, _RIGHT = 470, 290, 52, 14, 12
_LINEAR_MB = 0.1
"""Below so much kept, the scale is linear: it reaches 0."""
_LETTER, _LINE = 6.2, 13
_SHAPES = {
    "o": "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z",
    "s": "M-4.5-4.5h9v9h-9z",
    "^": "M0-5.5L5.5 4.5h-11z",
    "v": "M0 5.5L5.5-4.5h-11z",
    "D": "M0-6L6 0L0 6L-6 0z",
    "P": "M-2-5.5h4v3.5h3.5v4h-3.5v3.5h-4v-3.5h-3.5v-4h3.5z",
    "*": "M0-7.5L1.8-2.4L7.1-2.3L2.9 .9L4.4 6.1L0 3L-4.4 6.1L-2.9 .9L-7.1-2.3L-1.8-2.4z",
}  # fmt: skip


class Point(NamedTuple):
    """One result: its place [px] and looks, hollow if it misses the target, and what is told of it."""

    x: float
    y: float
    shape: str
    colour: str
    hollow: bool
    title: str
    label: str
    label_left: bool


class Family(NamedTuple):
    """A planner in the legend."""

    name: str
    shape: str
    colour: str


class Scatter(NamedTuple):
    """One panel: points, the front as a path, and the ticks of both axes [px]."""

    title: str
    width: float
    height: float
    bottom: float
    points: Sequence[Point]
    front: str
    across: Sequence[Tick]
    up: Sequence[Tick]


class _Axis(NamedTuple):
    """Values from low to high, at places [px] from the first to the last, on a scale."""

    low: float
    high: float
    first: float
    last: float
    scale: Callable[[float], float] = float

    def place(self, value: float) -> float:
        low, high = self.scale(self.low), self.scale(self.high)
        share = (self.scale(value) - low) / ((high - low) or 1)
        return round(self.first + share * (self.last - self.first), 1)


def families(results: Iterable[Result]) -> list[Family]:
    """Return what a legend lists: every planner once, whatever its options are."""
    names = dict.fromkeys(result.planner.partition("[")[0] for result in results)
    return [Family(name, _SHAPES[look_of(name)[1]], look_of(name)[0]) for name in names]


def scatters(results: Sequence[Result], named: Sequence[str]) -> list[Scatter]:
    """Return quality against the shards kept between inferences, and against the peak of all memory.

    Labels are those of `named` planners, the first ones first, where there is room for them.
    """
    return [
        _scatter(results, named, "shards kept between inferences [MB]", "preload_bytes"),
        _scatter(results, named, "peak of all memory [MB]", "peak_memory_bytes"),
    ]


def _bent(mb: float) -> float:
    """Scale as matplotlib's ``symlog``: linear near 0, logarithmic beyond."""
    return mb / _LINEAR_MB if mb <= _LINEAR_MB else 1 + math.log10(mb / _LINEAR_MB)


def _scatter(results: Sequence[Result], named: Sequence[str], title: str, metric: str) -> Scatter:
    amounts = [getattr(result.metrics, metric) / 1e6 for result in results]
    low, high = min(amounts), max(amounts)
    pad = 0.04 * (high - low) or 1.0
    sides = _LEFT, _WIDE - _RIGHT
    kept = metric == "preload_bytes"  # from nothing to the whole model
    x = _Axis(-0.01, high * 1.25 + 0.01, *sides, _bent) if kept else _Axis(low - pad, high + pad, *sides)
    scores = [quality(result) for result in results]
    room = 0.08 * (max(scores) - min(scores)) or 0.1
    y = _Axis(min(scores) - room, max(scores) + room, _TOP + _HIGH, _TOP)
    places = [(x.place(mb), y.place(quality(result))) for mb, result in zip(amounts, results, strict=True)]
    labels = _labels(places, [result.planner for result in results], named)
    drawn = [_point(*each) for each in zip(results, places, labels, strict=True)]
    points = sorted(drawn, key=lambda point: (bool(point.label), point.shape != _SHAPES["*"]))  # labelled ones on top
    met = front([result for result in results if result.metrics.meets_target], metric)
    across = _decades(x) if kept else ticks(x.low, x.high, x.place)
    return Scatter(title, _WIDE, _TOP + _HIGH + 44, _TOP + _HIGH, points,
                   _steps(met, metric, x, y), across, ticks(y.low, y.high, y.place))  # fmt: skip


def _decades(axis: _Axis) -> list[Tick]:
    values = [0.0, *(10.0**power for power in range(-1, 7) if 10.0**power <= axis.high)]
    return [Tick(axis.place(value), f"{value:,.10g}") for value in values]


def _steps(best: Sequence[Result], metric: str, x: _Axis, y: _Axis) -> str:
    """Return the front: who has more memory may have at least that quality."""
    if not best:
        return ""
    places = [(x.place(getattr(one.metrics, metric) / 1e6), y.place(quality(one))) for one in best]
    return f"M{places[0][0]} {places[0][1]}" + "".join(f"H{a}V{b}" for a, b in places[1:]) + f"H{x.last}"


def _labels(
    places: Sequence[tuple[float, float]], planners: Sequence[str], named: Sequence[str]
) -> list[tuple[str, bool]]:
    """Return the label of each point and whether it stands to the left; none where it would lie over another."""
    taken = [(x - 6, y - 6, x + 6, y + 6) for x, y in dict.fromkeys(places)]
    at, found = dict(zip(planners, places, strict=True)), dict[str, tuple[str, bool]]()
    written = set[tuple[float, float]]()
    for name in (name for name in named if name in at):
        x, y = at[name]
        boxes = {left: _box(x, y, name, left=left) for left in (False, True)}
        free = [left for left, box in boxes.items() if not any(_overlap(box, other) for other in taken)
                and box[0] >= _LEFT and box[2] <= _WIDE]  # fmt: skip
        if free and (x, y) not in written:
            found[name] = name, free[0]
            taken.append(boxes[free[0]])
            written.add((x, y))
    return [found.get(name, ("", False)) for name in planners]


def _box(x: float, y: float, name: str, *, left: bool) -> tuple[float, float, float, float]:
    wide = _LETTER * len(name)
    start = x - 9 - wide if left else x + 9
    return start, y - _LINE / 2, start + wide, y + _LINE / 2


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _point(result: Result, place: tuple[float, float], label: tuple[str, bool]) -> Point:
    colour, marker = look_of(result.planner.partition("[")[0])
    metrics = result.metrics
    title = (
        f"{result.planner}: {quality(result):.4f}, shards kept {show_bytes(metrics.preload_bytes)},"
        f" peak {show_bytes(metrics.peak_memory_bytes)}, target {'met' if metrics.meets_target else 'missed'}"
    )
    return Point(*place, _SHAPES[marker], colour, not metrics.meets_target, title, *label)
