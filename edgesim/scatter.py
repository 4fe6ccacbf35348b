"""How far one read or one layer is off its usual time: drawn from percentiles, measured or given.

Percentiles say nothing beyond the lowest and the highest of them: no time is drawn below or above these. Between them
the inverse distribution function is linear, in probability and in time: all times between two are equally likely. The
median is the usual time itself, to the nanosecond.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping

from edgesim.jitter import MEDIAN, Jitter
from edgesim.model import Geometry
from edgesim.spread import HOT, LAYER, READ, Spread, Statistics

ONE = 10**9
"""A factor of 1: factors are billionths."""
Curve = tuple[tuple[float, int], ...]
"""Probability and factor [billionths] of each percentile, both rising; the median's factor is `ONE`."""
Points = tuple[tuple[int, Curve], ...]
_PROBABILITIES = (0.05, MEDIAN, 0.95, 0.99)  # of `Statistics`


class Scatter:
    """How times scatter by two numbers of what they are about: request size [B] and queue depth, or shards and 1.

    Parameters
    ----------
    points
        By the second number, the first number and the curve of each point, in order.
    """

    __slots__ = ("_known", "_points")

    def __init__(self, points: Mapping[int, Points]) -> None:
        self._points = points
        self._known: dict[tuple[int, int], Curve] = {}

    def ns(self, usual_ns: int, luck: float, first: int, second: int = 1) -> int:
        """Return the time that luck makes of a usual one [ns]; see `slowed_ns`."""
        curve = self._known.get((first, second))
        if curve is None:
            curve = self._known[first, second] = self.curve(first, second)
        return slowed_ns(usual_ns, curve, luck)

    def curve(self, first: int, second: int = 1) -> Curve:
        """Return the curve of a point: between those known it is mixed of both, beyond them that of the nearest.

        Along the first number by its logarithm, along the second in proportion.
        """
        known = sorted(self._points)
        low = known[max(0, bisect_right(known, second) - 1)]
        high = known[min(len(known) - 1, bisect_left(known, second))]
        part = (second - low) / (high - low) if high > low else 0.0
        return _mixed(_along(self._points[low], first), _along(self._points[high], first), part)


def _along(points: Points, number: int) -> Curve:
    above = bisect_left(points, number, key=lambda point: point[0])
    if above in {0, len(points)}:
        return points[min(above, len(points) - 1)][1]
    (low, lower), (high, upper) = points[above - 1 : above + 1]
    return _mixed(lower, upper, math.log(number / low) / math.log(high / low))


def _mixed(low: Curve, high: Curve, part: float) -> Curve:
    if low is high:
        return low
    pairs = zip(low, high, strict=True)
    return tuple((probability, factor + round((other - factor) * part)) for (probability, factor), (_, other) in pairs)


def slowed_ns(usual_ns: int, curve: Curve, luck: float) -> int:
    """Return the time that luck makes of a usual one [ns], rounded up.

    Parameters
    ----------
    usual_ns
        The median [ns].
    curve
        The distribution of its factor.
    luck
        From 0 to 1, each equally likely: which part of all times is shorter. 0.5 is the usual time.
    """
    return -(-usual_ns * factor(curve, luck) // ONE)


def factor(curve: Curve, luck: float) -> int:
    """Return the factor below which a part of all lies [billionths]."""
    above = bisect_right(curve, luck, key=lambda point: point[0])
    if above in {0, len(curve)}:
        return curve[min(above, len(curve) - 1)][1]
    (low, lower), (high, upper) = curve[above - 1 : above + 1]
    return lower + round((upper - lower) * ((luck - low) / (high - low)))


def read_scatter(jitter: Jitter, spread: Spread | None) -> Scatter:
    """Return how reads scatter, by request size [B] and queue depth.

    Parameters
    ----------
    jitter
        What the scenario wants.
    spread
        The profile's statistics.

    Raises
    ------
    ValueError
        If measured percentiles are wanted, and the profile has none of reads.
    """
    return _scatter(jitter, spread, READ)


def layer_scatter(jitter: Jitter, spread: Spread | None, processor: str, geometry: Geometry) -> Scatter:
    """Return how layers of a geometry scatter on a processor, by the number of their shards.

    Raises
    ------
    ValueError
        If measured percentiles are wanted, and the profile has none of these layers.
    """
    own = spread if spread and measures_layers(spread, processor, geometry) else None
    return _scatter(jitter, own, LAYER)


def measures_reads(spread: Spread | None) -> bool:
    """Tell whether a profile's statistics are also of reads."""
    return spread is not None and (READ, HOT) in spread.parts


def measures_layers(spread: Spread | None, processor: str, geometry: Geometry) -> bool:
    """Tell whether a profile's statistics are also of layers of a geometry on a processor."""
    if spread is None or spread.geometry is None or (LAYER, HOT) not in spread.parts:
        return False
    return spread.processor == processor and spread.geometry.key == geometry.key


def _scatter(jitter: Jitter, spread: Spread | None, quantity: str) -> Scatter:
    if isinstance(jitter.quantiles, dict):
        points = sorted(jitter.quantiles.items())
        return Scatter({1: ((1, tuple((probability, round(given * ONE)) for probability, given in points)),)})
    found: dict[int, list[tuple[int, Curve]]] = {}
    for point, measured in spread.rows.items() if spread else ():
        if point.quantity == quantity and point.state == HOT:
            first, second = (*point.key, 1)[:2]
            found.setdefault(second, []).append((first, _curve(measured)))
    if not found:
        raise ValueError(f"the profile has no measured distribution of times of a {quantity}")
    return Scatter({second: tuple(sorted(points)) for second, points in found.items()})


def _curve(found: Statistics) -> Curve:
    usual = found.median_ns
    times = (found.p5_ns, usual, found.p95_ns, found.p99_ns)
    factors = ((ONE * time + usual // 2) // usual if usual else ONE for time in times)
    return tuple(zip(_PROBABILITIES, factors, strict=True))
