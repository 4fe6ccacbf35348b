"""Quality against memory: every planner a point, and the front of those that no other beats in both."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from edgesim.pages.scales import Tick, ticks
from edgesim.pages.spots import SHAPES, Spot, spots
from edgesim.plot.front import comparable, front, look_of, quality
from edgesim.plot.placing import Box, along, stairs
from edgesim.result import Result
from edgesim.units import show_bytes

_WIDE, _HIGH, _LEFT, _TOP, _RIGHT = 470, 290, 52, 14, 12
_LINEAR_MB = 0.1
"""Below so much kept, the scale is linear: it reaches 0."""


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
    spots: Sequence[Spot]
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
    return [Family(name, SHAPES[look_of(name)[1]], look_of(name)[0]) for name in names]


def scatters(results: Sequence[Result], named: Sequence[str]) -> list[Scatter]:
    """Return quality against the shards kept between inferences, and against the peak of all memory.

    Results whose quality is unknown are left out, see `edgesim.plot.front.comparable`; where it is unknown of all there
    is no panel. Names are those of `named` planners, the first ones first, where there is room for them.
    """
    known = comparable(results)
    panels = {"shards kept between inferences [MB]": "preload_bytes", "peak of all memory [MB]": "peak_memory_bytes"}
    return [_scatter(known, named, title, metric) for title, metric in panels.items()] if known else []


def _bent(mb: float) -> float:
    """Scale as matplotlib's ``symlog``: linear near 0, logarithmic beyond."""
    return mb / _LINEAR_MB if mb <= _LINEAR_MB else 1 + math.log10(mb / _LINEAR_MB)


def _scatter(results: Sequence[Result], named: Sequence[str], title: str, metric: str) -> Scatter:
    x, y = _memory_axis(results, metric), _quality_axis(results)
    at = {id(result): (x.place(getattr(result.metrics, metric) / 1e6), y.place(quality(result))) for result in results}
    met = front([result for result in results if result.metrics.meets_target], metric)
    corners = stairs([at[id(result)] for result in met])
    corners += [(x.last, y) for _, y in corners[-1:]]
    found = spots(
        [(at[id(result)], result) for result in results], {id(result): _told(result) for result in results}, named,
        list(along(corners)), Box(_LEFT, _TOP, _WIDE, _TOP + _HIGH),
    )  # fmt: skip
    across = _decades(x) if metric == "preload_bytes" else ticks(x.low, x.high, x.place)
    path = "M" + "L".join(f"{a} {b}" for a, b in corners) if corners else ""
    return Scatter(title, _WIDE, _TOP + _HIGH + 44, _TOP + _HIGH, found, path, across, ticks(y.low, y.high, y.place))


def _memory_axis(results: Sequence[Result], metric: str) -> _Axis:
    amounts = [getattr(result.metrics, metric) / 1e6 for result in results]
    low, high = min(amounts), max(amounts)
    pad = 0.04 * (high - low) or 1.0
    sides = _LEFT, _WIDE - _RIGHT
    if metric == "preload_bytes":  # from nothing to the whole model
        return _Axis(-0.01, high * 1.25 + 0.01, *sides, _bent)
    return _Axis(low - pad, high + pad, *sides)


def _quality_axis(results: Sequence[Result]) -> _Axis:
    scores = [quality(result) for result in results]
    room = 0.08 * (max(scores) - min(scores)) or 0.1
    return _Axis(min(scores) - room, max(scores) + room, _TOP + _HIGH, _TOP)


def _decades(axis: _Axis) -> list[Tick]:
    values = [0.0, *(10.0**power for power in range(-1, 7) if 10.0**power <= axis.high)]
    return [Tick(axis.place(value), f"{value:,.10g}") for value in values]


def _told(result: Result) -> str:
    metrics = result.metrics
    return (
        f"{result.planner}: {quality(result):.4f}, shards kept {show_bytes(metrics.preload_bytes)},"
        f" peak {show_bytes(metrics.peak_memory_bytes)}, target {'met' if metrics.meets_target else 'missed'}"
    )
