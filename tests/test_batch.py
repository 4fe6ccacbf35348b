"""Many inferences at once: times, figures and memory peaks are those of each one on its own."""

from contextlib import suppress
from dataclasses import asdict, fields, replace
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import SEEDS, Case, legal_cases, toy_device, toy_model, toy_plan, toy_scenario
from test_recurrence import THREE, toy_work

from edgesim import read_scenario, run
from edgesim.backends.simulated import execute
from edgesim.batch import figures as figuring
from edgesim.batch.figures import figures, fits
from edgesim.batch.jobs import Jobs
from edgesim.batch.pricing import job_of, priced
from edgesim.batch.schedules import Times, schedules
from edgesim.batch.stack import stacked, taken
from edgesim.errors import InfeasibleError
from edgesim.metrics import measure
from edgesim.recurrence import schedule
from edgesim.work import NEVER, first_and_later

ABOUT_TARGETS = {"target_latency_ns", "meets_target", "target_met_fraction"}
PARTS = ("idle", "storage_read", "cpu")
BATCHES = st.lists(st.tuples(legal_cases(), SEEDS), min_size=1, max_size=24)


def rows(jobs: Jobs) -> list[dict[str, Any]]:
    """Return the figures of each job, None where they are unknown."""
    columns = figures(jobs)
    return [
        {name: values[place].item() if known[place] else None for name, (values, known) in columns.items()}
        for place in range(len(jobs))
    ]


def simulated(case: Case) -> dict[str, Any]:
    """Return the figures of the simulation that a batch gives as well."""
    scenario, plan = case
    parts = list(execute(plan, scenario.model, scenario.device, scenario.session))
    return {name: value for name, value in asdict(measure(parts, plan, scenario)).items() if name not in ABOUT_TARGETS}


def single(case: Case, seed: int) -> Case:
    """Return a case of one inference, with some powers, bytes that are always held, or no buffers at all."""
    (scenario, plan), random = case, Random(seed)
    powers = {part: f"{random.randint(1, 9)} W" for part in random.choice([(), PARTS, PARTS[:2], PARTS[::2]])}
    model = scenario.model.model_copy(
        update={"resident_bytes": toy_model(resident_bytes={"embeddings": "77 B"}).resident_bytes}
        if random.random() < 0.5
        else {}
    )
    changes = {
        "device": scenario.device.model_copy(update={"power": toy_device(power=powers).power if powers else None}),
        "model": model,
        "workload": scenario.workload.model_copy(update={"inferences": 1}),
    }
    return scenario.model_copy(update=changes), replace(plan, ignores_buffers=random.random() < 0.2)


# --- equal to the simulation and the recurrence


@settings(max_examples=250)
@given(BATCHES)
def test_a_batch_equals_its_inferences_one_by_one(batch: list[tuple[Case, int]]) -> None:
    """Loads, layers and figures of each are those of the recurrence and of the simulation, whatever else is there."""
    cases = [single(*drawn) for drawn in batch]
    jobs = stacked([job_of(plan, scenario) for scenario, plan in cases])
    assert fits(jobs).all()
    assert rows(jobs) == [simulated(case) for case in cases]
    found = schedules(jobs)
    for place, case in enumerate(cases):
        check_times(found, place, case)


def check_times(found: Times, place: int, case: Case) -> None:
    """See that loads and layers start and end when the recurrence says; behind the last ones nothing happens."""
    scenario, plan = case
    work = first_and_later(plan, scenario.model, scenario.device, scenario.session)[0]
    expected = schedule(work, None if plan.ignores_buffers else scenario.load_buffer_bytes)
    end = expected.finish_ns[-1]
    for name, count, behind in (
        ("issued_ns", len(work.loads), 0),
        ("done_ns", len(work.loads), 0),
        ("start_ns", len(work.compute_ns), end),
        ("finish_ns", len(work.compute_ns), end),
    ):
        times = getattr(found, name)[place].tolist()
        assert times == [*getattr(expected, name), *[behind] * (len(times) - count)]


PLANNERS = (
    "wrx", "wrx[granularity=shard]", "wrx[preload=false]", "load_exec[bitwidth=6]", "std_pipeline[bitwidth=2]",
    "preload_model[bitwidth=32]", "demand_layering[bitwidth=6]", "pipeswitch[bitwidth=6]", "balanced_lock[bitwidth=6]",
    "parallel_load[bitwidth=6]", "device_map[bitwidth=6]", "one_ahead[bitwidth=6]", "mmap_lru[bitwidth=6]", "dynabert",
)  # fmt: skip


@pytest.mark.parametrize(
    "name", ["paper-odroid-400ms", "paper-jetson-200ms", "phone-ufs4", "minilm-embedding", "field"]
)
def test_shipped_scenarios_measure_as_they_run(name: str) -> None:
    """What is shipped, with each planner, warm and cold, in bounded and unlimited buffers, measures as `run` says."""
    jobs, expected = [], []
    for start, room in (("warm", "unlimited"), ("cold", "unlimited"), ("warm", "8 MB")):
        scenario = read_scenario(name, {"workload": {"start": start}, "load_buffer": room})
        for planner in PLANNERS:
            with suppress(InfeasibleError):
                result = run(scenario, planner)
                jobs.append(job_of(result.plan, scenario))
                expected.append(asdict(result.metrics))
    assert len(jobs) > 2 * len(PLANNERS)
    found = rows(stacked(jobs))
    assert [
        row | {name: other[name] for name in ABOUT_TARGETS} for row, other in zip(found, expected, strict=True)
    ] == (expected)


# --- in the head


def test_a_batch_in_the_head() -> None:
    """Three jobs at once: one waits for its loads, one has nothing to load, one has a single layer."""
    works = [
        toy_work([(10, 1), (40, 1)], [25, 5]),
        toy_work([(0, 0), (0, 0)], [25, 5]),
        toy_work([(7, 1)], [2]),
    ]
    found = schedules(stacked([priced(work) for work in works]))
    assert found.issued_ns.tolist() == [[0, 10], [0, 0], [0, 0]]
    assert found.done_ns.tolist() == [[10, 50], [0, 0], [7, 0]]
    assert found.finish_ns.tolist() == [[35, 55], [25, 30], [9, 9]]


def test_a_batch_with_waits_in_the_head() -> None:
    """The first job waits for both layers, the second for none."""
    waits = {"layer_ns": [25, 5], "late_ns": [27, 8]}
    jobs = [priced(toy_work(loads, **waits)) for loads in ([(10, 1), (40, 1)], [(0, 0), (0, 0)])]
    assert schedules(stacked(jobs)).finish_ns.tolist() == [[37, 58], [25, 30]]


def test_who_waits_for_room_and_who_is_held_back() -> None:
    """With room for one load the second waits 5 ns for room, and 0 ns for a layer; held back it is the other way."""
    jobs = [priced(toy_work(THREE, [5, 5, 5]), 1), priced(toy_work(THREE, [5, 5, 5], after=[NEVER, 0, NEVER]))]
    found = schedules(stacked(jobs))
    assert found.blocked_ns.tolist() == [[0, 5, 5], [0, 0, 0]]
    assert found.held_ns.tolist() == [[0, 0, 0], [0, 5, 0]]
    assert found.issued_ns.tolist() == [[0, 15, 30], [0, 15, 25]]


def test_two_lanes_beside_one() -> None:
    """A job of two lanes, each load priced at its depth, in a batch with one of one lane."""
    jobs = [priced(toy_work(THREE, [1, 1, 1], deeper_ns=[[15, 15, 15]])), priced(toy_work(THREE, [1, 1, 1]))]
    found = schedules(stacked(jobs))
    assert found.issued_ns.tolist() == [[0, 0, 10], [0, 10, 20]]
    assert found.done_ns.tolist() == [[10, 15, 25], [10, 20, 30]]


def test_peaks_in_the_head() -> None:
    """The loads of 4 and 6 bytes lie in the load buffer until their layers have finished, of 3 and 5 bytes each.

    From 20 ns on the second load is there beside the first, while layer 0 computes until 35 ns; 2 bytes are preloaded.
    """
    work = toy_work([(10, 4), (10, 6)], [25, 25])
    (row,) = rows(priced(work, None, (3, 5), held_bytes=2, kept_bytes=2, resident_bytes=100))
    work_bytes = sum(load.bytes for load in work.loads) - 10  # what the loads read beside what they buffer
    assert (row["load_buffer_peak_bytes"], row["working_bytes"]) == (10, 5)
    assert row["peak_memory_bytes"] == 100 + 2 + 10 + 3 + work_bytes
    assert (row["held_memory_bytes"], row["energy_pj"], row["fidelity"]) == (102, None, None)


# --- shapes


def plans_of_any_shape() -> list[Jobs]:
    """Return jobs with none to three loads, one to three layers, one and two lanes."""
    return [
        priced(toy_work([(0, 0)], [5]), held_bytes=7),
        priced(toy_work(THREE, [5, 5, 5], deeper_ns=[[15, 15, 15]]), 2, (1, 2, 3)),
        priced(toy_work(THREE[:2], [5, 6], after=[NEVER, 0], overlap=True, unpack_ns=2), qualities={"fidelity": 0.5}),
    ]


def equal(one: Jobs, other: Jobs) -> bool:
    """Tell whether jobs are the same, padding included."""
    pairs = [(getattr(one, field.name), getattr(other, field.name)) for field in fields(Jobs)]
    return all(a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype == np.float64) for a, b in pairs)


def test_what_was_stacked_is_taken_apart_again() -> None:
    """Each job comes back as it was, without the padding that the others needed; also twice, or by flags."""
    parts = plans_of_any_shape()
    whole = stacked(parts)
    assert all(equal(taken(whole, np.array([place])), part) for place, part in enumerate(parts))
    assert equal(taken(whole, np.array([2, 0, 2])), stacked([parts[2], parts[0], parts[2]]))
    assert equal(taken(whole, np.array([False, True, False])), parts[1])
    assert equal(stacked([stacked(parts[:2]), parts[2]]), whole)


def test_a_batch_of_none() -> None:
    """No jobs have no figures."""
    none = stacked([])
    assert len(none) == len(taken(stacked(plans_of_any_shape()), np.zeros(3, np.bool_))) == 0
    assert schedules(none).finish_ns.shape == (0, 0)
    assert all(len(values) == len(known) == 0 for values, known in figures(none).values())
    assert len(fits(none)) == 0


def test_large_batches_are_measured_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """In parts of few jobs of like shapes the figures are the same, in the same order."""
    jobs = stacked(plans_of_any_shape() * 5)
    whole = rows(jobs)
    monkeypatch.setattr(figuring, "_CELLS", 6)
    assert rows(jobs) == whole


# --- what is refused


@pytest.mark.parametrize(
    "job",
    [
        priced(toy_work(THREE, [5, 5, 5], after=[NEVER, 1, NEVER])),
        priced(toy_work([(10, 1), (10, 2)], [5, 5]), 1),
    ],
    ids=["held back for the layer that it serves", "larger than the load buffer"],
)
def test_a_job_that_waits_for_itself_is_refused(job: Jobs) -> None:
    """No times are made up for an inference that never ends."""
    with pytest.raises(ValueError, match="a job must be legal, got a load that waits for a layer that needs it"):
        schedules(stacked([priced(toy_work(THREE, [5, 5, 5])), job]))


def test_a_load_that_no_layer_needs_is_refused() -> None:
    """A job whose loads bring nothing is not what `Jobs` describes."""
    job = priced(toy_work(THREE, [5, 5, 5]))
    with pytest.raises(ValueError, match="a job must be legal, got a load that serves no layer"):
        schedules(replace(job, serves=np.zeros_like(job.serves)))


def board(layer_ns: int, milliwatts: int = 1, bandwidth: str = "1 GB/s") -> Case:
    """Return one layer of one shard of 160 bytes on a device with some layer time, power and bandwidth."""
    power = dict.fromkeys(PARTS, f"{milliwatts} mW")
    device = toy_device(layer_ns={1: layer_ns}, read={"bandwidth": bandwidth}, power=power)
    model = toy_model(layers=1, shards=1, bitwidths=[32])
    return toy_scenario(model, device), toy_plan(model, [[32]])


@pytest.mark.parametrize(
    ("case", "fitting"),
    [
        (board(2**51), True),
        (board(2**52), False),
        (board(10**9, 2**30), True),
        (board(2**51, 2**12), False),
        (board(1, 1, "1 B/s"), True),
        (board(2**53, 2**53, "1 B/s"), False),
    ],
)
def test_what_64_bits_cannot_hold_is_told(case: Case, fitting: bool) -> None:
    """Times that floats divide exactly and energies within 64 bits are measured as simulated, others refused."""
    job = job_of(case[1], case[0])
    assert fits(stacked([priced(toy_work(THREE, [5, 5, 5])), job])).tolist() == [True, fitting]
    if fitting:
        assert rows(job) == [simulated(case)]


def test_numbers_beyond_64_bits_are_told_as_too_large() -> None:
    """A Python integer of any size makes a job, which does not fit."""
    work = toy_work([(2**70, 2**65)], [2**64])
    assert fits(priced(work)).tolist() == [False]
