"""How far one read or one layer is off its usual time: drawn from percentiles, measured or given.

Percentiles say nothing beyond the lowest and the highest of them: no time is drawn below or above these. Between them
the inverse distribution function is linear, in probability and in time: all times between two are equally likely. The
median is the usual time itself, to the nanosecond.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, NamedTuple

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema, model_validator

from edgesim.clock import Seed
from edgesim.document import Document, Where, mistakes
from edgesim.model import Geometry
from edgesim.spread import HOT, LAYER, READ, Spread, Statistics

ONE = 10**9
"""A factor of 1: factors are billionths."""
MEDIAN = 0.5
Curve = tuple[tuple[float, int], ...]
"""Probability and factor [billionths] of each percentile, both rising; the median's factor is `ONE`."""
MEASURED = "measured"
_ENDS = {"min": 0.0, "max": 1.0}
_PROBABILITIES = (0.05, MEDIAN, 0.95, 0.99)  # of `Statistics`


def _probability(key: object) -> object:
    return _ENDS.get(key, key) if isinstance(key, str) else key


def _one_or_given(value: object) -> str:
    return MEASURED if isinstance(value, str) else "given"


Probability = Annotated[float, BeforeValidator(_probability), Field(ge=0, le=1)]
Factor = Annotated[float, Field(gt=0, le=1e6)]
Given = Annotated[
    dict[Probability, Factor],
    Field(min_length=2, max_length=100),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "number"}}),
]
Quantiles = Annotated[
    Annotated[Literal["measured"], Tag(MEASURED)] | Annotated[Given, Tag("given")], Discriminator(_one_or_given)
]


class Jitter(Document):
    """How far times scatter, as factors of the usual one.

    `quantiles` is ``measured``, for the percentiles of the profile's statistics, or says them: ``{0.05: 0.9, 0.5: 1,
    0.95: 1.3, max: 4}``, where ``min`` and ``max`` are those of 0 and 1.
    """

    quantiles: Quantiles = "measured"
    seed: Seed | None = None

    @model_validator(mode="after")
    def _rises_through_one(self) -> "Jitter":
        if isinstance(self.quantiles, dict):
            mistakes(list(_mistakes(self.quantiles)))
        return self


def _mistakes(given: Mapping[float, float]) -> Iterator[tuple[Where, str]]:
    if given.get(MEDIAN) != 1:
        yield ("quantiles",), f"needs '{MEDIAN}: 1': the usual time is the median, got {given.get(MEDIAN, 'none')}"
    factors = [given[probability] for probability in sorted(given)]
    if factors != sorted(factors):
        yield ("quantiles",), f"factors must rise with their probabilities, got {factors}"


class Scatter(NamedTuple):
    """Curves by two numbers of what they are about: request size [B] and queue depth, or shards and always 1."""

    curves: Mapping[int, tuple[tuple[int, Curve], ...]]
    """By the second number, the first number and the curve of each point, in order."""

    def curve(self, first: int, second: int = 1) -> Curve:
        """Return the curve of a point: between those known it is mixed of both, beyond them that of the nearest.

        Along the first number by its logarithm, along the second in proportion.
        """
        known = sorted(self.curves)
        low = known[max(0, bisect_right(known, second) - 1)]
        high = known[min(len(known) - 1, bisect_left(known, second))]
        part = (second - low) / (high - low) if high > low else 0.0
        return _mixed(_along(self.curves[low], first), _along(self.curves[high], first), part)


def _along(points: tuple[tuple[int, Curve], ...], number: int) -> Curve:
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
