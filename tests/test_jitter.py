"""How far times are off the usual ones: percentiles, measured or given."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from strategies import GEOMETRY

from edgesim.files import read_device
from edgesim.jitter import Jitter
from edgesim.model import Geometry
from edgesim.scatter import ONE, Curve, Scatter, factor, layer_scatter, measures_layers, read_scatter, slowed_ns
from edgesim.spread import COLD, HOT, LAYER, READ, Point, Spread, Statistics

GIVEN = {"0.05": 0.5, "0.5": 1, "0.95": 2, "max": 4}
TOY = Geometry.model_validate(GEOMETRY)


def read_row(size: int, depth: int, *times: int, state: str = HOT) -> tuple[Point, Statistics]:
    """Return statistics of reads: median, p5, p95, p99."""
    return Point(READ, (size, depth), state), Statistics(100, *times, 0.1)


def measured(*rows: tuple[Point, Statistics], **more: object) -> Spread:
    """Return the statistics of a profile."""
    return Spread.model_validate({"values": rows} | more)


@st.composite
def curves(draw: st.DrawFn) -> Curve:
    """Draw percentiles around a median of 1."""
    below = draw(st.lists(st.integers(1, ONE), max_size=3))
    above = draw(st.lists(st.integers(ONE, 10 * ONE), max_size=3))
    low = [number / 10 for number in range(len(below))]
    high = [1 - number / 10 for number in range(len(above))]
    points = zip(sorted([*low, 0.5, *high]), sorted([*below, ONE, *above]), strict=True)
    return tuple(points)


@given(curves(), st.integers(0, 10**12))
def test_the_median_is_the_usual_time(curve: Curve, usual_ns: int) -> None:
    """A luck of 0.5 changes nothing, to the nanosecond."""
    assert slowed_ns(usual_ns, curve, 0.5) == usual_ns


@given(curves(), st.floats(0, 1), st.floats(0, 1), st.integers(0, 10**9))
def test_times_rise_with_luck_and_keep_their_bounds(curve: Curve, one: float, other: float, usual_ns: int) -> None:
    """More luck is never a shorter time, and nothing is beyond the percentiles known."""
    low, high = (slowed_ns(usual_ns, curve, luck) for luck in sorted((one, other)))
    assert low <= high
    assert usual_ns * curve[0][1] <= low * ONE
    assert high * ONE < usual_ns * curve[-1][1] + ONE


def test_between_percentiles_time_is_linear_in_probability() -> None:
    """Halfway between two percentiles lies the mean of their factors."""
    curve = read_scatter(Jitter.model_validate({"quantiles": GIVEN}), None).curve(4096)
    lucks = (0, 0.05, 0.275, 0.5, 0.725, 0.95, 0.975, 1)
    assert [factor(curve, luck) / ONE for luck in lucks] == [0.5, 0.5, 0.75, 1, 1.5, 2, 3, 4]


def test_draws_have_the_percentiles_they_come_from() -> None:
    """Of many draws, so many percent are below each percentile; a tail that nobody measured is cut off."""
    spread = measured(read_row(4096, 1, 100_000, 90_000, 150_000, 300_000))
    scatter, random = read_scatter(Jitter(), spread), Random(0)
    drawn = sorted(scatter.ns(100_000, random.random(), 4096) for _ in range(100_000))
    assert (drawn[0], drawn[-1]) == (90_000, 300_000)
    for percent, time in ((50, 100_000), (95, 150_000)):
        assert abs(drawn[percent * 1000] - time) < 0.02 * time
    assert drawn[4_800] == 90_000 < drawn[5_200]
    assert drawn[98_800] < 300_000 == drawn[99_200]


def test_curves_are_those_of_the_size_and_depth() -> None:
    """At a measured point its own percentiles, between points mixed by the logarithm of size and by depth."""
    spread = measured(
        read_row(1024, 1, 100, 50, 100, 200),
        read_row(4096, 1, 100, 50, 100, 400),
        read_row(1024, 4, 100, 50, 100, 500),
        read_row(1024, 1, 100, 50, 100, 9_900, state=COLD),
    )
    scatter = read_scatter(Jitter(), spread)
    slowest = {
        (size, depth): scatter.ns(100, 1.0, size, depth) for size in (1, 1024, 2048, 9999) for depth in (1, 2, 9)
    }
    assert slowest == {
        (1, 1): 200, (1024, 1): 200, (2048, 1): 300, (9999, 1): 400,
        (1, 2): 300, (1024, 2): 300, (2048, 2): 367, (9999, 2): 434,
        (1, 9): 500, (1024, 9): 500, (2048, 9): 500, (9999, 9): 500,
    }  # fmt: skip


def test_layers_scatter_as_those_with_as_many_shards() -> None:
    """Statistics of layers are those of one processor and one geometry."""
    row = Point(LAYER, (2,), HOT), Statistics(100, 100, 80, 120, 150, 0.1)
    spread = measured(row, processor="cpu", geometry=GEOMETRY)
    assert layer_scatter(Jitter(), spread, "cpu", TOY).ns(1000, 1.0, 2) == 1500
    assert measures_layers(spread, "cpu", TOY)
    assert not measures_layers(spread, "gpu", TOY)
    assert not measures_layers(spread, "cpu", Geometry.model_validate(GEOMETRY | {"heads": 4}))
    with pytest.raises(ValueError, match="no measured distribution of times of a layer"):
        layer_scatter(Jitter(), spread, "gpu", TOY)


def test_what_was_not_measured_is_refused() -> None:
    """A profile without statistics of reads has no measured jitter, but may have one that is given."""
    for spread in (None, measured(read_row(1024, 1, 100, 50, 100, 200, state=COLD))):
        with pytest.raises(ValueError, match="no measured distribution of times of a read"):
            read_scatter(Jitter(), spread)
    assert read_scatter(Jitter.model_validate({"quantiles": GIVEN}), None).ns(100, 1.0, 1) == 400


def test_a_time_that_takes_nothing_has_no_percentiles() -> None:
    """A median of 0 ns is no base of factors: such times stay as they are."""
    assert read_scatter(Jitter(), measured(read_row(1024, 1, 0, 0, 5, 9))).ns(7, 1.0, 1024) == 7


def test_a_shipped_profile_scatters_as_measured() -> None:
    """The worst draw of the cloud machine's 4 KiB read is its 99th percentile by its median."""
    spread = read_device("cloud-epyc").statistics
    assert spread is not None
    found = spread.rows[Point(READ, (4096, 1), HOT)]
    scatter = read_scatter(Jitter(), spread)
    assert scatter.ns(found.median_ns, 1.0, 4096) - found.p99_ns in {0, 1}
    assert scatter.ns(found.median_ns, 0.0, 4096) - found.p5_ns in {0, 1}


@pytest.mark.parametrize(
    ("quantiles", "message"),
    [
        ({"0.05": 0.9, "0.95": 2}, "needs '0.5: 1': the usual time is the median, got none"),
        ({"0.5": 1.5, "0.95": 2}, "needs '0.5: 1': the usual time is the median, got 1.5"),
        ({"0.5": 1, "0.95": 0.9}, "factors must rise with their probabilities"),
        ({"0.5": 1, "1.5": 2}, "less than or equal to 1"),
        ({"0.5": 1, "0.9": -1}, "greater than 0"),
        ({"0.5": 1, "most": 2}, "valid number"),
        ({"0.5": 1}, "at least 2 items"),
        ("normal", "measured"),
    ],
)
def test_impossible_percentiles_are_refused(quantiles: object, message: str) -> None:
    """The median is 1, factors are positive and rise, probabilities lie between 0 and 1."""
    with pytest.raises(ValidationError, match=message):
        Jitter.model_validate({"quantiles": quantiles})


def test_a_curve_is_made_once_a_point(monkeypatch: pytest.MonkeyPatch) -> None:
    """A million reads of one size cost one curve."""
    scatter, made = read_scatter(Jitter.model_validate({"quantiles": GIVEN}), None), []
    curve = scatter.curve
    monkeypatch.setattr(Scatter, "curve", lambda _, *point: made.append(point) or curve(*point))
    assert [scatter.ns(100, 1.0, 4096, depth) for depth in (1, 1, 2, 1)] == [400] * 4
    assert made == [(4096, 1), (4096, 2)]
