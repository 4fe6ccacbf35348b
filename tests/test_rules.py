"""Each rule alone: a legal plan, one thing changed, and what the refusal says."""

from dataclasses import replace

import pytest
from stores import SCATTERED
from strategies import toy_device, toy_model, toy_plan, toy_scenario

from edgesim.errors import IllegalPlanError
from edgesim.plans import Load, Plan
from edgesim.rules import check
from edgesim.scenario import Scenario

MODEL = toy_model(layers=3, shards=2, min_layers=2)
LEGAL = toy_plan(MODEL, [[2, 2], [2, 2]], preload=((0, 0),), retain=((0, 0),))
LOAD = LEGAL.loads[1]
"""Both shards of layer 1: 20 B."""


def scenario(**change: int) -> Scenario:
    """Return a scenario in which the legal plan is legal."""
    return toy_scenario(MODEL, toy_device(layer_ns={2: 100}), **{"preload": 10, **change})


def with_load(**change: object) -> Plan:
    """Change the load of layer 1."""
    return replace(LEGAL, loads=(LEGAL.loads[0], replace(LOAD, **change)))


def test_the_legal_plan_is_legal() -> None:
    """What the other tests change is legal before."""
    check(LEGAL, scenario())


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (replace(LEGAL, layers=(0, 1.0)), "must be a plain integer"),
        (replace(LEGAL, lanes=True), "must be a plain integer"),
        (replace(LEGAL, bitwidths=((2, 2),)), "must be equally long"),
        (replace(LEGAL, layers=(1, 0)), r"layers must rise within 0\.\.2, got \[1, 0\]"),
        (replace(LEGAL, layers=(0, 3)), r"layers must rise within 0\.\.2, got \[0, 3\]"),
        (toy_plan(MODEL, [[2, 2]]), "at least 2 layers must be executed, got 1"),
        (replace(LEGAL, io_budget_ns=(1,), io_budget_initial_ns=(1,)), "IO budgets must be empty or one per"),
        (replace(LEGAL, io_budget_ns=(1, 2)), "IO budgets must be empty or one per"),
        (replace(LEGAL, shards=((0, 1), (0, 0))), r"layer 1: shards must differ and lie within 0\.\.1"),
        (replace(LEGAL, shards=((0, 1), (0, 2))), r"layer 1: shards must differ and lie within 0\.\.1"),
        (toy_plan(MODEL, [[2, 2], [2]]), "layer 1: 1 shards, but layer times are measured for 2 to 2"),
        (replace(LEGAL, bitwidths=((2, 2), (2, 3))), r"layer 1: needs one bitwidth of \[2, 6, 32\]"),
        (replace(LEGAL, bitwidths=((2, 2), (2,))), r"layer 1: needs one bitwidth of \[2, 6, 32\]"),
        (replace(LEGAL, lanes=2), "toy has 1 lanes, got 2"),
        (replace(LEGAL, lanes=0), "toy has 1 lanes, got 0"),
    ],
)
def test_shape(plan: Plan, message: str) -> None:
    """Layers, slices, bitwidths, lanes and budgets must belong to the model and the device."""
    with pytest.raises(IllegalPlanError, match=message):
        check(plan, scenario())


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (replace(LEGAL, loads=(*LEGAL.loads, Load((), 0, (1,)))), "a load must bring at least one shard"),
        (with_load(after=2), "'after' must be a position in layers, got 2"),
        (with_load(after=-1), "'after' must be a position in layers, got -1"),
        (with_load(bytes=19), "says 19 B, its shards have another size"),
        (with_load(extents=(19,)), "needs positive extents of at least 20 B"),
        (with_load(extents=(20, 0)), "needs positive extents of at least 20 B"),
        (replace(LEGAL, retain=((2, 0),)), r"shards \[\(2, 0\)\] are loaded or kept, but not executed"),
        (replace(LEGAL, loads=LEGAL.loads[:1]), r"shards \[\(1, 0\), \(1, 1\)\] are executed, but neither"),
        (replace(LEGAL, loads=(*LEGAL.loads, LOAD)), r"shards \[\(1, 0\), \(1, 1\)\] are brought more than once"),
        (replace(LEGAL, preload=((0, 0), (0, 0))), r"shards \[\(0, 0\)\] are brought more than once"),
        (replace(LEGAL, retain=((0, 0), (0, 0))), "retain names a shard more than once"),
        (
            replace(LEGAL, retain=((1, 0),)),
            r"preload and retain hold 20 B \(20 B\), the preload buffer has room for 10 B",
        ),
    ],
)
def test_loading(plan: Plan, message: str) -> None:
    """Every executed shard is brought once, with its true size, and what is kept fits."""
    with pytest.raises(IllegalPlanError, match=message):
        check(plan, scenario())


@pytest.mark.parametrize("change", [{"extents": (20.5,)}, {"bytes": 20.0}, {"after": 0.0}])
def test_loads_have_plain_integers(change: dict[str, object]) -> None:
    """A load of fractional bytes would take fractional nanoseconds."""
    with pytest.raises(IllegalPlanError, match="a plain integer"):
        check(with_load(**change), scenario())


def test_records_say_how_large_shards_are() -> None:
    """The 22 B of (0, 0) and (0, 1) fit a preload buffer of 22 B and none of 21; a load that says 20 B is refused."""
    model = toy_model(shards=4, bitwidths=(2,), records=SCATTERED)
    kept = ((0, 0), (0, 1))
    plan = toy_plan(model, [[2] * 4] * 2, preload=kept, retain=kept)
    check(plan, toy_scenario(model, preload=22))
    with pytest.raises(IllegalPlanError, match=r"preload and retain hold 22 B"):
        check(plan, toy_scenario(model, preload=21))
    wrong = replace(plan, loads=(replace(plan.loads[0], bytes=20), plan.loads[1]))
    with pytest.raises(IllegalPlanError, match="says 20 B, its shards have another size"):
        check(wrong, toy_scenario(model, preload=22))


def test_a_plan_may_ignore_the_buffers() -> None:
    """A plan that says so keeps and loads more than the buffers hold."""
    check(replace(LEGAL, retain=((1, 0),), ignores_buffers=True), scenario(load_buffer=1))


def test_a_layer_must_fit_the_load_buffer() -> None:
    """Layer 1 needs its 20 B at once; 20 are enough, 19 are not."""
    check(LEGAL, scenario(load_buffer=20))
    with pytest.raises(IllegalPlanError, match="layer 1 needs 20 B"):
        check(LEGAL, scenario(load_buffer=19))


def test_what_is_loaded_early_needs_room_too() -> None:
    """Layer 1 read before layer 0 stays in the buffer until both are done: 30 B."""
    plan = replace(LEGAL, loads=LEGAL.loads[::-1])
    check(plan, scenario(load_buffer=30))
    with pytest.raises(IllegalPlanError, match="layer 0 needs 30 B"):
        check(plan, scenario(load_buffer=29))


def test_what_is_kept_needs_no_room_in_the_load_buffer() -> None:
    """Retained shards go to the preload buffer."""
    check(replace(LEGAL, retain=((0, 0), (1, 0), (1, 1))), scenario(load_buffer=10, preload=30))


def test_a_load_must_not_wait_for_a_layer_that_needs_it() -> None:
    """The load of layer 1 may be held back for layer 0, but not for layer 1."""
    check(with_load(after=0), scenario())
    with pytest.raises(IllegalPlanError, match="load 1 is held back for layer 1, which needs it to start"):
        check(with_load(after=1), scenario())


def test_a_load_must_not_stand_behind_one_that_waits() -> None:
    """Layer 0's load, issued after one that is held back for layer 0, would never be issued."""
    held = replace(LEGAL, loads=(replace(LOAD, after=0), LEGAL.loads[0]))
    with pytest.raises(IllegalPlanError, match="load 0 is held back for layer 0"):
        check(held, scenario())
