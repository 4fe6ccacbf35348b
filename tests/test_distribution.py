"""Times counted in bounded memory: exact as long as that is possible, and by 0.1 % too high afterwards."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgesim import distribution
from edgesim.distribution import MOST_DISTINCT, Distribution, percentile

TIMES = st.lists(st.integers(0, 2**53), min_size=1, max_size=60)
PERCENTS = (0, 1, 50, 90, 99, 100)


def counted(times: list[int]) -> Distribution:
    """Count all of some times."""
    made = Distribution()
    for time in times:
        made.add(time)
    return made


def nearest_rank(times: list[int], percent: int) -> int:
    """Return the least time that so many percent of all do not exceed."""
    return sorted(times)[max(0, -(-len(times) * percent // 100) - 1)]


@given(TIMES)
def test_few_times_are_counted_exactly(times: list[int]) -> None:
    """Number, sum, mean and percentiles are those of the list."""
    found = counted(times)
    assert (len(found), found.total_ns, found.mean_ns) == (len(times), sum(times), sum(times) / len(times))
    assert [found.percentile_ns(percent) for percent in PERCENTS] == [nearest_rank(times, p) for p in PERCENTS]


@settings(max_examples=300)
@given(TIMES, st.integers(0, 8))
def test_many_times_are_rounded_up_by_a_thousandth_at_most(times: list[int], most: int) -> None:
    """Number and mean stay exact; a percentile is never too low, nor too high by more than 2**-10 of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(distribution, "MOST_DISTINCT", most)
        found = counted(times)
    assert (len(found), found.mean_ns) == (len(times), sum(times) / len(times))
    for percent in PERCENTS:
        exact, told = nearest_rank(times, percent), found.percentile_ns(percent)
        assert told is not None
        assert exact <= told <= exact + exact / 2**10


def test_exactly_as_many_as_may_be_are_exact() -> None:
    """With one more different time all are rounded."""
    times = [10**9 + 3 * number for number in range(MOST_DISTINCT)]
    found = counted(times)
    assert found.percentile_ns(1) == times[655]
    found.add(5)
    assert (found.percentile_ns(1) or 0) > times[654]
    assert found.percentile_ns(0) == 5


def test_a_million_times_take_as_much_memory_as_few() -> None:
    """There are never more counters than may be exact and one, and few once times are rounded."""
    random, found = Random(0), Distribution()
    for number in range(10**6):
        found.add(random.randrange(10**12))
        assert number % 1000 or len(found._counts) <= MOST_DISTINCT + 1
    assert len(found) == 10**6
    assert len(found._counts) <= 2**10 * 40


def test_nothing_has_no_percentile() -> None:
    """Without times there is no mean and no percentile, and asking a list for one is a mistake."""
    nothing = Distribution()
    assert (len(nothing), nothing.mean_ns, nothing.percentile_ns(50)) == (0, None, None)
    with pytest.raises(ValueError, match="needs values"):
        percentile(nothing._counts, 50)


def test_counting_is_as_fast_with_many_different_times() -> None:
    """How many there are is known without adding the counters up: sessions ask it of every inference."""
    found = counted(list(range(1000)))
    found._counts.clear()
    assert len(found) == 1000
