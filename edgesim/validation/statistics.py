"""Medians, percentiles, bootstrap intervals and rank correlation: what errors are summed up with."""

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_RESAMPLES = 2000
Values = Sequence[float]


class Summary(NamedTuple):
    """Some signed relative errors, summed up."""

    number: int
    """How many errors there are."""
    median: float
    """Their median, with its sign."""
    median_size: float
    """Median of their sizes."""
    p95_size: float
    """95th percentile of their sizes."""
    max_size: float
    """The largest size."""
    low: float
    """Lower end of the 95 % bootstrap interval of `median_size`."""
    high: float
    """Its upper end."""


def summary(errors: Values, seed: int = 0) -> Summary | None:
    """Sum up signed relative errors; None if there are none."""
    if not errors:
        return None
    signed = np.asarray(errors, float)
    size = np.abs(signed)
    low, high = interval(size, np.median, seed)
    return Summary(
        len(errors),
        float(np.median(signed)),
        float(np.median(size)),
        percentile(size, 95),
        float(size.max()),
        low,
        high,
    )


def percentile(values: Values | NDArray[np.float64], percent: int) -> float:
    """Return the nearest-rank percentile: the least value that `percent` of all do not exceed."""
    ordered = np.sort(np.asarray(values, float))
    return float(ordered[max(0, -(-len(ordered) * percent // 100) - 1)])


def interval(
    values: Values | NDArray[np.float64], statistic: Callable[..., object], seed: int = 0
) -> tuple[float, float]:
    """Return the 95 % percentile-bootstrap interval of a statistic.

    Parameters
    ----------
    values
        The sample.
    statistic
        A function of numpy's, which takes `axis`.
    seed
        Chooses the resamples.

    Notes
    -----
    Source: B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap (1993), section 13.3.
    """
    sample = np.asarray(values, float)
    drawn = np.random.default_rng(seed).integers(0, len(sample), (_RESAMPLES, len(sample)))
    found = np.sort(np.asarray(statistic(sample[drawn], axis=1)))
    return float(found[int(0.025 * _RESAMPLES)]), float(found[int(0.975 * _RESAMPLES)])


def kendall_tau(first: Values, second: Values) -> float | None:
    """Return Kendall's rank correlation of two rows of values, tau-b; None where one of them has no order.

    Notes
    -----
    Source: M. G. Kendall, "The treatment of ties in ranking problems", Biometrika 33 (1945).
    """
    agree = disagree = ties_first = ties_second = 0
    for (a, x), (b, y) in combinations(zip(first, second, strict=True), 2):
        sign = ((a > b) - (a < b)) * ((x > y) - (x < y))
        agree, disagree = agree + (sign > 0), disagree + (sign < 0)
        ties_first, ties_second = ties_first + (a == b), ties_second + (x == y)
    pairs = len(first) * (len(first) - 1) // 2
    scale = ((pairs - ties_first) * (pairs - ties_second)) ** 0.5
    return (agree - disagree) / scale if scale else None
