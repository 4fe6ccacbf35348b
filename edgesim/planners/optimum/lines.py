"""Straight lines that no read beats: what an integer program may be told of a table of measured times."""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from edgesim.device import SECOND, Points, Storage

BELOW = 1 - 1e-9
"""Keeps a line below the curve in spite of rounding; times themselves are rounded upward."""


class Line(NamedTuple):
    """A lower bound of the time of any number of reads, at least one, of so many bytes in all."""

    start_ns: float
    ns_per_byte: float


def lines(storage: Storage, least_bytes: int, most_bytes: int) -> list[Line]:
    """Return lines below the time of every read between two sizes, alone or several in a row.

    Parameters
    ----------
    storage
        Whose reads at queue depth 1.
    least_bytes, most_bytes
        The smallest and the largest read there can be [B].

    Notes
    -----
    With ``t(b) >= start + slope b`` and a start that is not negative, q reads of b bytes in all take at least
    ``q start + slope b``. The lines are the edges of the lower convex hull of the measured curve; where the curve is
    convex between two points, an edge is lowered until it lies below.
    """
    read = storage.read
    if read.bandwidth is not None:
        return [Line(float(read.latency or 0), SECOND / read.bandwidth)]
    pieces = list(_pieces(storage.points[1], least_bytes, most_bytes + 1))
    ends = sorted({(low, t) for low, _, t, _ in pieces} | {(high, t) for _, high, _, t in pieces})
    origin = min(time / size for size, time in ends)  # the rate of a power law is best at one of its ends
    found = [(0.0, origin)]
    for edge in pairwise(_hull(ends)):
        start, slope = _through(*edge)
        found.append((start - _above(pieces, start, slope), slope))
    return [Line(start * BELOW, slope * BELOW) for start, slope in found if start >= 0 and slope >= 0]


def _pieces(points: Points, least: int, most: int) -> Iterator[tuple[float, float, float, float]]:
    """Yield the curve between two sizes as power laws: sizes [B] and times [ns] of their ends."""
    first, last = points[0], points[-1]
    if least < first[0]:
        yield least, min(first[0], most), first[1], first[1]
    for (low, low_ns), (high, high_ns) in pairwise(points):
        if low < most and high > least:
            power = math.log(high_ns / low_ns) / math.log(high / low)
            start, end = max(low, least), min(high, most)
            yield start, end, low_ns * (start / low) ** power, low_ns * (end / low) ** power
    if most > last[0]:
        start = max(last[0], least)
        yield start, most, last[1] * start / last[0], last[1] * most / last[0]


def _through(low: tuple[float, float], high: tuple[float, float]) -> tuple[float, float]:
    slope = (high[1] - low[1]) / (high[0] - low[0])
    return low[1] - slope * low[0], slope


def _hull(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the lower convex hull, from left to right."""
    hull: list[tuple[float, float]] = []
    for x, y in points:
        while len(hull) > 1 and (hull[-1][1] - hull[-2][1]) * (x - hull[-2][0]) >= (y - hull[-2][1]) * (
            hull[-1][0] - hull[-2][0]
        ):
            hull.pop()
        hull.append((x, y))
    return hull


def _above(pieces: Sequence[tuple[float, float, float, float]], start: float, slope: float) -> float:
    """Return by how much a line exceeds the curve at most [ns]; a power law is nearest where it is as steep."""
    most = 0.0
    for low, high, low_ns, high_ns in pieces:
        sizes = [(low, low_ns), (high, high_ns)]
        if high > low and high_ns > low_ns and slope > 0:
            power = math.log(high_ns / low_ns) / math.log(high / low)
            if power > 1:
                steep = math.log(slope * low / (power * low_ns)) / (power - 1)  # how far to go, in logarithms
                step = min(max(steep, 0.0), math.log(high / low))
                sizes.append((low * math.exp(step), low_ns * math.exp(step * power)))
        most = max(most, *(start + slope * size - time for size, time in sizes))
    return most
