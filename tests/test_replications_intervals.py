"""Confidence intervals hold what they promise: counted in thousands of experiments whose truth is known."""

from collections import Counter
from collections.abc import Iterable
from math import ceil, log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgesim.replications.intervals import Interval, mean_interval, share_interval, student_t, wilson
from edgesim.replications.percentiles import Counts, counts, percentile_of
from edgesim.replications.stopping import LEAST, Precision

EXPERIMENTS = 2000
FOUR_ERRORS = 4 * sqrt(0.95 * 0.05 / EXPERIMENTS)
"""Four standard errors of a coverage of 95 % in so many experiments: 0.019."""


def counted(times: Iterable[int]) -> Counts:
    """Count the times of one replication."""
    return counts(Counter(times))


def covers(interval: Interval | None, truth: float) -> bool:
    """Tell whether a true value is in an interval."""
    assert interval is not None
    low, high = interval
    return (low is None or low <= truth) and (high is None or truth <= high)


def test_student_t_is_that_of_scipy() -> None:
    """Exact for few degrees of freedom, to ten digits for many."""
    stats = pytest.importorskip("scipy.stats")
    for freedom in (*range(1, 200), 1000, 99_999):
        assert student_t(freedom) == pytest.approx(stats.t.ppf(0.975, freedom), abs=1e-9)


def test_student_t_of_the_tables() -> None:
    """As printed everywhere."""
    assert [round(student_t(freedom), 3) for freedom in (1, 2, 9, 30, 120)] == [12.706, 4.303, 2.262, 2.042, 1.98]


@pytest.mark.parametrize("number", [2, 5, 30])
def test_the_interval_of_a_mean_covers_it_in_95_percent(number: int) -> None:
    """Neither more nor less often, for normal values."""
    drawn = np.random.default_rng(number).normal(100, 15, (EXPERIMENTS, number)).tolist()
    coverage = sum(covers(mean_interval(values), 100) for values in drawn) / EXPERIMENTS
    assert abs(coverage - 0.95) < FOUR_ERRORS


def test_the_interval_of_a_mean_of_skewed_values_covers_it_nearly_as_often() -> None:
    """Exponential values, thirty at a time."""
    drawn = np.random.default_rng(1).exponential(1.0, (EXPERIMENTS, 30)).tolist()
    assert 0.91 < sum(covers(mean_interval(values), 1) for values in drawn) / EXPERIMENTS < 0.95 + FOUR_ERRORS


@pytest.mark.parametrize("chance", [0.5, 0.9, 0.99])
def test_the_interval_of_a_probability_covers_it_in_about_95_percent(chance: float) -> None:
    """Wilson's, also where it hardly ever fails: yes and no are counted, so it cannot be exact."""
    happened = np.random.default_rng(7).binomial(50, chance, EXPERIMENTS).tolist()
    assert 0.91 < sum(covers(wilson(count, 50), chance) for count in happened) / EXPERIMENTS < 0.99


def test_the_interval_of_a_probability_is_that_of_the_books() -> None:
    """One of two, and all of a hundred."""
    assert wilson(1, 2) == pytest.approx((0.0945, 0.9055), abs=1e-4)
    assert wilson(100, 100) == (pytest.approx(0.9630, abs=1e-4), 1.0)
    assert wilson(0, 100) == (0.0, pytest.approx(0.0370, abs=1e-4))


def test_that_no_session_missed_is_no_certainty() -> None:
    """Shares that are all 1 do not vary, yet the next one may; others have Student's interval, cut off at 1."""
    assert share_interval([1.0] * 20) == wilson(20, 20)
    low, high = share_interval([0.9, 1.0, 1.0, 1.0])
    assert (round(low or 0, 3), high) == (0.895, 1.0)


@pytest.mark.parametrize(("number", "percent"), [(20, 50), (20, 90), (100, 99), (1500, 90)])
def test_the_interval_of_a_percentile_covers_it_at_least_as_often_as_promised(number: int, percent: int) -> None:
    """Whatever the distribution: order statistics, one value a replication."""
    truth = -1e6 * log(1 - percent / 100)
    experiments = EXPERIMENTS if number < 1000 else 200
    drawn = np.ceil(np.random.default_rng(3).exponential(1e6, (experiments, number))).astype(int).tolist()
    intervals = (percentile_of([counted([value]) for value in values], percent)[1] for values in drawn)
    assert sum(covers(one, truth) for one in intervals) / experiments > 0.95 - 4 * sqrt(0.95 * 0.05 / experiments)


def test_the_interval_of_a_percentile_of_dependent_values_covers_it_nearly_as_often() -> None:
    """Sessions of ten inferences which share half of their variance: taking them for 300 would cover far less."""
    random = np.random.default_rng(11)
    shared, own = random.normal(0, 1, (EXPERIMENTS, 30, 1)), random.normal(0, 1, (EXPERIMENTS, 30, 10))
    drawn = np.round(1e6 * (10 + (shared + own) / sqrt(2))).astype(int).tolist()
    found = [percentile_of([counted(session) for session in sessions], 50)[1] for sessions in drawn]
    taken_apart = [percentile_of([counted([one]) for row in rows for one in row], 50)[1] for rows in drawn[:300]]
    assert sum(covers(one, 10e6) for one in found) / EXPERIMENTS > 0.92
    assert sum(covers(one, 10e6) for one in taken_apart) / 300 < 0.8


def test_a_percentile_beyond_all_values_is_unbounded() -> None:
    """Of twenty values none is surely above the 99th percentile; of one session nothing is known."""
    value, interval = percentile_of([counted([number]) for number in range(1, 21)], 99)
    assert value == 20
    assert interval == Interval(19, None)
    value, interval = percentile_of([counted(range(10)), counted(range(10))], 99)
    assert (value, interval) == (9, Interval(6, None))
    assert percentile_of([counted([7, 7, 7])], 50) == (7, None)


@given(st.lists(st.integers(0, 50), min_size=2, max_size=60), st.sampled_from([50, 90, 99]))
def test_a_percentile_is_by_nearest_rank_and_in_its_interval(values: list[int], percent: int) -> None:
    """Whether values come one by one or in sessions."""
    expected = sorted(values)[ceil(len(values) * percent / 100) - 1]
    for every in ([counted([value]) for value in values], [counted(values[:1]), counted(values[1:])]):
        value, interval = percentile_of(every, percent)
        assert value == expected
        assert covers(interval, value)


def test_stopping_at_a_precision_costs_little_confidence() -> None:
    """Looking after each replication: the mean is in the interval at which it stopped in at least 92 %."""
    inside, numbers = 0, []
    for drawn in np.random.default_rng(5).normal(100, 20, (EXPERIMENTS, 400)).tolist():
        reached = Precision()
        for value in drawn:
            reached.add(value)
            if reached.is_precise(0.05):
                break
        share = reached.relative_half_width
        assert share is not None
        assert share <= 0.05
        inside += abs(reached.mean - 100) <= share * reached.mean
        numbers.append(reached.number)
    assert inside / EXPERIMENTS > 0.92
    assert min(numbers) == LEAST
    assert 50 < np.mean(numbers) < 70  # (1.96 x 20 / 5)^2 = 61


def test_precision_is_that_of_the_interval() -> None:
    """The running figure is the interval's, and nothing is judged before the tenth replication."""
    reached, values = Precision(), [100 + number % 3 for number in range(25)]
    for value in values[: LEAST - 1]:
        reached.add(value)
    assert not reached.is_precise(0.5)
    for value in values[LEAST - 1 :]:
        reached.add(value)
    found = mean_interval(values)
    assert found is not None
    assert found.high is not None
    assert reached.relative_half_width == pytest.approx(found.high / reached.mean - 1)


def test_values_that_do_not_vary_are_precise_and_zero_with_variance_never_is() -> None:
    """Half a width of 0 is within any share; hardly anything is within a share of 0."""
    same, around = Precision(), Precision()
    for number in range(LEAST):
        same.add(0.0)
        around.add(1.0 if number % 2 else -1.0)
    assert same.is_precise(0.01)
    assert not around.is_precise(0.99)
