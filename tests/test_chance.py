"""What is left to chance: durations and numbers follow the distributions that files name."""

from collections.abc import Callable
from itertools import islice
from math import exp, log
from statistics import NormalDist

import numpy as np
import pytest

from edgesim.chance import Chance, durations_ns, exponentials_ns, numbers
from edgesim.streams import stream
from edgesim.units import LARGEST


def chance(**given: object) -> Chance:
    """Make a duration of what a file would say."""
    return Chance.model_validate(given)


LAWS: dict[str, tuple[Chance, Callable[[float], float]]] = {
    "exponential": (chance(exponential="1 us"), lambda ns: 1 - exp(-ns / 1000)),
    "uniform": (chance(uniform=["200 ns", "999 ns"]), lambda ns: min(max((ns - 199.5) / 800, 0), 1)),
    "lognormal": (
        chance(lognormal={"median": "1 us", "sigma": 0.5}), lambda ns: NormalDist().cdf(log(max(ns, 1e-9) / 1000) / 0.5)
    ),
}  # fmt: skip


@pytest.mark.parametrize("law", LAWS)
def test_durations_follow_their_distribution(law: str) -> None:
    """Kolmogorov-Smirnov: 20,000 draws are no further from the distribution than one in a thousand samples are.

    A whole number of nanoseconds stands for all that is rounded to it.
    """
    given, cumulative = LAWS[law]
    values = np.sort(list(islice(durations_ns(given, stream(1, 0, law)), 20_000)))
    points = np.unique(values)
    found = np.searchsorted(values, points, side="right") / len(values)
    assert max(abs(share - cumulative(point + 0.5)) for share, point in zip(found, points, strict=True)) < 1.95 / 141.4


@pytest.mark.parametrize("mean_ns", [0.3, 2.5, 333.3, 1e9])
def test_the_mean_of_exponential_gaps_is_exact(mean_ns: float) -> None:
    """Rounding to whole nanoseconds moves it as little as theory says: 1 / (2 sinh(1 / 2 m)), nothing to speak of."""
    values = np.array(list(islice(exponentials_ns(mean_ns, stream(2, 0, "gaps")), 200_000)), float)
    rounded = 1 / (2 * np.sinh(0.5 / mean_ns))
    assert abs(values.mean() - rounded) < 5 * values.std() / len(values) ** 0.5


def test_numbers_are_equally_often_from_the_least_to_the_most() -> None:
    """Both ends included."""
    found = np.bincount(list(islice(numbers((2, 4), stream(0, 0, "bursts")), 30_000)))
    assert found[:2].sum() == 0
    assert np.abs(found[2:] - 10_000).max() < 5 * (30_000 * 2 / 9) ** 0.5


def test_no_duration_exceeds_what_numbers_can_hold() -> None:
    """The longest is 2**53 ns."""
    longest = chance(lognormal={"median": "2000 h", "sigma": 5})
    assert max(islice(durations_ns(longest, stream(0, 0, "x")), 100)) == LARGEST


def test_a_constant_takes_nothing_from_chance() -> None:
    """It is what it is, and the generator is where it was."""
    generator = stream(0, 0, "x")
    assert list(islice(durations_ns(chance(constant="5 ns"), generator), 3)) == [5, 5, 5]
    assert generator.random() == stream(0, 0, "x").random()
