"""Times of a session of any length, counted in memory that does not grow with it."""

from collections import Counter

MOST_DISTINCT = 2**16
_BITS = 10


class Distribution:
    """How often each time occurred; exact until there are more than `MOST_DISTINCT` different ones.

    From then on times are counted rounded up to 10 binary digits after the first: by 0.1 % at most. Number and sum, and
    so the mean, stay exact.
    """

    __slots__ = ("_coarse", "_counts", "_number", "total_ns")

    def __init__(self) -> None:
        self._counts = Counter[int]()
        self._coarse = False
        self.total_ns = self._number = 0

    def __len__(self) -> int:
        """Return how many times were counted."""
        return self._number  # summing the counts takes as long as there are different ones

    def add(self, time_ns: int) -> None:
        """Count a time in."""
        self.total_ns += time_ns
        self._number += 1
        self._counts[_rounded(time_ns) if self._coarse else time_ns] += 1
        if not self._coarse and len(self._counts) > MOST_DISTINCT:
            self._coarse = True
            exact, self._counts = self._counts, Counter()
            for time, count in exact.items():
                self._counts[_rounded(time)] += count

    @property
    def mean_ns(self) -> float | None:
        """The mean [ns]; None where there are no times."""
        return self.total_ns / len(self) if self._counts else None

    def percentile_ns(self, percent: int) -> int | None:
        """Return the nearest-rank percentile [ns]; None where there are no times."""
        return percentile(self._counts, percent) if self._counts else None


def _rounded(time_ns: int) -> int:
    shift = max(0, time_ns.bit_length() - 1 - _BITS)
    return -(-time_ns >> shift) << shift


def percentile(counts: Counter[int], percent: int) -> int:
    """Return the nearest-rank percentile: the least value that `percent` of all do not exceed.

    Raises
    ------
    ValueError
        If there are no values.
    """
    rank, seen = -(-counts.total() * percent // 100), 0
    for value in sorted(counts):
        seen += counts[value]
        if seen >= rank:
            return value
    raise ValueError("a percentile needs values")
