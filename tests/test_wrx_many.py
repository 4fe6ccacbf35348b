"""WRX for many cases at once: the plans, priced, and the errors of the planner, asked one by one."""

from collections.abc import Sequence
from dataclasses import fields
from random import Random
from typing import Any

import numpy as np
import pytest
from strategies import BITWIDTHS, toy_device, toy_model, toy_scenario

from edgesim import read_scenario
from edgesim.batch.cases import Cases, Planned
from edgesim.batch.jobs import UNLIMITED, Jobs
from edgesim.batch.pricing import job_of
from edgesim.batch.stack import stacked, taken
from edgesim.bulk.planning import scenario_of
from edgesim.errors import EdgesimError, InfeasibleError, InputError
from edgesim.planners.many import wrx_cases as module
from edgesim.planners.many.wrx_cases import wrx_many
from edgesim.planners.wrx import wrx
from edgesim.scenario import Scenario
from edgesim.testing.draws import random_device, random_model, random_target_ns

MB, MS = 10**6, 10**6
Budgets = Sequence[tuple[int, int, int, int]]
"""Base, target, preload buffer, load buffer."""


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Plan together however few cases there are, and return the budgets that the planner is asked one by one."""
    asked: list[object] = []

    def counted(*inputs: Any, **options: Any) -> object:  # noqa: ANN401  (anything that the planner takes)
        asked.append(inputs[2])
        return wrx(*inputs, **options)

    monkeypatch.setattr(module, "_FEW", 1)
    monkeypatch.setattr(module, "wrx", counted)
    return asked


def cases_of(bases: Sequence[Scenario], budgets: Budgets) -> Cases:
    """Put budgets into arrays."""
    base, *rest = np.array(budgets, np.int64).T.copy()
    return Cases(tuple(bases), base.astype(np.intp), *rest)


def planned_alone(scenario: Scenario, options: dict[str, Any]) -> Jobs | EdgesimError:
    """Return what the planner makes of one case, priced, or its error."""
    try:
        return job_of(wrx(scenario.model, scenario.device, scenario.budget, **options), scenario)
    except EdgesimError as error:
        return error


def assert_same(cases: Cases, **options: Any) -> Planned:  # noqa: ANN401  (any option of the planner)
    """Compare all jobs and errors with those of the planner, one by one, and return them."""
    planned = wrx_many(cases, **options)
    expected: list[Jobs] = []
    for place in range(len(cases)):
        alone = planned_alone(scenario_of(cases, place), options)
        if isinstance(alone, Jobs):
            expected.append(alone)
        else:
            error = planned.refused[place]
            assert (type(error), str(error)) == (type(alone), str(alone))
    assert set(planned.refused) == set(np.flatnonzero(planned.job < 0).tolist())
    found, wanted = taken(planned.jobs, planned.job[planned.job >= 0]), stacked(expected)
    for field in fields(Jobs):
        ours, theirs = getattr(found, field.name), getattr(wanted, field.name)
        assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape), field.name
        assert ours.tobytes() == theirs.tobytes(), field.name
    return planned


def random_options(random: Random, bitwidths: Sequence[int]) -> dict[str, Any]:
    """Return options that leave some bitwidth to choose."""
    upgrade_to = random.choice([32, 32, *[bits for bits in (5, 6) if bits in bitwidths]])
    usable = [bits for bits in bitwidths if bits <= upgrade_to]
    return {
        "use_slack": random.random() < 0.8,
        "upgrade_to": upgrade_to,
        "importance": random.choice(["measured", "measured", "random", "bottom_first"]),
        "preload": random.random() < 0.9,
        "preload_bitwidth": random.choice([None, None, random.choice(usable)]),
        "upgrade": random.random() < 0.9,
        "seed": random.randint(0, 9),
        "granularity": random.choice(["layer", {"group": 1}]),
    }


def random_cases(random: Random) -> Cases:
    """Return cases of one small model whose shards are alike, on several devices of any kind."""
    layers, shards = random.randint(1, 6), random.randint(1, 5)
    model = random_model(random, layers, shards).model_copy(update={"records": None})
    bases = [toy_scenario(model, random_device(random, shards)) for _ in range(random.randint(1, 4))]
    budgets = []
    for _ in range(40):
        base = random.randrange(len(bases))
        target = random_target_ns(random, model, bases[base].device)
        preload = random.choice([0, round(10 ** random.uniform(0, 3.3))])
        budgets.append((base, target, preload, random.choice([UNLIMITED, round(10 ** random.uniform(1, 3.5))])))
    return cases_of(bases, budgets)


def test_random_cases(alone: list[object]) -> None:
    """Thousands of cases on devices of all kinds, with any options, from hopeless to ample: bit for bit the same."""
    random, refused, together = Random(7), 0, 0
    for _ in range(150):
        cases = random_cases(random)
        alone.clear()
        planned = assert_same(cases, **random_options(random, cases.bases[0].model.bitwidths))
        refused += len(planned.refused)
        together += len(cases) - len(alone)
    assert together > 4000, "most cases are planned together"
    assert 500 < refused < 5000, "some cases have no plan"


def shipped_cases(random: Random, bases: Sequence[Scenario], count: int) -> Cases:
    """Return cases with targets from hopeless to ample, preload buffers to 20 MB, and load buffers of 1 to 16 MB."""
    budgets = []
    for _ in range(count):
        preload, room = random.choice([0, random.randrange(2 * MB), random.randrange(20 * MB)]), random.randint(1, 16)
        target = round(10 ** random.uniform(6.5, 9.8))
        budgets.append((random.randrange(len(bases)), target, preload, random.choice([UNLIMITED, room * MB])))
    return cases_of(bases, budgets)


BERT_BOARDS = {
    "odroid-n2plus": "cpu", "jetson-nano": "gpu", "raspberry-pi-4": "cpu", "raspberry-pi-5-sd": "cpu",
    "raspberry-pi-5-nvme": "cpu", "phone-ufs4": "npu", "pc-nvme": "cpu", "rk3399-emmc": "cpu",
}  # fmt: skip
"""Lines and tables, without and with lanes."""


def boards(names: dict[str, str], name: str) -> list[Scenario]:
    """Return a shipped scenario on other boards, each with the processor that was measured."""
    first = read_scenario(name)
    changed = [read_scenario(name, {"device": board, "processor": processor}) for board, processor in names.items()]
    return [scenario.model_copy(update={"model": first.model}) for scenario in changed]


@pytest.mark.parametrize("options", [{}, {"use_slack": False, "preload_bitwidth": 6}, {"importance": "random"}])
def test_shipped_boards(alone: list[object], options: dict[str, Any]) -> None:
    """12 x 12 shards on every board that they were measured on, and on slower and faster storage, all together."""
    scenarios = boards(BERT_BOARDS, "paper-odroid-400ms")
    swept = [with_bandwidth(scenarios[0], bandwidth * MB) for bandwidth in (20, 83, 400, 3000)]
    planned = assert_same(shipped_cases(Random(3), scenarios + swept, 250), **options)
    assert not alone, "all are planned together"
    assert len(planned.refused) < 200


def with_bandwidth(scenario: Scenario, bytes_per_second: int) -> Scenario:
    """Return a scenario on storage with a latency and another bandwidth."""
    read = scenario.device.storage.read.model_copy(update={"bandwidth": bytes_per_second, "latency": 50_000})
    storage = scenario.device.storage.model_copy(update={"read": read})
    return scenario.model_copy(update={"device": scenario.device.model_copy(update={"storage": storage})})


def alike(scenario: Scenario) -> Scenario:
    """Return a scenario whose model has no records: shards of one bitwidth are alike."""
    return scenario.model_copy(update={"model": scenario.model.model_copy(update={"records": None})})


@pytest.mark.parametrize("name", ["validate-minilm", "minilm-signature"])
def test_measured_accuracy_and_waits(alone: list[object], name: str) -> None:
    """Models with a prediction of accuracy; on the first board waits, the first layer and the first load cost more."""
    cases = shipped_cases(Random(5), [alike(read_scenario(name))], 200)
    cases = Cases(cases.bases, cases.base, cases.target_ns // 30, cases.preload_bytes // 4, cases.room_bytes)
    planned = assert_same(cases)
    assert not np.isnan(planned.jobs.accuracy).all()
    assert not alone, "all are planned together"


def test_accuracy_is_unknown_where_it_was_not_measured(alone: list[object]) -> None:
    """A submodel or a bitwidth that no sample had: each plan has a prediction or none, as one by one."""
    scenario = alike(read_scenario("minilm-signature"))
    fitted = scenario.model.quality.fitted
    whole = {shape: accuracy for shape, accuracy in fitted.whole.items() if shape != "6x12"}
    narrow = fitted.model_copy(update={"whole": whole, "distortion": {2: 0.1, 6: 0.01}})
    quality = scenario.model.quality.model_copy(update={"fitted": narrow})
    scenario = scenario.model_copy(update={"model": scenario.model.model_copy(update={"quality": quality})})
    cases = shipped_cases(Random(5), [scenario], 100)
    unknown = np.isnan(assert_same(cases).jobs.accuracy)
    assert unknown.any()
    assert not unknown.all()


def toy_cases(*models: Any, count: int = 12) -> Cases:  # noqa: ANN401  (models)
    """Return cases of some toy models in turn, each on the toy device, with rising targets."""
    bases = [toy_scenario(model, toy_device(layer_ns={1: 100, 2: 200})) for model in models]
    return cases_of(bases, [(place % len(bases), 150 + 40 * place, 15, UNLIMITED) for place in range(count)])


RECORDS = {"values": [(0, shard, bits, 200 * place, 5 * bits) for place, (shard, bits) in enumerate(
    [(shard, bits) for shard in range(2) for bits in (2, 6, 32)])]}  # fmt: skip


def test_what_cannot_be_planned_together_is_planned_alone(alone: list[object]) -> None:
    """Cases of a model with records, among others: they alone are left to the planner, and all keep their places."""
    own, stored = toy_model(), toy_model(layers=1, records=RECORDS)
    assert_same(toy_cases(own, stored))
    assert len(alone) == 6


@pytest.mark.parametrize(
    "options",
    [
        {"granularity": "shard"},
        {"granularity": {"group": 2}},
        {"granularity": {"group": 0}},
        {"variant": "as_published"},
    ],
)
def test_other_requests_and_the_published_variant_are_planned_alone(
    alone: list[object], options: dict[str, Any]
) -> None:
    """They follow other rules, and have mistakes of their own."""
    assert_same(toy_cases(toy_model()), **options)
    assert len(alone) == 12


def test_decompression_on_a_lane_of_its_own(alone: list[object]) -> None:
    """It is planned together while a wait costs its own time only, and alone where it costs more."""
    for hand_off, asked in ((0, 0), (5, 6)):
        device = toy_device(unpack_ns=7, overlap=True, hand_off_ns=hand_off)
        alone.clear()
        assert_same(cases_of([toy_scenario(None, device)], [(0, 400 + 60 * k, 15, 60) for k in range(6)]))
        assert len(alone) == asked


def test_few_cases_are_planned_alone() -> None:
    """Below some number arrays take longer than the planner: the plans are the same."""
    assert_same(toy_cases(toy_model(), count=3))


def test_no_cases() -> None:
    """Nothing asked, nothing planned."""
    nothing = np.zeros(0, np.int64)
    planned = wrx_many(Cases((toy_scenario(),), nothing.astype(np.intp), nothing, nothing, nothing))
    assert (len(planned.jobs), len(planned.job), planned.refused) == (0, 0, {})


def test_plans_do_not_depend_on_how_many_are_made_together(
    alone: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Batches of seven give the same as one."""
    monkeypatch.setattr(module, "_MANY", 7)
    assert_same(random_cases(Random(1)))
    assert_same(shipped_cases(Random(2), [read_scenario("paper-odroid-400ms")], 20))


def test_cases_with_one_plan_share_a_job(alone: list[object]) -> None:
    """Ample targets change nothing: one job for all of them, another for another load buffer."""
    cases = cases_of([toy_scenario()], [(0, 10**4 * k, 0, room) for k in (1, 2, 3) for room in (UNLIMITED, 10**6)])
    planned = assert_same(cases)
    assert len(planned.jobs) == 2
    assert planned.job[::2].tolist() == [planned.job[0]] * 3


@pytest.mark.parametrize("options", [{"upgrade_to": 1}, {"preload_bitwidth": 5}])
def test_options_without_meaning_are_refused_for_every_case(alone: list[object], options: dict[str, Any]) -> None:
    """Each case of the model has the planner's error."""
    planned = assert_same(toy_cases(toy_model()), **options)
    assert {type(error) for error in planned.refused.values()} == {InputError}
    assert len(planned.refused) == 12


@pytest.mark.parametrize("room", [UNLIMITED, 9, 25, 10**6])
@pytest.mark.parametrize("start_up_ns", [0, 500])
def test_why_there_is_no_plan(alone: list[object], room: int, start_up_ns: int) -> None:
    """Too slow, unread, too large a request, or too late with what waits cost: in the planner's words."""
    device = toy_device(layer_ns={1: 100, 2: 180}, start_up_ns=start_up_ns)
    scenario = toy_scenario(toy_model(bitwidths=(2, 4), min_layers=2, submodel={"layers": "uniform"}), device)
    planned = assert_same(cases_of([scenario], [(0, target, 15, room) for target in range(150, 600, 10)]))
    assert {type(error) for error in planned.refused.values()} == {InfeasibleError}
    assert not alone


@pytest.mark.parametrize(
    "changed", [{"layer_ns": {2: 2**53 - 1}}, {"unpack_ns": 2**53 - 1}, {"hand_off_ns": 2**53 - 1}]
)
def test_the_largest_numbers_of_a_profile_are_no_mistake(alone: list[object], changed: dict[str, Any]) -> None:
    """Where sums could leave 64 bits the planner is asked one by one; elsewhere arrays are exact."""
    model = toy_model(layers=1000, shards=2, bitwidths=(2, 6), min_layers=1000)
    budgets = [(0, target, 0, UNLIMITED) for target in (1000, 2**53 - 1)]
    assert_same(cases_of([toy_scenario(model, toy_device(**changed))], budgets))
    assert len(alone) == 2
    small = toy_scenario(toy_model(layers=2), toy_device(**changed))
    assert_same(cases_of([small], [(0, 2**53 - 1, preload, UNLIMITED) for preload in (0, 35, 2**53 - 1)]))
    assert len(alone) == 2, "together, though the numbers are large"


def test_sizes_that_fall_with_bitwidth(alone: list[object]) -> None:
    """With many outliers, a shard at 6 bits is larger than at 32: a raise may then pay itself, and cures budgets."""
    model = toy_model(outlier_fraction=0.9, bitwidths=BITWIDTHS)
    cases = cases_of(
        [toy_scenario(model, toy_device(layer_ns={2: 900}))], [(0, 1900 + 60 * k, 300, UNLIMITED) for k in range(30)]
    )
    assert_same(cases)
    assert len(alone) == 30
