"""Energy is power x time, to the picojoule."""

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from strategies import toy_device, toy_model, toy_plan, toy_scenario

from edgesim.backends.simulated import execute
from edgesim.busy import busy_ns
from edgesim.device import Battery, Device
from edgesim.energy import Energy, EnergyRow, battery_share, energy, energy_of, energy_rows, idle_pj, powers
from edgesim.meter import Meter
from edgesim.processor import ClockStep, ClockSteps
from edgesim.timeline import CLOCK, EXECUTOR, Request, Span, Timeline

PARTS = {"idle": 7, "storage_read": 2, "storage_write": 5, "cpu": 100}
STEPS = (100, 60, 30)
APPS = ("app", "keyboard")


def device(parts: Iterable[str] = PARTS, steps: tuple[int, ...] = STEPS) -> Device:
    """Return a device with some parts of `PARTS` [mW] and a clock of these powers [mW] at 100, 80 and 60 %."""
    found = toy_device(power={part: f"{PARTS[part]} mW" for part in parts})
    clock = [{"speed": f"{100 - 20 * step} %", "power": f"{power} mW"} for step, power in enumerate(steps)]
    cpu = found.processors["cpu"].model_copy(update={"clock": ClockSteps(steps=clock) if clock else None})
    return found.model_copy(update={"processors": {"cpu": cpu}})


DEVICE = device()


def span(lane: str, kind: str, start: int, end: int, app: str = "app") -> Span:
    """Return what happened on a lane."""
    return Span(0, app, lane, kind, 0, start, end, 0)


@st.composite
def lane(draw: st.DrawFn, name: str, kinds: list[str]) -> list[Span]:
    """Draw what happened on one lane of one app, one thing after the other, with pauses."""
    found, now = [], 0
    for kind in draw(st.lists(st.sampled_from(kinds), max_size=6)):
        start = now + draw(st.integers(0, 5))
        now = start + draw(st.integers(0, 9))
        found.append(span(name, kind, start, now))
    return found


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    """Draw a timeline of two apps: reads on two lanes, layers and waits, and clocks that are slow now and then."""
    spans = [
        each._replace(app=app)
        for app in APPS
        for each in [
            *draw(lane("loader", ["load", "restore", "blocked", "queued"])),
            *draw(lane("loader1", ["load", "read", "write", "gc", "held"])),
            *draw(lane(EXECUTOR, ["compute", "decompress", "copy", "stall", "handoff", "queued"])),
            *draw(lane(CLOCK, ["step1", "step2"])),
            *draw(lane("decompressor", ["decompress"])),
        ]
    ]
    return Timeline(tuple(Request(0, 0, 100, app=app) for app in APPS), tuple(spans))


def moment_by_moment(spans: Iterable[Span], app: str) -> tuple[int, int]:
    """Return storage and processor energy of an app: add up the power of every nanosecond."""
    own = [each for each in spans if each.app == app]
    storage = processor = 0
    for now in range(max((each.end_ns for each in own), default=0)):
        here = [each for each in own if each.start_ns <= now < each.end_ns]
        reads = sum(each.kind in {"load", "restore", "read"} for each in here)
        writes = sum(each.kind in {"write", "gc"} for each in here)
        storage += 2 * reads + 5 * writes
        step = max((int(each.kind[-1]) for each in here if each.lane == CLOCK), default=0)
        busy = any(each.lane == EXECUTOR and each.kind in {"compute", "decompress", "copy"} for each in here)
        processor += STEPS[step] * busy
    return storage, processor


def metered(parts: Iterable[Timeline], of: Device = DEVICE) -> Meter:
    """Return a meter that has seen some timelines."""
    meter = Meter(of, dict.fromkeys(APPS, "cpu"))
    for part in parts:
        meter.add(part)
    return meter


@given(timelines())
def test_energy_is_the_sum_of_power_over_time(timeline: Timeline) -> None:
    """For each app and for all, at whatever clocks; waiting costs nothing above idle."""
    meter = metered([timeline])
    for app in APPS:
        storage, processor = moment_by_moment(timeline.spans, app)
        assert meter.apps()[app].energy == Energy(None, storage, processor)
    by_app = [moment_by_moment(timeline.spans, app) for app in APPS]
    window = max(100, *(each.end_ns for each in timeline.spans), 0)
    assert meter.total() == Energy(7 * window, *(sum(parts) for parts in zip(*by_app, strict=True)))


@given(timelines(), st.integers(0, 100))
def test_a_session_in_two_parts_takes_the_same(timeline: Timeline, cut: int) -> None:
    """Whatever happens across the cut is counted half here, half there."""
    before = [each._replace(end_ns=min(each.end_ns, cut)) for each in timeline.spans if each.start_ns < cut]
    after = [each._replace(start_ns=max(each.start_ns, cut)) for each in timeline.spans if each.end_ns > cut]
    parts = [Timeline((), tuple(before)), Timeline(timeline.requests, tuple(after))]
    whole, halves = metered([timeline]), metered(parts)
    assert halves.total() == whole.total()
    assert {app: each.energy for app, each in halves.apps().items()} == {
        app: each.energy for app, each in whole.apps().items()
    }


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
    assert energy_of(Timeline((Request(0, 0, 20),), spans), DEVICE, "cpu") == Energy(140, 0, 630)


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
    meter = Meter(bare, {"app": "cpu"}, {"cpu": own})
    meter.add(Timeline((), (span(EXECUTOR, "compute", 0, 10), span(CLOCK, "step1", 5, 9))))
    assert meter.apps()["app"].energy.processor_pj == 6 * 9 + 4 * 4


def test_engagements_are_bursts_of_inferences() -> None:
    """Three inferences in two engagements, a refill beside them, another app in between: 4 x 100 + 7 x 2 pJ."""
    layer = span(EXECUTOR, "compute", 0, 1)
    mine = [Timeline((Request(0, 0, 1, engagement=burst),), (layer,)) for burst in (0, 0, 1)]
    refill = Timeline((), (span("loader", "load", 1, 8),))
    other = Timeline((Request(0, 0, 1, app="keyboard", engagement=5),), (layer._replace(app="keyboard"),))
    found = metered([mine[0], other, mine[1], refill, mine[2], other]).apps()
    assert (found["app"].inferences, found["app"].engagements) == (3, 2)
    assert (found["app"].per_inference_pj, found["app"].per_engagement_pj) == (Fraction(314, 3), 157)
    assert (found["keyboard"].inferences, found["keyboard"].engagements) == (2, 1)
    assert found["keyboard"].per_engagement_pj == 200


def test_what_reads_beside_needs_no_processor() -> None:
    """A camera writes: it takes storage only, and has no inference to take a mean of."""
    meter = metered([Timeline((), (span("storage", "write", 10, 14, "camera"),))])
    camera = meter.apps()["camera"]
    assert camera.energy == Energy(None, 20, 0)
    assert (camera.per_inference_pj, camera.per_engagement_pj) == (None, None)
    assert meter.total() == Energy(28, 20, 0)
    assert meter.total(window_ns=1000).idle_pj == idle_pj(DEVICE, 1000) == 7000


def test_a_meter_without_a_session_has_counted_nothing() -> None:
    """Nothing was busy, for no time."""
    meter = metered([])
    assert (meter.apps(), meter.total()) == ({}, Energy(0, 0, 0))


def test_a_meter_forgets_what_it_has_counted() -> None:
    """After a thousand inferences it holds no more than after one."""
    parts = (span("loader", "load", 0, 3), span(EXECUTOR, "compute", 3, 9))
    short, long = (metered([Timeline((Request(0, 0, 9),), parts)] * n) for n in (1, 1000))
    assert long.apps()["app"].energy.above_idle_pj == 606_000
    assert len(repr(long)) - len(repr(short)) < 20


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


def test_a_report_has_a_row_for_each_component() -> None:
    """4 J and 12 J in two inferences; none where a component is unknown."""
    spent = Energy(None, 4 * 10**12, 12 * 10**12)
    assert energy_rows(spent, 2) == [EnergyRow("storage", 2000, 0.25), EnergyRow("processor", 6000, 0.75)]
    assert energy_rows(spent._replace(storage_pj=None), 2) == energy_rows(spent, 0) == []


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([], "at least 1"),
        ([{"speed": "90 %"}], "the first step is full speed: 100 %"),
        ([{"speed": "100 %"}, {"speed": "100 %"}], "each step is slower than the one before"),
        ([{"speed": "100 %"}, {"speed": "0 %"}], "must be from 1 % to 100 % of full speed, got 0 %"),
        ([{"speed": "120 %"}], "must be from 1 % to 100 % of full speed, got 120 %"),
        ([{"speed": 1}], "must be a share such as '75 %', got 1"),
        ([{"speed": "100 %", "power": "1 W"}, {"speed": "50 %", "power": "2 W"}], "takes no more power"),
        ([{"speed": "100 %", "power": "-1 W"}], "must not be negative, got -1 W"),
    ],
)
def test_a_clock_slows_down(steps: list[dict[str, object]], message: str) -> None:
    """From full speed on, each step is slower and takes no more power."""
    with pytest.raises(ValidationError, match=message):
        ClockSteps(steps=steps)


def test_speeds_are_exact() -> None:
    """A third of full speed cannot be written, 33.3 % is 333 thousandths."""
    assert ClockStep(speed="33.3 %").speed == Fraction(333, 1000)


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


@pytest.mark.parametrize(("capacity", "message"), [("0 Wh", "greater than 0"), ("5400 mAh", "unknown unit 'mAh'")])
def test_a_battery_holds_energy(capacity: str, message: str) -> None:
    """Some, and in units of energy: a charge would need a voltage."""
    with pytest.raises(ValidationError, match=message):
        Battery(capacity=capacity)


@given(st.dictionaries(st.sampled_from(["storage_read", "step0", "step1"]), st.integers(0, 10**15)))
def test_energy_has_no_rounding(time: dict[str, int]) -> None:
    """Eleven days of nanoseconds, exactly."""
    found = energy(Counter(time), powers(DEVICE, "cpu"))
    assert found.above_idle_pj == 2 * time.get("storage_read", 0) + 100 * time.get("step0", 0) + 60 * time.get(
        "step1", 0
    )
