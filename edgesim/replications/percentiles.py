"""Percentiles over all replications, with 95 % confidence intervals that assume no distribution."""

from collections import Counter
from collections.abc import Iterator, Sequence
from math import comb, exp, lgamma, log, sqrt

from edgesim.replications.intervals import TAIL, Interval, student_t


def percentile_of(counted: Sequence[Counter[int]], percent: int) -> tuple[int, Interval | None]:
    """Return a percentile over all replications by nearest rank, and its interval.

    Parameters
    ----------
    counted
        For each replication, how often each value occurred.
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
    every = Counter[int]()
    for each in counted:
        every.update(each)
    number = every.total()
    ordered = [(value, every[value]) for value in sorted(every)]
    value = _ranked(ordered, -(-number * percent // 100))
    if len(counted) < 2:
        return value, None
    single = all(each.total() == 1 for each in counted)
    low, high = _ranks(number, percent) if single else _shared_ranks(counted, percent, value)
    return value, Interval(
        _ranked(ordered, low) if low >= 1 else None, _ranked(ordered, high) if high <= number else None
    )


def _ranked(ordered: Sequence[tuple[int, int]], rank: int) -> int:
    seen = 0
    for value, count in ordered:
        seen += count
        if seen >= rank:
            return value
    raise ValueError("a rank is at most the number of values")


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


def _shared_ranks(counted: Sequence[Counter[int]], percent: int, value: int) -> tuple[int, int]:
    sizes = [each.total() for each in counted]
    below = [sum(count for found, count in each.items() if found <= value) for each in counted]
    number, replications, chance = sum(sizes), len(counted), percent / 100
    share = sum(below) / number
    off = sum((part - share * size) ** 2 for part, size in zip(below, sizes, strict=True))
    between = sqrt(replications / (replications - 1) * off) / number
    half = student_t(replications - 1) * max(between, sqrt(chance * (1 - chance) / number))
    return int(number * (chance - half)), int(number * (chance + half)) + 1
