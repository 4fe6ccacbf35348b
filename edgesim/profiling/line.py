"""The line ``latency + bytes / bandwidth`` that is nearest to measured read times: for orientation only."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

SECOND = 10**9


@dataclass(frozen=True, slots=True)
class Line:
    """A fitted line, and how far it is from the points it was fitted to, as a share of their times."""

    latency_ns: float
    bytes_per_s: float
    median_error: float
    largest_error: float


def fit_line(points: Mapping[int, int]) -> Line | None:
    """Fit a line to times [ns] by size [B], with the least sum of squared relative errors; latency is not negative.

    Returns
    -------
    Line or None
        None with fewer than two sizes, or where time does not rise with size.
    """
    if len(points) < 2:
        return None
    inverse = {size: 1 / ns for size, ns in points.items()}
    one, both, size_2 = (
        math.fsum(size**power * weight**2 for size, weight in inverse.items()) for power in (0, 1, 2)
    )  # fmt: skip
    sum_1, sum_size = (math.fsum(size**power * weight for size, weight in inverse.items()) for power in (0, 1))
    latency = (sum_1 * size_2 - sum_size * both) / (one * size_2 - both**2)
    slope = (sum_size - latency * both) / size_2
    if latency < 0:
        latency, slope = 0.0, sum_size / size_2
    if slope <= 0:
        return None
    errors = [abs((latency + slope * size) / ns - 1) for size, ns in points.items()]
    return Line(latency, SECOND / slope, median(errors), max(errors))
