"""How fast a processor is: made of conditions, a profile and chance."""

import pytest
from strategies import toy_device
from test_speed import HOT, S, hot_speed

from edgesim.backends.simulated.speed import speed_of
from edgesim.conditions import Conditions
from edgesim.session import Board

CLOCK = {"steps": [{"speed": "100 %", "power": "4 W"}, {"speed": "50 %", "power": "1 W"}]}


def board(seed: int = 0, replication: int = 0, **sections: object) -> Board:
    """Return a board with some conditions."""
    return Board(conditions=Conditions.model_validate(sections), seed=seed, replication=replication)


CONTENTION = {"share": "50 %", "active": {"exponential": "10 ns"}, "idle": {"exponential": "10 ns"}}


def test_nothing_slows_an_undisturbed_processor() -> None:
    """Without conditions, or with those of another processor, there is nothing to ask."""
    device = toy_device()
    assert speed_of(Board(), device, "cpu") is None
    assert speed_of(board(), device, "cpu") is None
    assert speed_of(board(contention=CONTENTION | {"processor": "gpu"}), device, "cpu") is None


def test_contention_is_drawn_from_its_own_stream() -> None:
    """The same seed gives the same times; another, its own, another replication or another processor do not."""
    device = toy_device()
    ends = [
        speed.end(0, 10_000)[0]
        for disturbed, processor in (
            (board(contention=CONTENTION), "cpu"),
            (board(contention=CONTENTION), "cpu"),
            (board(seed=1, contention=CONTENTION | {"seed": 0}), "cpu"),
            (board(contention=CONTENTION, io_jitter={"quantiles": {0.5: 1, "max": 2}, "seed": 9}), "cpu"),
            (board(seed=1, contention=CONTENTION), "cpu"),
            (board(replication=1, contention=CONTENTION), "cpu"),
            (board(contention=CONTENTION), "gpu"),
        )
        if (speed := speed_of(disturbed, device, processor))
    ]
    assert len(ends) == 7
    assert len(set(ends[:4])) == 1
    assert len(set(ends[3:])) == 4


def test_heat_takes_power_from_the_scenario_or_the_profile() -> None:
    """Steps and powers of the profile do as well as those of the scenario, which stand before them."""
    own = {"layer_times": toy_device().processors["cpu"].layer_times, "clock": CLOCK}
    profiled = toy_device(processors={"cpu": own}, power={"cpu": "4 W"})
    given = speed_of(board(thermal=HOT | {"clock": CLOCK}), toy_device(), "cpu")
    known = speed_of(board(thermal=HOT), profiled, "cpu")
    cooler = speed_of(board(thermal=HOT | {"power": "1 W"}), profiled, "cpu")
    one_watt = {"steps": [{"speed": "100 %", "power": "1 W"}, {"speed": "50 %", "power": "1 W"}]}
    other = speed_of(board(thermal=HOT | {"clock": one_watt}), profiled, "cpu")
    assert given is not None
    assert known is not None
    assert cooler is not None
    assert other is not None
    assert given.end(0, 12 * S) == known.end(0, 12 * S) == hot_speed().end(0, 12 * S)
    assert cooler.end(0, 12 * S) == other.end(0, 12 * S) == (12 * S, [])


def test_heat_without_power_is_refused() -> None:
    """A step whose power nobody says cannot heat."""
    with pytest.raises(ValueError, match="needs steps, and each a power"):
        speed_of(board(thermal=HOT), toy_device(), "cpu")
