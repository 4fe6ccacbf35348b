"""A timeline's verdict, in the head."""

from collections import Counter
from dataclasses import replace

import pytest
from stores import SCATTERED
from strategies import toy_device, toy_model, toy_plan, toy_scenario

from edgesim.backends.simulated import execute
from edgesim.device import Device
from edgesim.distribution import percentile
from edgesim.figures import Metrics, RequestRow
from edgesim.metrics import Tally, fill_ns, measure, request_row, tally
from edgesim.plans import Plan
from edgesim.scenario import Scenario
from edgesim.timeline import Request, Timeline

MODEL = toy_model(
    resident_bytes={"embeddings": "1 kB", "head": "1 B"},
    distortion={2: 0.5, 6: 0.25},
    activation_bytes="7 B",
)
PLAN = toy_plan(MODEL, [[2, 6], [6, 6]])
"""Loads of 40 and 60 B and ns, layers of 200 ns: 440 ns."""
POWER = {"storage_read": "2 mW", "cpu": "3 mW"}


def measured(plan: Plan = PLAN, device: Device | None = None, **more: object) -> Metrics:
    """Execute and measure a plan."""
    scenario = toy_scenario(MODEL, device, **more)
    return measure(execute(plan, MODEL, scenario.device, scenario.session), plan, scenario)


def timeline(scenario: Scenario, plan: Plan = PLAN) -> Timeline:
    """Return the first inference."""
    return next(execute(plan, MODEL, scenario.device, scenario.session))


def test_time_is_tallied_by_kind() -> None:
    """With room for 60 B: 40 + 60 ns of stall and of IO, 200 ns blocked, 400 ns busy."""
    assert tally(timeline(toy_scenario(MODEL, load_buffer=60))) == Tally(100, 200, 0, 100, 400)


def test_overlapped_decompression_is_not_the_executor_s_time() -> None:
    """Decompression on a lane of its own stalls the executor, but does not keep it busy."""
    spent = tally(timeline(toy_scenario(MODEL, toy_device(unpack_ns=5, overlap=True))))
    assert (spent.stall_ns, spent.compute_busy_ns) == (50, 400)


def test_a_hand_off_is_part_of_the_stall() -> None:
    """The executor waits for 40 ns, and for 7 until it notices: the latency is what it waits and works."""
    device = toy_device(hand_off_ns=7, after_wait_ns=({1: 150, 4: 450}, 0))
    spent, found = tally(timeline(toy_scenario(MODEL, device))), measured(device=device)
    assert (spent.stall_ns, spent.compute_busy_ns) == (47, 450)
    assert (found.latency_ns, found.stall_ns, found.compute_busy_ns) == (497, 47, 450)


def test_a_fill_hands_nothing_over() -> None:
    """The preload buffer is filled while no executor waits."""
    plan = toy_plan(MODEL, [[2, 6], [6, 6]], preload=((0, 0), (0, 1)))
    assert fill_ns(plan, toy_scenario(MODEL, toy_device(hand_off_ns=7))) == fill_ns(plan, toy_scenario(MODEL)) == 40


def test_an_inference_is_measured() -> None:
    """Times, shares, bytes, quality and energy of one inference."""
    found = measured(device=toy_device(power=POWER))
    assert (found.latency_ns, found.stall_ns, found.io_busy_ns, found.compute_busy_ns) == (440, 40, 100, 400)
    assert (found.io_utilization, found.compute_utilization) == (100 / 440, 400 / 440)
    assert (found.loaded_bytes, found.load_buffer_peak_bytes, found.working_bytes) == (100, 100, 327)
    assert (found.resident_bytes, found.preload_bytes, found.held_memory_bytes) == (1001, 0, 1001)
    assert found.peak_memory_bytes == 1001 + 100 + 327
    assert (found.fidelity, found.accuracy, found.energy_pj) == ((0.5 + 3 * 0.75) / 4, None, 2 * 100 + 3 * 400)


def test_utilization_is_shared_by_all_lanes() -> None:
    """Two loads at once on two of two lanes for the same time keep both busy."""
    depths = {depth: {"table": [["1 kB", "100 ns"]]} for depth in (1, 2)}
    plan = replace(PLAN, lanes=2)
    found = measured(plan, toy_device(read={"depths": depths}, lanes=2))
    assert (found.latency_ns, found.io_busy_ns, found.io_utilization) == (500, 200, 0.2)


@pytest.mark.parametrize(("target_ns", "met"), [(439, False), (440, True)])
def test_the_target_is_a_bound(target_ns: int, met: bool) -> None:
    """A latency that equals the target meets it."""
    found = measured(target_ns=target_ns)
    assert (found.meets_target, found.target_met_fraction) == (met, float(met))
    part = timeline(toy_scenario(MODEL))
    assert request_row(part, target_ns) == RequestRow(0, 0, 440, 440, 40, meets_target=met)


def test_latency_begins_when_a_request_is_made() -> None:
    """Time in the queue counts."""
    part = Timeline((Request(5, 10, 30),), ())
    assert request_row(part, 24) == RequestRow(5, 10, 30, 25, 0, meets_target=False)


def test_a_session_s_figures_are_the_first_inference_s() -> None:
    """Cold, the first of three inferences takes 440 ns, the others 400: percentiles and peaks are of all."""
    kept = ((0, 0), (0, 1))
    plan = toy_plan(MODEL, [[2, 6], [6, 6]], preload=kept, retain=kept)
    found = measured(plan, inferences=3, start="cold", target_ns=400, preload=40)
    assert (found.latency_ns, found.meets_target) == (440, False)
    assert (found.latency_p50_ns, found.latency_p90_ns, found.latency_p99_ns) == (400, 440, 440)
    assert found.target_met_fraction == 2 / 3
    assert (found.preload_bytes, found.held_memory_bytes) == (40, 1041)


def test_a_warm_start_reports_its_fill_time() -> None:
    """The preload set is read with one request a layer: 100 ns of latency each, and 70 B."""
    line = {"latency": "100 ns", "bandwidth": "1 GB/s"}
    plan = toy_plan(MODEL, [[2, 6], [6, 6]], preload=((0, 0), (0, 1), (1, 1)))
    assert fill_ns(plan, toy_scenario(MODEL, toy_device(read=line))) == 270
    assert fill_ns(PLAN, toy_scenario(MODEL)) == 0


def test_a_fill_reads_records_where_they_lie() -> None:
    """Layer 0 without its last shard but one is two reads of 22 and 11 B, all of layer 1 one of 50."""
    model = toy_model(shards=4, bitwidths=(2,), records=SCATTERED)
    kept = ((0, 0), (0, 1), (0, 3), *((1, shard) for shard in range(4)))
    line = {"latency": "100 ns", "bandwidth": "1 GB/s"}
    plan = toy_plan(model, [[2] * 4] * 2, preload=kept)
    assert fill_ns(plan, toy_scenario(model, toy_device(read=line))) == 122 + 111 + 150


def test_energy_is_unknown_without_its_parts() -> None:
    """Unknown is None, never a made-up number."""
    assert measured().energy_pj is None


@pytest.mark.parametrize(("percent", "expected"), [(50, 1), (90, 2), (99, 3), (100, 3)])
def test_percentiles_are_nearest_rank(percent: int, expected: int) -> None:
    """Of 5 ones, 4 twos and a three, 90 percent are 2 or less."""
    assert percentile(Counter({3: 1, 1: 5, 2: 4}), percent) == expected


def test_nothing_cannot_be_measured() -> None:
    """A session needs an inference, a percentile values."""
    with pytest.raises(ValueError, match="at least one inference"):
        measure([], PLAN, toy_scenario(MODEL))
    with pytest.raises(ValueError, match="needs values"):
        percentile(Counter(), 50)
