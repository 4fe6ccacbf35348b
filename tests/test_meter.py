"""Energy of a session is that of all its moments, to the picojoule."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st
from metered import APPS, DEVICE, STEPS, device, span, timelines

from edgesim.device import Device
from edgesim.energy import Energy, idle_pj
from edgesim.meter import Meter
from edgesim.processor import ClockStep
from edgesim.timeline import CLOCK, EXECUTOR, Request, Span, Timeline


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


def test_engagements_are_bursts_of_inferences() -> None:
    """Three inferences in two engagements, a refill beside them, another app in between: 4 x 100 + 7 x 2 pJ."""
    layer = span(EXECUTOR, "compute", 0, 1)
    mine = [Timeline((Request(0, 0, 1, engagement=burst),), (layer,)) for burst in (0, 0, 1)]
    refill = Timeline((), (span("loader", "load", 1, 8),))
    other = Timeline((Request(0, 0, 1, app="keyboard", engagement=5),), (layer._replace(app="keyboard"),))
    found = metered([mine[0], other, mine[1], refill, mine[2], other]).apps()
    assert (found["app"].inferences, found["app"].engagements) == (3, 2)
    assert found["app"].energy.above_idle_pj == 314
    assert (found["keyboard"].inferences, found["keyboard"].engagements) == (2, 1)
    assert found["keyboard"].energy.above_idle_pj == 200


def test_what_reads_beside_needs_no_processor() -> None:
    """A camera writes: it takes storage only, and has no inference to take a mean of."""
    meter = metered([Timeline((), (span("storage", "write", 10, 14, "camera"),))])
    camera = meter.apps()["camera"]
    assert camera.energy == Energy(None, 20, 0)
    assert (camera.inferences, camera.engagements) == (0, 0)
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


def test_a_scenario_s_own_clock_replaces_the_profile_s() -> None:
    """Of 10 ns, 4 at the first of its steps: 6 x 9 + 4 x 4 pJ."""
    own = [ClockStep(speed="100 %", power="9 mW"), ClockStep(speed="50 %", power="4 mW")]
    meter = Meter(device(("storage_read",)), {"app": "cpu"}, {"cpu": own})
    meter.add(Timeline((), (span(EXECUTOR, "compute", 0, 10), span(CLOCK, "step1", 5, 9))))
    assert meter.apps()["app"].energy.processor_pj == 70
