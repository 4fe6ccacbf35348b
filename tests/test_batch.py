"""Many inferences at once: times, figures and memory peaks are those of each one on its own."""

from contextlib import suppress
from dataclasses import asdict, replace
from random import Random

import numpy as np
import pytest
from batches import ABOUT_TARGETS, PARTS, rows, simulated
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import SEEDS, Case, legal_cases, toy_device, toy_model
from test_recurrence import THREE, toy_work

from edgesim import read_scenario, run
from edgesim.batch import rows as loops
from edgesim.batch import steps
from edgesim.batch.figures import fits
from edgesim.batch.jobs import Jobs
from edgesim.batch.peaks import peaks
from edgesim.batch.pricing import job_of, priced
from edgesim.batch.schedules import schedules
from edgesim.batch.stack import stacked
from edgesim.batch.times import Times
from edgesim.errors import InfeasibleError
from edgesim.recurrence import schedule
from edgesim.work import NEVER, first_and_later

BATCHES = st.lists(st.tuples(legal_cases(), SEEDS), min_size=1, max_size=24)


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


@settings(max_examples=200)
@given(BATCHES)
def test_a_batch_equals_its_inferences_one_by_one(batch: list[tuple[Case, int]]) -> None:
    """Loads, layers and figures of each are those of the recurrence and of the simulation, whatever else is there."""
    cases = [single(*drawn) for drawn in batch]
    jobs = stacked([job_of(plan, scenario) for scenario, plan in cases])
    assert fits(jobs).all()
    assert rows(jobs) == [simulated(case) for case in cases]
    found = steps.schedules(jobs)
    for place, case in enumerate(cases):
        check_times(found, place, case)
    check_loops(jobs, found)


def check_loops(jobs: Jobs, expected: Times) -> None:
    """See that the loops for numba say the same; where it is not installed, they run as they are."""
    found = loops.schedules(jobs)
    for name in Times._fields:
        assert np.array_equal(getattr(found, name), getattr(expected, name)), name
    assert all(map(np.array_equal, loops.peaks(jobs, found), peaks(jobs, expected)))


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
    """With room for one load, each waits 5 ns for a layer to end; held back for layer 0, the second alone does."""
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
    """Layers of 3 and 5 working bytes are read as 4 and 8 bytes, of which 2 stay in the preload buffer beside 2 others.

    The second load is issued at 10 ns, when the first layer begins: 4 + 6 bytes are in the load buffer, 4 in the
    preload buffer, 3 are worked with. From 35 ns on it is 6 + 4 + 5.
    """
    work = toy_work([(10, 4), (10, 6)], [25, 25])
    work = replace(work, loads=tuple(replace(load, bytes=n) for load, n in zip(work.loads, (4, 8), strict=True)))
    (row,) = rows(priced(work, None, (3, 5), held_bytes=2, kept_bytes=4, resident_bytes=100))
    assert (row["load_buffer_peak_bytes"], row["working_bytes"], row["loaded_bytes"]) == (10, 5, 12)
    assert (row["peak_memory_bytes"], row["held_memory_bytes"]) == (117, 104)
    assert (row["latency_ns"], row["stall_ns"], row["io_utilization"]) == (60, 10, 20 / 60)
    assert (row["energy_pj"], row["fidelity"], row["accuracy"]) == (None, None, None)
