"""Energy is power x time, to the picojoule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from metered import DEVICE, device, span, timelines
from pydantic import ValidationError
from strategies import toy_device, toy_model, toy_plan, toy_scenario

from edgesim.backends.simulated import execute
from edgesim.busy import busy_ns
from edgesim.device import Battery, Device
from edgesim.energy import Energy, battery_share, energy, energy_of, powers
from edgesim.processor import ClockStep, ClockSteps
from edgesim.timeline import CLOCK, EXECUTOR, Request, Timeline


@given(timelines())
def test_busy_time_is_divided_among_the_steps(timeline: Timeline) -> None:
    """At which clock a layer runs changes nothing about how long it takes."""
    fast = [each for each in timeline.spans if each.lane != CLOCK]
    for app, time in busy_ns(timeline.spans).items():
        steps = {part: ns for part, ns in time.items() if part.startswith("step")}
        assert min(time.values()) >= 0
        assert sum(steps.values()) == busy_ns(fast)[app]["step0"]


def test_a_layer_across_steps_is_charged_in_pieces() -> None:
    """Of 10 ns, 3 at full speed, 4 at the first step and 3 at the second: 3 x 100 + 4 x 60 + 3 x 30."""
    spans = span(EXECUTOR, "compute", 0, 10), span(CLOCK, "step1", 3, 7), span(CLOCK, "step2", 7, 20)
    assert busy_ns(spans) == {"app": {"step0": 3, "step1": 4, "step2": 3}}
    timeline = Timeline((Request(0, 0, 20),), spans)
    assert energy_of(timeline, DEVICE, "cpu") == Energy(140, 0, 630)
    own = [ClockStep(speed=f"{speed} %", power=f"{speed} mW") for speed in (100, 50, 10)]
    assert energy_of(timeline, DEVICE, "cpu", own) == Energy(140, 0, 300 + 200 + 30)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("storage_read", "cpu"), Energy(None, 20, 400)),
        (("idle", "storage_read"), Energy(70, 20, None)),
        (("cpu",), Energy(None, None, 400)),
        ((), Energy(None, None, None)),
    ],
)
def test_a_component_without_a_power_is_unknown(parts: tuple[str, ...], expected: Energy) -> None:
    """None, never a made-up number; and so is every sum with it."""
    timeline = Timeline((Request(0, 0, 10),), (span("loader", "load", 0, 10), span(EXECUTOR, "compute", 6, 10)))
    found = energy_of(timeline, device(parts, ()), "cpu")
    assert found == expected
    assert found.above_idle_pj == (None if None in expected[1:] else 420)
    assert found.total_pj is None


def test_what_is_never_needed_may_be_unknown() -> None:
    """Without a power for writing, or for a slow clock, reads at full speed are still known."""
    known = powers(device(("storage_read", "cpu"), ()), "cpu")
    assert energy({"storage_read": 10, "step0": 4}, known) == Energy(None, 20, 400)
    assert energy({"storage_write": 1, "step0": 4}, known) == Energy(None, None, 400)
    assert energy({"storage_read": 10, "step1": 1}, known) == Energy(None, 20, None)


def test_a_clock_with_powers_is_enough() -> None:
    """Full speed is the first step's, where the profile has no other; a scenario's own steps replace the profile's."""
    bare = device(("storage_read",))
    assert powers(bare, "cpu") == {"storage_read": 2, "step0": 100, "step1": 60, "step2": 30}
    own = [ClockStep(speed="100 %", power="9 mW"), ClockStep(speed="50 %", power="4 mW"), ClockStep(speed="25 %")]
    assert powers(bare, "cpu", own) == {"storage_read": 2, "step0": 9, "step1": 4}
    assert powers(bare, None) == {"storage_read": 2}


def test_a_simulated_inference_is_charged() -> None:
    """Loads of 40 and 60 ns, and two layers of 200 ns, in 440 ns: 2 x 100, 100 x 400 and 7 x 440 pJ."""
    model = toy_model()
    scenario = toy_scenario(model, DEVICE)
    part = next(iter(execute(toy_plan(model, [[2, 6], [6, 6]]), model, scenario.device, scenario.session)))
    assert energy_of(part, DEVICE, "cpu") == Energy(7 * 440, 200, 40_000)


def test_a_battery_share_is_of_a_full_one() -> None:
    """3.6 J are a thousandth of 1 Wh; a device at the mains has none."""
    phone = DEVICE.model_copy(update={"battery": Battery(capacity="1 Wh")})
    assert battery_share(3_600_000_000_000, phone) == 0.001
    assert battery_share(1, DEVICE) is None


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([], "at least 1"),
        ([{"speed": "90 %"}], "the first step is full speed: 100 %"),
        ([{"speed": "100 %"}, {"speed": "100 %"}], "each step is slower than the one before"),
        ([{"speed": "100 %", "power": "1 W"}, {"speed": "50 %", "power": "2 W"}], "takes no more power"),
        ([{"speed": "100 %", "power": "-1 W"}], "must not be negative, got -1 W"),
    ],
)
def test_a_clock_slows_down(steps: list[dict[str, object]], message: str) -> None:
    """From full speed on, each step is slower and takes no more power."""
    with pytest.raises(ValidationError, match=message):
        ClockSteps(steps=steps)


def test_full_speed_has_one_power() -> None:
    """Where the clock and the profile's power both say it, they say the same."""
    with pytest.raises(ValidationError, match="is 3 mW, but 'clock' says 4 mW at full speed"):
        with_clock({"cpu": "3 mW"}, {"steps": [{"speed": "100 %", "power": "4 mW"}]})
    both = with_clock({"cpu": "3 mW"}, {"steps": [{"speed": "100 %", "power": "3 mW"}]})
    silent = with_clock({"cpu": "3 mW"}, {"steps": [{"speed": "100 %"}]})
    assert powers(both, "cpu") == powers(silent, "cpu") == {"step0": 3}


def with_clock(power: dict[str, str], clock: dict[str, object]) -> Device:
    """Return a device as a file would describe it."""
    plain = {"schema": "edgesim.device/1", "name": "toy", "storage": {"read": {"bandwidth": "1 GB/s"}}}
    times = toy_device().processors["cpu"].layer_times
    return Device.model_validate(
        plain | {"processors": {"cpu": {"layer_times": times, "clock": clock}}, "power": power}
    )


@given(st.dictionaries(st.sampled_from(["storage_read", "step0", "step1"]), st.integers(0, 10**15)))
def test_energy_has_no_rounding(time: dict[str, int]) -> None:
    """Eleven days of nanoseconds, exactly."""
    found = energy(time, powers(DEVICE, "cpu"))
    assert found.above_idle_pj == 2 * time.get("storage_read", 0) + 100 * time.get("step0", 0) + 60 * time.get(
        "step1", 0
    )
