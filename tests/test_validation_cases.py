"""A scenario and its campaign become cases: every combination once, and every mistake before anything is executed."""

from pathlib import Path

import pytest
import yaml

from edgesim import InfeasibleError, InputError, PluginError, run
from edgesim.validation.cases import case_of, planned_cases
from edgesim.validation.execution import store_of

FORM = {
    "schema": "edgesim.scenario/1", "device": "odroid-n2plus", "processor": "cpu", "model": "dynabert-12x12",
    "planner": "std_pipeline", "target_latency": "600 ms", "preload_buffer": "1 MB",
}  # fmt: skip
RESIDENT = {"name": "preload_model", "options": {"bitwidth": 2}}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the scenario of a test is written."""
    return tmp_path / "mine.yaml"


def written(path: Path, **changes: object) -> Path:
    """Write a scenario."""
    path.write_text(yaml.safe_dump(FORM | changes))
    return path


def labels(path: Path, **options: object) -> list[str]:
    """Return the names of the cases."""
    return [one.case.label for one in planned_cases(path, **options)[0]]  # type: ignore[arg-type]


def test_without_a_campaign_there_is_one_case_a_planner(path: Path) -> None:
    """Named after the planner, with what simulating it gave."""
    written(path, planner=["std_pipeline", "wrx"])
    planned, left_out = planned_cases(path)
    assert left_out == []
    assert [one.case.label for one in planned] == [one.case.planner for one in planned] == ["std_pipeline", "wrx"]
    result = run(planned[0].scenario, "std_pipeline")
    assert planned[0].plan == result.plan
    assert planned[0].case == case_of(result, planned[0].scenario, {})
    assert (planned[0].case.simulated, planned[0].case.metrics) == (result.timeline, result.metrics)
    assert planned[0].case.target_latency_ns == 600_000_000


def test_a_campaign_tries_each_value_with_each(path: Path) -> None:
    """The label and the changes say which; the case is simulated with them."""
    campaign = {"throttle": ["native", "rk3399-emmc"], "target_latency": ["600 ms", "900 ms"]}
    planned, _ = planned_cases(written(path, campaign=campaign))
    assert [one.case.label for one in planned] == [
        "std_pipeline · 600 ms · native", "std_pipeline · 600 ms · rk3399-emmc",
        "std_pipeline · 900 ms · native", "std_pipeline · 900 ms · rk3399-emmc",
    ]  # fmt: skip
    last = planned[-1]
    assert last.case.changes == {"target_latency": "900 ms", "throttle": "rk3399-emmc"}
    assert (last.case.throttle, last.case.target_latency_ns) == ("rk3399-emmc", 900_000_000)
    assert last.scenario.throttle is not None
    assert last.scenario.device.storage == last.scenario.throttle.storage
    assert last.case.group.startswith("emulated")
    assert (planned[0].case.throttle, planned[0].case.group) == (None, "native")
    assert planned[0].scenario.device.name == "odroid-n2plus"


def test_buffers_are_tried_too(path: Path) -> None:
    """With the units that the scenario would have; unlimited is a value like others."""
    campaign = {"load_buffer": ["unlimited", "8 MB"], "preload_buffer": ["0 B", "2 MB"]}
    planned, _ = planned_cases(written(path, planner="wrx", campaign=campaign))
    assert [(one.case.changes["preload_buffer"], one.case.load_buffer_bytes) for one in planned] == [
        ("0 B", None), ("0 B", 8_000_000), ("2 MB", None), ("2 MB", 8_000_000),
    ]  # fmt: skip


def test_what_is_executed_alike_is_executed_once(path: Path) -> None:
    """A planner without preload does not care for its buffer, and two of a name make one plan."""
    campaign = {"preload_buffer": ["0 B", "1 MB", "2 MB"]}
    assert labels(written(path, campaign=campaign)) == ["std_pipeline · 0 B"]
    assert labels(written(path, planner=["wrx", "wrx"])) == ["wrx"]


def test_how_a_plan_was_found_makes_no_difference(path: Path) -> None:
    """Two planners that end at the same plan, one of them after accounting for its budgets and upgrades."""
    code = "from dataclasses import replace\nfrom edgesim.planners.wrx import wrx\n"
    code += "def mine(model, device, budget):\n"
    code += "    return replace(wrx(model, device, budget), upgrades=(), io_budget_ns=(), io_budget_initial_ns=())\n"
    (path.parent / "mine.py").write_text(code)
    assert run(written(path, planner="wrx")).plan.upgrades
    assert labels(written(path, planner=["wrx", "./mine.py:mine"])) == ["wrx"]


def test_plans_that_read_nothing_are_executed_once(path: Path) -> None:
    """Whatever storage they do not read from; a bounded load buffer matters for others."""
    campaign = {"throttle": ["native", "rk3399-emmc"], "load_buffer": ["30 MB", "unlimited"]}
    written(path, planner=[RESIDENT, "std_pipeline"], campaign=campaign)
    planned, _ = planned_cases(path)
    assert [(one.case.planner, one.case.throttle, one.case.load_buffer_bytes) for one in planned] == [
        ("preload_model[bitwidth=2]", None, None),
        ("std_pipeline", None, 30_000_000),
        ("std_pipeline", "rk3399-emmc", 30_000_000),
        ("std_pipeline", None, None),
        ("std_pipeline", "rk3399-emmc", None),
    ]
    assert (planned[0].case.group, planned[0].case.reads) == ("resident", False)


def test_a_cold_start_reads_what_is_resident_later(path: Path) -> None:
    """A plan without loads of its own then differs by storage, and is no longer resident."""
    campaign = {"throttle": ["native", "rk3399-emmc"]}
    cold = {"kind": "single_stream", "inferences": 2, "start": "cold"}
    planned, _ = planned_cases(written(path, planner=RESIDENT, campaign=campaign, workload=cold))
    assert [one.plan.loads for one in planned] == [(), ()]
    assert [one.case.group for one in planned] == ["native", "emulated compute-bound"]
    assert all(one.case.reads for one in planned)


def test_what_has_no_plan_is_left_out_with_the_reason(path: Path) -> None:
    """The others are executed; if there are none, that is the answer."""
    campaign = {"target_latency": ["20 ms", "600 ms"]}
    planned, left_out = planned_cases(written(path, campaign=campaign))
    assert [one.case.label for one in planned] == ["std_pipeline · 600 ms"]
    (reason,) = left_out
    assert reason.startswith("std_pipeline · 20 ms: ")
    assert "the target of 20.0 ms" in reason
    with pytest.raises(InfeasibleError, match=r"^std_pipeline · 20 ms: .*\nstd_pipeline · 10 ms: "):
        planned_cases(written(path, campaign={"target_latency": ["20 ms", "10 ms"]}))


def test_all_mistakes_of_a_campaign_are_named_before_anything_runs(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each once, however many combinations have it."""
    monkeypatch.setattr("edgesim.validation.cases.run", lambda *_: pytest.fail("something ran"))
    campaign = {"target_latency": ["600 ms", "500", "fast"], "throttle": ["native", "rk3399-emcc"]}
    campaign["load_buffer"] = ["1 MB", "1"]
    with pytest.raises(InputError) as failed:
        planned_cases(written(path, campaign=campaign))
    shown = f"{path} as changed"
    lines = str(failed.value).split("\n")
    assert len(lines) == len(set(lines)) == 4
    assert all(line.startswith(f"{shown}: ") for line in lines)
    for says in ("target_latency: needs a unit, got 500", "target_latency: must be a quantity such as '200 ms'",
                 "throttle: ", "load_buffer: needs a unit, got 1"):  # fmt: skip
        assert sum(line.startswith(f"{shown}: {says}") for line in lines) == 1


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"campaign": {"targets": ["1 ms"]}}, "campaign.targets: unknown key"),
        ({"campaign": {"target_latency": "1 ms"}}, "campaign.target_latency: "),
        ({"tolerance": "5"}, "tolerance: must be a share such as '5 %', got 5"),
        ({"throttle": "none-such"}, "throttle: "),
    ],
)
def test_a_wrong_scenario_is_refused(path: Path, changes: dict[str, object], says: str) -> None:
    """By file, line and key."""
    with pytest.raises(InputError, match=rf"mine\.yaml:\d+: {says}"):
        planned_cases(written(path, **changes))


def test_a_wrong_planner_is_refused(path: Path) -> None:
    """Its name, its label or its option."""
    written(path)
    with pytest.raises(PluginError, match="wrxx"):
        planned_cases(path, ["wrxx"])
    with pytest.raises(InputError, match="bitwidht"):
        planned_cases(path, ["std_pipeline[bitwidht=2]"])
    with pytest.raises(InputError):
        planned_cases(path, ["std_pipeline[bitwidth"])


def test_planners_given_stand_in_for_those_of_the_scenario(path: Path) -> None:
    """As on the command line."""
    assert labels(written(path), planners=["wrx", "std_pipeline[bitwidth=6]"]) == ["wrx", "std_pipeline[bitwidth=6]"]


def test_changes_hold_for_every_case(path: Path) -> None:
    """What is set is no longer tried, and is not in the label; a throttle can be set, and unset."""
    campaign = {"throttle": ["native", "rk3399-emmc"], "target_latency": ["600 ms", "900 ms"]}
    written(path, campaign=campaign, throttle="raspberry-pi-5-nvme")
    planned, _ = planned_cases(path, (), {"throttle": "raspberry-pi-5-sd"})
    assert [(one.case.label, one.case.throttle) for one in planned] == [
        ("std_pipeline · 600 ms", "raspberry-pi-5-sd"), ("std_pipeline · 900 ms", "raspberry-pi-5-sd"),
    ]  # fmt: skip
    (first, _), _ = planned_cases(path, (), {"throttle": "native"})
    assert (first.case.throttle, first.scenario.device.name) == (None, "odroid-n2plus")
    assert first.scenario.changes == {"throttle": "native", "target_latency": "600 ms"}
    (only,), _ = planned_cases(path, (), {"throttle": "native", "target_latency": "1 s"})
    assert (only.case.label, only.case.target_latency_ns) == ("std_pipeline", 10**9)


def test_the_store_is_beside_the_scenario_or_given(path: Path) -> None:
    """A scenario names it relative to itself; one that names none needs one."""
    planned, _ = planned_cases(written(path, store="stores/tiny"))
    assert store_of(planned, None) == path.parent / "stores" / "tiny"
    assert store_of(planned, "here") == Path("here")
    planned, _ = planned_cases(written(path))
    with pytest.raises(
        InputError, match="mine: names no shard store to execute; add 'store: DIR', or give --store DIR"
    ):
        store_of(planned, None)


def test_cases_carry_no_names_of_shards(path: Path) -> None:
    """The recurrence does not need them, and a campaign of many cases would be ten times as large."""
    planned, _ = planned_cases(written(path))
    assert [work.loads for work in planned[0].case.works] == [(), ()]
    assert len(planned[0].case.works[0].load_layers) == len(planned[0].plan.loads) > 0
