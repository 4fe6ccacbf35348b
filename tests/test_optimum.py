"""The optimum: exhaustive search agrees, its lines lie below every read, and no planner beats its bound."""

from math import isclose
from pathlib import Path
from random import Random

import pytest
from exhaustive import best_fidelity, tiny_scenario
from hypothesis import given, settings
from hypothesis import strategies as st

from edgesim import plan, read_scenario
from edgesim.cost import read_ns
from edgesim.errors import InfeasibleError, InputError
from edgesim.planners.optimum import optimum
from edgesim.planners.optimum.integer import IntegerProgram
from edgesim.planners.optimum.lines import lines
from edgesim.planners.oracle import oracle
from edgesim.plugins import PLANNERS, installed
from edgesim.quality import fidelity, predicted_accuracy
from edgesim.rules import check
from edgesim.scenario import Scenario
from edgesim.testing.boards import random_reads
from edgesim.testing.draws import random_scenario
from edgesim.testing.toys import toy_device, toy_model, toy_scenario

EVERY = [name for name in installed(PLANNERS) if installed(PLANNERS)[name].value.startswith("edgesim.")]


def _best(scenario: Scenario, **options: object) -> tuple[float | None, float]:
    try:
        found = optimum(scenario.model, scenario.device, scenario.budget, **options)  # type: ignore[arg-type]
    except InfeasibleError:
        return None, float("-inf")
    if found.plan is not None:
        check(found.plan, scenario)
    return found.score, found.bound


@pytest.mark.parametrize("block", range(8))
def test_it_equals_exhaustive_search(block: int) -> None:
    """All submodels, bitwidths, preload sets and groupings of tiny scenarios of any kind; 2,000 of them."""
    for seed in range(block * 250, (block + 1) * 250):
        scenario = tiny_scenario(seed)
        wanted = best_fidelity(scenario)
        score, bound = _best(scenario, exact=True, seconds=120.0)
        if wanted is None:
            assert score is None, seed
            continue
        assert score is not None, seed
        assert isclose(score, wanted, rel_tol=1e-8), seed
        assert bound >= wanted * (1 - 1e-8), seed


@settings(max_examples=300)
@given(st.integers(0, 2**32), st.integers(1, 400), st.integers(0, 400))
def test_no_reads_beat_a_line(seed: int, least: int, more: int) -> None:
    """However many reads of whatever sizes: together they take no less than any line says."""
    random = Random(seed)
    storage = toy_device(storage=random_reads(random, random.randrange(5))).storage
    below = lines(storage, least, least + more)
    for _ in range(5):
        sizes = [random.randint(least, least + more) for _ in range(random.randint(1, 5))]
        time = sum(read_ns(size, storage) for size in sizes)
        assert all(line.start_ns + line.ns_per_byte * sum(sizes) <= time + 1e-6 for line in below)


@pytest.mark.parametrize("block", range(6))
def test_no_planner_beats_the_bound(block: int) -> None:
    """Of all planners' plans with one lane that keep to the buffers and meet the target, on random scenarios."""
    compared = 0
    for seed in range(block * 50, (block + 1) * 50):
        scenario = random_scenario(seed)
        if scenario.model.distortion is None:
            continue
        _, bound = _best(scenario)
        for name in EVERY:
            quality = _quality(scenario, name)
            if quality is not None:
                compared += 1
                assert quality <= bound + 1e-9, (seed, name)
    assert compared > 50


def _quality(scenario: Scenario, name: str) -> float | None:
    """Return the fidelity of a planner's plan, if the bound is about it."""
    from edgesim.recurrence import makespan_ns
    from edgesim.work import price

    try:
        made = plan(scenario, name)
    except (InfeasibleError, InputError):
        return None
    work = price(made, scenario.model, scenario.device, scenario.processor, made.preload)
    room = None if made.ignores_buffers else scenario.load_buffer_bytes
    late = makespan_ns(work, room) > scenario.target_latency_ns
    return None if late or made.lanes > 1 or made.ignores_buffers else fidelity(made, scenario.model)


def test_the_default_gap_holds_and_says_whether_it_does() -> None:
    """On the shipped boards the plan found is within a thousandth of the bound."""
    for name in ("paper-odroid-150ms", "paper-odroid-200ms", "paper-odroid-400ms", "paper-jetson-200ms"):
        scenario = read_scenario(name)
        found = optimum(scenario.model, scenario.device, scenario.budget, seconds=120.0)
        assert found.proven
        assert found.gap is not None
        assert found.gap <= 1e-3


def test_out_of_time_the_bound_is_what_is_known() -> None:
    """No time: nothing found, nothing proven, and yet a bound that the best plan keeps."""
    scenario = read_scenario("paper-odroid-400ms")
    none = optimum(scenario.model, scenario.device, scenario.budget, seconds=1e-9)
    best = optimum(scenario.model, scenario.device, scenario.budget, seconds=120.0)
    assert (none.plan, none.score, none.proven) == (None, None, False)
    assert best.score is not None
    assert none.bound >= best.score
    with pytest.raises(
        InfeasibleError, match=r"computing 3 x 3 shards takes 105.0 ms: the target of 1e-06 ms is short"
    ):
        oracle(scenario.model, scenario.device, scenario.budget._replace(target_latency_ns=1))


def test_one_submodel() -> None:
    """`submodel` keeps to one n x m; one that is not there is refused."""
    scenario = read_scenario("paper-odroid-400ms")
    made = oracle(scenario.model, scenario.device, scenario.budget, submodel=(5, 6))
    assert (len(made.layers), len(made.shards[0])) == (5, 6)
    with pytest.raises(InputError, match=r"submodel: dynabert-12x12 on odroid-n2plus has none of 5 x 2 shards"):
        oracle(scenario.model, scenario.device, scenario.budget, submodel=(5, 2))


def test_it_maximises_predicted_accuracy() -> None:
    """By the surrogate's own prediction no planner's plan is better, and the goal needs measured accuracy."""
    scenario = read_scenario("minilm-signature")
    found = optimum(scenario.model, scenario.device, scenario.budget, maximise="accuracy", seconds=120.0)
    assert found.plan is not None
    assert predicted_accuracy(found.plan, scenario.model)[0] == found.score
    for name in ("wrx", "wrx_plus", "std_pipeline[bitwidth=6]", "oracle"):
        known, _ = predicted_accuracy(plan(scenario, name), scenario.model)
        assert known is not None
        assert known <= found.bound + 1e-9
    with pytest.raises(InputError, match="maximise: toy has no measured accuracy"):
        optimum(toy_model(), toy_device(), toy_scenario().budget, maximise="accuracy")


def test_out_of_time_a_relaxation_bounds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A linear program that is broken off has reached less than its optimum: that must not pass for a bound."""
    import numpy as np
    import scipy.optimize

    reached = scipy.optimize.OptimizeResult(status=1, fun=-0.25, x=np.zeros(1), mip_dual_bound=None)
    monkeypatch.setattr(scipy.optimize, "milp", lambda *_, **__: reached)
    program = IntegerProgram()
    program.row([(program.variable(), 1.0)], high=1.0)
    assert program.solve([1.0], gap=0.0, seconds=1.0, relaxed=True).bound == float("inf")


def test_without_a_solver_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing SciPy names the extra that brings it."""
    import sys

    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    scenario = read_scenario("fig6")
    with pytest.raises(InputError, match=r"pip install 'edgesim\[oracle\]'"):
        optimum(scenario.model, scenario.device, scenario.budget)


def test_the_solver_prints_nothing(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """What HiGHS prints by itself must not end up in ``--json -``."""
    from edgesim.planners.optimum.integer import _silenced

    with _silenced():
        import os

        os.write(1, b"noise")
    os.write(1, b"kept")
    assert capfd.readouterr().out == "kept"
