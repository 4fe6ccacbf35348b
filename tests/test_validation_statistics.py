"""What errors are summed up with: checked by hand, by brute force, and by what must hold of any sample."""

from collections.abc import Sequence
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgesim.validation.statistics import Summary, interval, kendall_tau, percentile, summary

ERRORS = st.lists(st.floats(-1, 10, allow_subnormal=False), min_size=1, max_size=30)
ROWS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=12)


def test_errors_are_summed_up_with_and_without_sign() -> None:
    """The signed median tells the direction, the sizes how far."""
    found = summary([-0.2, -0.1, 0.1, -0.4])
    assert found is not None
    assert found[:5] == pytest.approx((4, -0.15, 0.15, 0.4, 0.4))
    assert 0.1 <= found.low <= found.median_size <= found.high <= 0.4


def test_the_p95_of_twenty_errors_is_the_second_largest() -> None:
    """One in twenty may be larger."""
    found = summary([number / 100 for number in range(1, 21)])
    assert found is not None
    assert (found.p95_size, found.max_size) == (0.19, 0.2)


def test_no_errors_have_no_summary() -> None:
    """Nothing is not zero."""
    assert summary([]) is None


def test_one_error_is_its_own_summary() -> None:
    """There is nothing else to draw."""
    assert summary([-0.25]) == Summary(1, -0.25, 0.25, 0.25, 0.25, 0.25, 0.25)
    assert summary([0.0, 0.0]) == Summary(2, 0, 0, 0, 0, 0, 0)


@settings(max_examples=100)
@given(ERRORS)
def test_a_summary_is_in_order_and_the_same_every_time(errors: list[float]) -> None:
    """Whatever the sample: the interval holds the median, no percentile exceeds the largest size."""
    found = summary(errors)
    assert found == summary(errors)
    assert found is not None
    sizes = sorted(map(abs, errors))
    assert sizes[0] <= found.low <= found.median_size <= found.high <= sizes[-1]
    assert found.median_size <= found.p95_size <= found.max_size == sizes[-1]


@pytest.mark.parametrize(
    ("percent", "rank"), [(0, 1), (1, 1), (5, 1), (6, 2), (50, 10), (94, 19), (95, 19), (96, 20), (100, 20)]
)
def test_percentiles_are_of_the_nearest_rank(percent: int, rank: int) -> None:
    """Of twenty values, the least that so many do not exceed; it is always one of them."""
    assert percentile(list(range(20, 0, -1)), percent) == rank


def test_the_interval_is_that_of_the_seed() -> None:
    """The same seed draws the same resamples, another one others."""
    values = list(np.random.default_rng(5).normal(size=25))
    assert interval(values, np.mean, 1) == interval(values, np.mean, 1)
    assert interval(values, np.mean, 1) != interval(values, np.mean, 2)


@settings(max_examples=50)
@given(st.lists(st.floats(0.01, 5), min_size=1, max_size=15), st.integers(0, 9))
def test_the_interval_of_a_symmetric_sample_holds_its_statistic(half: list[float], seed: int) -> None:
    """Mean and median of such a sample are its centre."""
    values = [centre for size in half for centre in (3 - size, 3 + size)]
    for statistic in (np.median, np.mean):
        low, high = interval(values, statistic, seed)
        assert low - 1e-12 <= 3 <= high + 1e-12


def test_the_interval_narrows_with_the_sample() -> None:
    """About as the root of its size; the normal interval of a mean is met."""
    values = np.random.default_rng(1).normal(size=400)
    low, high = interval(values, np.mean)
    assert high - low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.1)
    few_low, few_high = interval(values[:25], np.mean)
    assert few_high - few_low > 2 * (high - low)


@pytest.mark.parametrize("values", [[7.0], [7.0] * 9])
def test_the_interval_of_equal_values_is_a_point(values: list[float]) -> None:
    """There is nothing to vary."""
    assert interval(values, np.median) == (7, 7)


@pytest.mark.parametrize(
    ("first", "second", "tau"),
    [
        ([1, 2, 3, 4], [10, 20, 30, 40], 1.0),
        ([1, 2, 3, 4], [4, 3, 2, 1], -1.0),
        ([1, 2, 3, 4], [1, 2, 4, 3], 4 / 6),
        ([1, 1, 2, 3], [1, 2, 3, 4], 5 / (5 * 6) ** 0.5),
        ([12, 2, 1, 12, 2], [1, 4, 7, 1, 0], -0.47140452079103173),  # the example in SciPy's documentation
        ([1, 2], [2, 1], -1.0),
        ([1, 1, 1], [1, 2, 3], None),
        ([1, 2, 3], [5, 5, 5], None),
        ([1], [1], None),
        ([], [], None),
    ],
)
def test_kendall_tau_of_known_rows(first: Sequence[float], second: Sequence[float], tau: float | None) -> None:
    """Order, reversed order, one exchange, ties, and rows without an order."""
    assert kendall_tau(first, second) == (None if tau is None else pytest.approx(tau))


@settings(max_examples=200)
@given(ROWS)
def test_kendall_tau_is_the_correlation_of_signs(rows: list[tuple[int, int]]) -> None:
    """By its definition: the correlation of the signs of all differences, each of an ordered pair."""
    signs = [
        (np.sign(a[0] - b[0]), np.sign(a[1] - b[1])) for (i, a), (j, b) in product(enumerate(rows), repeat=2) if i != j
    ]
    up, down = sum(x * x for x, _ in signs), sum(y * y for _, y in signs)
    expected = sum(x * y for x, y in signs) / (up * down) ** 0.5 if up and down else None
    found = kendall_tau([a for a, _ in rows], [b for _, b in rows])
    assert found == (None if expected is None else pytest.approx(expected))


def test_kendall_tau_of_every_order_of_four_adds_up_to_nothing() -> None:
    """All orders are equally near and far."""
    found = [kendall_tau(range(4), order) for order in permutations(range(4))]
    assert sum(tau for tau in found if tau is not None) == pytest.approx(0)
    assert len(set(found)) == 7
    assert kendall_tau(range(4), (0, 1, 2, 3)) == 1


def test_rows_of_different_length_are_refused() -> None:
    """They cannot be of the same plans."""
    with pytest.raises(ValueError, match="argument 2 is"):
        kendall_tau([1, 2, 3], [1, 2])
