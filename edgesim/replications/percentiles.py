"""Percentiles over all replications, with 95 % confidence intervals that assume no distribution."""

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate
from math import comb, exp, lgamma, log, sqrt
from typing import NamedTuple

from edgesim.replications.intervals import TAIL, Interval, student_t


class Counts(NamedTuple):
    """How often each time occurred in one replication: times in rising order, and how often each; 16 bytes a time."""

    times_ns: "array[int]"
    often: "array[int]"


def counts(times: Mapping[int, int]) -> Counts:
    """Return counts in their compact form: there may be a hundred thousand replications."""
    rising = sorted(times)
    return Counts(array("q", rising), array("q", (times[time] for time in rising)))


def percentile_of(counted: Sequence[Counts], percent: int) -> tuple[int, Interval | None]:
    """Return a percentile over all replications by nearest rank, and its interval.

    Parameters
    ----------
    counted
        For each replication, how often each time occurred.
    percent
        Which percentile.

    Returns
    -------
    value, interval
        The interval makes no assumption about the distribution; None for less than two replications.

    Notes
    -----
    One value a replication: order statistics, exact by the binomial distribution. Several: those of a replication
    depend on each other, so the interval of the share below the percentile is computed between replications (of the
    ratio, since they may differ in number) and read off the distribution of all values; source: R. S. Woodruff,
    "Confidence intervals for medians and other position measures", Journal of the American Statistical Association 47
    (1952). The share's standard error is at least that of independent values: else a percentile beyond all values seen
    would look certain.
    """
    number = sum(sum(one.often) for one in counted)
    rank = -(-number * percent // 100)
    if len(counted) < 2:
        ends = accumulate(counted[0].often)
        return next(time for time, end in zip(counted[0].times_ns, ends, strict=True) if end >= rank), None
    at = _by_rank(counted)
    single = all(len(one.often) == 1 and one.often[0] == 1 for one in counted)
    low, high = _ranks(number, percent) if single else _shared_ranks(counted, percent, at(rank))
    return at(rank), Interval(at(low) if low >= 1 else None, at(high) if high <= number else None)


def _by_rank(counted: Sequence[Counts]) -> Callable[[int], int]:
    """Return a function that finds the time of some rank, from 1, among all."""
    import numpy as np

    times, often = (np.concatenate([np.asarray(one[part]) for one in counted]) for part in (0, 1))
    order = np.argsort(times, kind="stable")
    ends = np.cumsum(often[order])
    return lambda rank: int(times[order[np.searchsorted(ends, rank)]])


def _ranks(number: int, percent: int) -> tuple[int, int]:
    """Return the ranks between which a percentile is; 0 and one above the number are beyond all values."""
    low, high, below = 0, number + 1, 0.0
    for rank, chance in enumerate(_binomial(number, percent / 100)):
        below += chance  # of at most `rank` values below the percentile
        if below <= TAIL:
            low = rank + 1
        if below >= 1 - TAIL - 1e-12:
            high = rank + 1
            break
    return low, high


def _binomial(number: int, chance: float) -> Iterator[float]:
    if number < 1000:
        yield from (comb(number, k) * chance**k * (1 - chance) ** (number - k) for k in range(number + 1))
        return
    for k in range(number + 1):
        ways = lgamma(number + 1) - lgamma(k + 1) - lgamma(number - k + 1)
        yield exp(ways + k * log(chance) + (number - k) * log(1 - chance))


def _shared_ranks(counted: Sequence[Counts], percent: int, value_ns: int) -> tuple[int, int]:
    sizes = [sum(one.often) for one in counted]
    below = [sum(one.often[: bisect_right(one.times_ns, value_ns)]) for one in counted]
    number, replications, chance = sum(sizes), len(counted), percent / 100
    share = sum(below) / number
    off = sum((part - share * size) ** 2 for part, size in zip(below, sizes, strict=True))
    between = sqrt(replications / (replications - 1) * off) / number
    half = student_t(replications - 1) * max(between, sqrt(chance * (1 - chance) / number))
    return int(number * (chance - half)), int(number * (chance + half)) + 1
