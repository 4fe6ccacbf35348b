"""95 % confidence intervals of means and probabilities, from independent replications."""

from collections.abc import Sequence
from functools import cache
from math import atan, cos, pi, sin, sqrt
from statistics import NormalDist, fmean, stdev
from typing import NamedTuple

LEVEL = 0.95
TAIL = (1 - LEVEL) / 2
Z = NormalDist().inv_cdf(1 - TAIL)
_EXACT_BELOW = 120  # degrees of freedom; from there on the expansion is right to ten digits


class Interval(NamedTuple):
    """Where a true value is, with 95 % confidence; None is unbounded: no replication was far enough out."""

    low: float | None
    """The lower end; None is unbounded."""
    high: float | None
    """The upper end; None is unbounded."""


@cache
def student_t(freedom: int) -> float:
    """Return what Student's t exceeds with a probability of 2.5 %.

    Parameters
    ----------
    freedom
        Degrees of freedom, from 1.

    Notes
    -----
    Source: M. Abramowitz and I. A. Stegun, Handbook of Mathematical Functions (1964), 26.7.3 and 26.7.4 (exact for
    whole degrees of freedom, here inverted by bisection) and 26.7.5 (expansion for many); recalled, and compared with
    SciPy by the tests.
    """
    if freedom >= _EXACT_BELOW:
        return _expanded(freedom)
    low, high = 0.0, 16.0
    while high - low > 1e-12:
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, freedom) < LEVEL else (low, middle)
    return (low + high) / 2


def _within(t: float, freedom: int) -> float:
    """Return the probability that Student's t is between -t and t."""
    angle = atan(t / sqrt(freedom))
    square, odd = cos(angle) ** 2, freedom % 2
    term = cos(angle) if odd else 1.0
    total = 0.0
    for step in range(3 if odd else 2, freedom + 1, 2):
        total += term
        term *= square * (step - 1) / step
    return 2 / pi * (angle + sin(angle) * total) if odd else sin(angle) * total


def _expanded(freedom: int) -> float:
    z = Z
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / float(freedom) ** power for power, term in enumerate(terms, 1))


def half_width(number: int, deviation: float) -> float:
    """Return half the width of the interval of a mean.

    Parameters
    ----------
    number, deviation
        How many independent values, at least 2, and their standard deviation.
    """
    return student_t(number - 1) * deviation / sqrt(number)


def mean_interval(values: Sequence[float]) -> Interval | None:
    """Return Student's interval of the mean of independent values; None for less than two."""
    if len(values) < 2:
        return None
    mean, half = fmean(values), half_width(len(values), stdev(values))
    return Interval(mean - half, mean + half)


def wilson(happened: float, number: int) -> Interval:
    """Return the interval of a probability.

    Parameters
    ----------
    happened, number
        How often it happened, in how many independent trials. Where a trial has a share from 0 to 1 instead, their sum:
        the interval is then too wide rather than too narrow, since no share varies more than a yes or no of its mean.

    Notes
    -----
    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the
    American Statistical Association 22 (1927).
    """
    share, weight = happened / number, Z * Z / number
    middle = (share + weight / 2) / (1 + weight)
    half = Z / (1 + weight) * sqrt(share * (1 - share) / number + weight / (4 * number))
    return Interval(0.0 if happened <= 0 else middle - half, 1.0 if happened >= number else middle + half)


def share_interval(shares: Sequence[float]) -> Interval:
    """Return the interval of the mean of at least two shares from 0 to 1.

    Student's, cut off at 0 and 1; Wilson's where all are the same: that none of 20 sessions missed does not say that
    none ever will.
    """
    mean, deviation = fmean(shares), stdev(shares)
    if deviation == 0:
        return wilson(sum(shares), len(shares))
    half = half_width(len(shares), deviation)
    return Interval(max(0.0, mean - half), min(1.0, mean + half))
