"""Is a new plan as good as the old one: every category, and what a tolerance is for."""

from dataclasses import replace
from itertools import product

import pytest

from edgesim.grid import Tolerance
from edgesim.regression.classify import Failure, Figures, Outcome, Verdict, classify, classify_time

TOLERANCE = Tolerance.model_validate(
    {"latency": "1 %", "fidelity": "1 %", "accuracy": "1 %", "held_memory": "1 %", "peak_memory": "1 %"}
    | {"planning_time": "100 %"}
)
PLAN = Figures("1-2-3-4", 1000, True, True, 0.5, None, 100, 1000, 2000)
NO_PLAN, ERROR, ABSENT = Failure("no plan", "short"), Failure("error", "KeyError: 1"), Failure("absent", "unknown")
MISSED, EXCEEDED = replace(PLAN, meets_target=False), replace(PLAN, fits_memory=False)


def changed(**values: object) -> Verdict:
    """Judge a plan that differs in some figures."""
    return classify(PLAN, replace(PLAN, **{"plan": "1-0-3-4"} | values), TOLERANCE)


@pytest.mark.parametrize(
    ("old", "new", "category", "reasons"),
    [
        (PLAN, PLAN, "unchanged", ()),
        (PLAN, NO_PLAN, "regression", ("no plan",)),
        (PLAN, ERROR, "regression", ("error",)),
        (PLAN, MISSED, "regression", ("target",)),
        (PLAN, EXCEEDED, "regression", ("memory",)),
        (NO_PLAN, ERROR, "regression", ("error",)),
        (NO_PLAN, MISSED, "regression", ("target",)),
        (MISSED, EXCEEDED, "regression", ("memory",)),
        (MISSED, replace(MISSED, fits_memory=False), "regression", ("memory",)),
        (NO_PLAN, PLAN, "fixed", ("no plan",)),
        (ERROR, PLAN, "fixed", ("error",)),
        (MISSED, PLAN, "fixed", ("target",)),
        (EXCEEDED, PLAN, "fixed", ("memory",)),
        (ERROR, NO_PLAN, "drift", ("error",)),
        (ERROR, MISSED, "drift", ("error",)),
        (MISSED, NO_PLAN, "drift", ("target",)),
        (NO_PLAN, Failure("no plan", "other words"), "unchanged", ()),
        (ERROR, Failure("error", "other words"), "unchanged", ()),
        (MISSED, MISSED, "unchanged", ()),
        (ABSENT, PLAN, "new", ()),
        (ABSENT, ERROR, "new", ()),
        (PLAN, ABSENT, "regression", ("absent",)),
    ],
    ids=str,
)
def test_promises_are_kept_broken_or_mended(
    old: Outcome, new: Outcome, category: str, reasons: tuple[str, ...]
) -> None:
    """A plan, its target and the device's memory count before any figure does."""
    assert classify(old, new, TOLERANCE)[:2] == (category, reasons)


def test_every_pair_of_outcomes_has_a_category() -> None:
    """And nothing is a regression of itself."""
    every = [PLAN, MISSED, EXCEEDED, NO_PLAN, ERROR]
    for old, new in product(every, every):
        verdict = classify(old, new, TOLERANCE)
        assert (verdict.category == "unchanged") is (old is new)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"fidelity": 0.494}, Verdict("regression", ("fidelity",), pytest.approx(0.012))),
        ({"fidelity": 0.496}, Verdict("drift", ("bitwidths",), pytest.approx(0.008))),
        ({"fidelity": 0.506}, Verdict("gain", ("fidelity",), pytest.approx(0.012))),
        ({"latency_ns": 1011}, Verdict("regression", ("latency",), pytest.approx(0.011))),
        ({"latency_ns": 1010}, Verdict("drift", ("bitwidths",), pytest.approx(0.01))),
        ({"latency_ns": 900}, Verdict("gain", ("latency",), pytest.approx(0.1))),
        ({"held_memory_bytes": 1020}, Verdict("regression", ("held_memory",), pytest.approx(0.02))),
        ({"peak_memory_bytes": 2100}, Verdict("regression", ("peak_memory",), pytest.approx(0.05))),
        ({"peak_memory_bytes": 1500}, Verdict("gain", ("peak_memory",), pytest.approx(0.25))),
        ({"latency_ns": 1500, "fidelity": 0.6}, Verdict("gain", ("fidelity",), pytest.approx(0.2))),
        ({"latency_ns": 500, "fidelity": 0.4}, Verdict("regression", ("fidelity",), pytest.approx(0.2))),
        ({"latency_ns": 1500, "peak_memory_bytes": 1000}, Verdict("regression", ("latency",), pytest.approx(0.5))),
        ({"fidelity": None, "latency_ns": 1500}, Verdict("regression", ("latency",), pytest.approx(0.5))),
        ({"preload_bytes": 0}, Verdict("drift", ("bitwidths",), 0)),
    ],
    ids=str,
)
def test_figures_are_worse_better_or_within_tolerance(values: dict[str, object], expected: Verdict) -> None:
    """Quality that falls is a regression whatever it saves; what takes longer is one unless quality has risen."""
    assert changed(**values) == expected


def test_accuracy_counts_as_fidelity_does() -> None:
    """Where it is known on both sides."""
    old = replace(PLAN, accuracy=0.8)
    assert classify(old, replace(old, accuracy=0.7), TOLERANCE).reasons == ("accuracy",)
    assert classify(old, replace(old, accuracy=0.7, fidelity=0.6), TOLERANCE).category == "regression"
    assert classify(old, replace(old, accuracy=None), TOLERANCE).category == "drift"


@pytest.mark.parametrize(
    ("plan", "part"),
    [("0-0-3-0", "submodel"), ("1-0-0-0", "bitwidths"), ("1-2-0-0", "preload set"), ("1-2-3-0", "loads"),
     ("1-2-3-4", "figures")],
)  # fmt: skip
def test_drift_names_the_first_part_that_differs(plan: str, part: str) -> None:
    """What differs behind it mostly follows; the same plan may have other figures, if the judge has changed."""
    assert changed(plan=plan, preload_bytes=1).reasons == (part,)


def test_what_was_nothing_can_only_grow() -> None:
    """A share of nothing is no number."""
    old = replace(PLAN, fidelity=0.0)
    assert classify(old, replace(old, fidelity=0.1), TOLERANCE) == Verdict("gain", ("fidelity",), 1.0)


@pytest.mark.parametrize(("new_ns", "category"), [(100, "unchanged"), (200, "unchanged"), (201, "slower")])
def test_planning_may_take_twice_as_long(new_ns: int, category: str) -> None:
    """That is what a tolerance of 100 % says."""
    assert classify_time(100, new_ns, TOLERANCE).category == category
