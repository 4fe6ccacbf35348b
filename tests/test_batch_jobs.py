"""Jobs of any shape are stacked, picked out and measured in parts; what cannot be answered is refused."""

from dataclasses import fields, replace

import numpy as np
import pytest
from batches import PARTS, rows, simulated
from strategies import Case, toy_device, toy_model, toy_plan, toy_scenario
from test_recurrence import THREE, toy_work

from edgesim.batch import figures as figuring
from edgesim.batch import rows as loops
from edgesim.batch import schedules as scheduling
from edgesim.batch.figures import figures, fits
from edgesim.batch.jobs import Jobs
from edgesim.batch.pricing import job_of, priced
from edgesim.batch.schedules import compiled, schedules
from edgesim.batch.stack import stacked, taken
from edgesim.work import NEVER

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
    jobs = stacked([priced(toy_work(THREE, [5, 5, 5])), job])
    with pytest.raises(ValueError, match="a job must be legal, got a load"):
        schedules(jobs)
    assert loops.schedules(jobs) is None


def test_a_load_that_no_layer_needs_is_refused() -> None:
    """A job whose loads bring nothing is not what `Jobs` describes."""
    job = priced(toy_work(THREE, [5, 5, 5]))
    idle = replace(job, serves=job.serves & [[True], [True], [False]])
    with pytest.raises(ValueError, match="a job must be legal, got a load"):
        schedules(idle)
    assert loops.schedules(idle) is None


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


# --- numba


@pytest.mark.parametrize(("installed", "found"), [(True, loops), (False, None)])
def test_the_loops_in_numba_come_when_they_pay(monkeypatch: pytest.MonkeyPatch, installed: bool, found: object) -> None:
    """A process that has scheduled few loads does not wait for numba; nor does one without numba, ever."""
    monkeypatch.setattr(scheduling, "compiler", lambda: len if installed else None)
    monkeypatch.setattr(scheduling, "_SEEN", scheduling._Seen())
    monkeypatch.setattr(scheduling, "_PAYS_FROM", 20)
    jobs = stacked([priced(toy_work(THREE, [5, 5, 5]))] * 5)
    expected = schedules(jobs)
    assert compiled() is None
    assert np.array_equal(schedules(jobs).finish_ns, expected.finish_ns)
    assert compiled() is found
    assert rows(jobs)[-1]["latency_ns"] == 35
