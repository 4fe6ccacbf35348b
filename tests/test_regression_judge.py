"""What a plan promises by the recurrence is what a run measures."""

from dataclasses import replace

import pytest
from hypothesis import given
from strategies import Case, legal_cases, toy_model, toy_plan, toy_scenario

from edgesim.experiment import simulate
from edgesim.metrics import measure
from edgesim.plans import Plan
from edgesim.regression import judge
from edgesim.regression.classify import Failure, Figures
from edgesim.regression.judge import digest, judged
from edgesim.workload import SingleStream

MODEL = toy_model(resident_bytes={"embeddings": "1 kB"}, distortion={2: 0.5, 6: 0.25}, activation_bytes="7 B")
PLAN = toy_plan(MODEL, [[2, 6], [6, 6]])
"""Loads of 40 and 60 B and ns, layers of 200 ns: 440 ns."""


@given(legal_cases())
def test_figures_are_those_of_a_simulation(case: Case) -> None:
    """Latency, quality, held and peak memory, on every kind of storage, processor, buffer and plan."""
    scenario, plan = case
    scenario = scenario.model_copy(update={"workload": SingleStream()})
    found, measured = judged(plan, scenario), measure([simulate(plan, scenario)], plan, scenario)
    assert isinstance(found, Figures)
    for name in set(Figures.__slots__) - {"plan", "fits_memory"}:
        assert getattr(found, name) == getattr(measured, name), name


def test_a_plan_is_judged_in_the_head() -> None:
    """440 ns; 1000 B held, and at the peak 100 B of shards, and 320 of decompressed ones with 7 of activations."""
    found = judged(PLAN, toy_scenario(MODEL, target_ns=440))
    assert found == Figures(digest(PLAN), 440, True, True, (0.5 + 3 * 0.75) / 4, None, 0, 1000, 1000 + 100 + 327)
    assert judged(PLAN, toy_scenario(MODEL, target_ns=439)) == replace(found, meets_target=False)


def test_memory_that_the_device_does_not_have_is_exceeded() -> None:
    """The peak counts; a device of unknown memory holds everything."""
    scenario = toy_scenario(MODEL)
    for capacity, fits in ((1427, True), (1426, False)):
        device = scenario.device.model_validate(
            scenario.device.model_dump(by_alias=True, exclude={"memory", "storage", "processors"})
            | {"storage": scenario.device.storage, "processors": scenario.device.processors}
            | {"memory": {"capacity": f"{capacity} B"}}
        )
        found = judged(PLAN, scenario.model_copy(update={"device": device}))
        assert isinstance(found, Figures)
        assert found.fits_memory is fits


def test_a_plan_that_breaks_a_rule_is_an_error() -> None:
    """So is one that is no plan at all."""
    kept = replace(PLAN, preload=((0, 0),), loads=toy_plan(MODEL, [[2, 6], [6, 6]], preload=((0, 0),)).loads)
    found = judged(kept, toy_scenario(MODEL, preload=9))
    assert isinstance(found, Failure)
    assert (found.kind, "the preload buffer has room for 9 B" in found.message) == ("error", True)
    found = judged(replace(PLAN, shards=None), toy_scenario(MODEL))  # type: ignore[arg-type]
    assert isinstance(found, Failure)
    assert found.message.startswith("its plan is not of the form that edgesim.Plan describes, TypeError: ")


@pytest.mark.parametrize(
    ("changed", "differ"),
    [
        ({"io_budget_ns": (1, 2), "io_budget_initial_ns": (1, 2)}, [False] * 4),
        ({"bitwidths": ((2, 6), (6, 2))}, [False, True, False, False]),
        ({"layers": (0, 2)}, [True, False, False, False]),
        ({"retain": ((0, 0),)}, [False, False, True, False]),
        ({"loads": PLAN.loads[::-1]}, [False, False, False, True]),
        ({"lanes": 2}, [False, False, False, True]),
    ],
    ids=str,
)
def test_a_digest_says_which_part_of_a_plan_differs(changed: dict[str, object], differ: list[bool]) -> None:
    """Submodel, bitwidths, preload set, loads; how it was found is no part of a plan."""
    pairs = zip(digest(PLAN).split("-"), digest(replace(PLAN, **changed)).split("-"), strict=True)
    assert [old != new for old, new in pairs] == differ


def test_a_recurrence_that_is_not_the_simulation_stops_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be a mistake of edgesim, and every verdict wrong."""
    scenario = toy_scenario(MODEL)
    assert judged(PLAN, scenario, simulated=True) == judged(PLAN, scenario)
    right = judge.schedule

    def wrong(work: object, room: int | None) -> object:
        times = right(work, room)  # type: ignore[arg-type]
        return replace(times, finish_ns=(*times.finish_ns[:-1], times.finish_ns[-1] + 1))

    monkeypatch.setattr(judge, "schedule", wrong)
    with pytest.raises(RuntimeError, match="latency_ns is 440, and 441 by the recurrence"):
        judged(PLAN, scenario, simulated=True)


def test_plans_are_plans() -> None:
    """The toy plan is the plan that the numbers above are about."""
    assert isinstance(PLAN, Plan)
    assert [load.bytes for load in PLAN.loads] == [40, 60]
