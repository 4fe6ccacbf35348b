"""Golden files in anyone's repository: recorded, found again, and a change told so that one sees what to do."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from test_public_api import HEAVY, loaded

from edgesim import InfeasibleError, InputError, Result, read_scenario, run
from edgesim.choice import PlannerChoice
from edgesim.files.shipped import shipped_folder
from edgesim.testing.changes import changes
from edgesim.testing.golden import Golden, GoldenError, recorded, text_of

SCENARIO = (shipped_folder("scenarios") / "quickstart.yaml").read_text()
QUICKSTART = read_scenario("quickstart")
RESULT = run(QUICKSTART, "wrx")
TEST = """import pytest
import edgesim as package

def test_mine(edgesim):
    assert edgesim.check("scenarios/mine.yaml", planner="./mine.py:plan").metrics.meets_target

def test_never(edgesim):
    with pytest.raises(package.InfeasibleError):
        edgesim.check("scenarios/never.yaml", "./mine.py:plan")
"""
PLANNER = """from edgesim.planners.wrx import wrx

def plan(model, device, budget):
    return wrx(model, device, budget, upgrade_to=32)
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Make somebody's repository: a planner, two scenarios, tests in a folder."""
    for folder in ("scenarios", "tests"):
        (tmp_path / folder).mkdir()
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "tests" / "test_mine.py").write_text(TEST)
    (tmp_path / "scenarios" / "mine.py").write_text(PLANNER)
    (tmp_path / "scenarios" / "mine.yaml").write_text(SCENARIO)
    (tmp_path / "scenarios" / "never.yaml").write_text(SCENARIO.replace("target_latency: 200", "target_latency: 2"))
    return tmp_path


def pytest_in(repository: Path, *arguments: str, folder: str = ".") -> tuple[int, str]:
    """Run pytest there as anyone would, from some folder."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *arguments]
    done = subprocess.run(command, cwd=repository / folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_recorded_found_again_and_told_apart(repository: Path) -> None:
    """Missing: how to record. Recorded: passes from any folder. Changed: what, how, and the command to accept it."""
    code, said = pytest_in(repository)
    assert code == 1
    assert ("tests/golden/mine.mine.py-plan.json: there is no such golden file yet; record what is right now:"
            " pytest --edgesim-record 'tests/test_mine.py::test_mine'") in said  # fmt: skip
    assert pytest_in(repository, "--edgesim-record")[0] == 0
    written = sorted((repository / "tests" / "golden").iterdir())
    assert [path.name for path in written] == ["mine.mine.py-plan.json", "never.mine.py-plan.json"]
    assert pytest_in(repository)[0] == pytest_in(repository, folder="tests")[0] == 0
    planner = repository / "scenarios" / "mine.py"
    planner.write_text(planner.read_text().replace("upgrade_to=32", "use_slack=False"))
    code, said = pytest_in(repository)
    assert code == 1
    for line in (
        "./mine.py:plan on mine is not what tests/golden/mine.mine.py-plan.json says:",
        "  regression (fidelity)",
        "  latency_ns: from 199508629 to ",
        "  layer 0: shards 0, 1, 2, 3, 4 from 5 to 2 bits",
        "accept it: pytest --edgesim-record 'tests/test_mine.py::test_mine'",
    ):
        assert f"\nE       {'edgesim.testing.golden.GoldenError: ' * line.startswith('./')}{line}" in said, said
    assert "golden.py:" not in said
    assert pytest_in(repository, "--edgesim-record", "tests/test_mine.py::test_mine")[0] == 0
    assert pytest_in(repository)[0] == 0


def test_loading_the_plugin_costs_nothing() -> None:
    """It is loaded in every pytest run wherever edgesim is installed: no library, no other part of edgesim."""
    assert loaded("import pytest, edgesim.testing.pytest_plugin") & HEAVY == set()
    ours = "[name for name in sys.modules if name.startswith('edgesim')]"
    loaded(f"import edgesim.testing.pytest_plugin\nassert len({ours}) == 3, {ours}")


def golden(result: Result = RESULT) -> dict[str, Any]:
    """Return what a golden file of a result says."""
    return json.loads(text_of(recorded(result, QUICKSTART, PlannerChoice(name="wrx"))))


def test_a_golden_file_is_read_line_by_line() -> None:
    """One metric, one load a line; it holds the whole plan, and ends with a line feed when it is written."""
    lines = text_of(golden()).splitlines()
    assert '  "latency_ns": 199508629,' in lines
    assert '   {"shards": [[0, 2], [0, 3], [0, 4]], "bytes": 1127160, "extents": [1127160], "after": null},' in lines
    assert max(map(len, lines)) <= 120
    assert golden()["plan"] == golden()["plan"] | {"retain": [[0, 0], [0, 1]], "lanes": 1}


def test_nothing_has_changed() -> None:
    """Not even where floats differ in their last digit, or a later version measures more."""
    old, new = golden(), golden()
    new["metrics"]["fidelity"] *= 1 + 1e-12
    new["metrics"]["something_new"] = 5
    new["plan"]["something_new"] = []
    assert changes(old, new, QUICKSTART.device) == []


def changed(**metrics: object) -> list[str]:
    """Return what is told of other metrics."""
    new = golden()
    new["metrics"] |= metrics
    return changes(golden(), new, QUICKSTART.device)


def test_metrics_are_told_from_what_to_what() -> None:
    """With the share where there is one, and what kind of change it is."""
    assert changed(latency_ns=2 * 199508629) == [
        "regression (latency)",
        "latency_ns: from 199508629 to 399017258 (+100.00%)",
    ]
    assert changed(meets_target=False) == ["regression (target)", "meets_target: from true to false"]
    assert changed(accuracy=0.5) == ["drift (figures)", "accuracy: from unknown to 0.5"]
    assert changed(stall_ns=0) == ["unchanged ()", "stall_ns: from 13508629 to 0 (-100.00%)"]
    assert changed(blocked_ns=None)[1:] == ["blocked_ns: from 36834803 to unknown"]


def test_what_a_plan_rests_on_is_told_beside_what_changed() -> None:
    """Another profile may be why; alone it is no change."""
    new = golden()
    new["inputs"]["device_profiles/odroid-n2plus.yaml"] = "another"
    assert changes(golden(), new, QUICKSTART.device) == []
    new["metrics"]["stall_ns"] = 0
    told = "what it rests on has changed too: device_profiles/odroid-n2plus.yaml"
    assert changes(golden(), new, QUICKSTART.device)[-1] == told


def test_plans_are_told_apart_shard_by_shard() -> None:
    """Bitwidths, what is executed, what is kept, what is read, and everything else."""
    plan = RESULT.plan
    other = replace(
        plan,
        layers=(0, 1, 5),
        shards=((0, 1, 2, 3, 6), *plan.shards[1:]),
        bitwidths=((6, 6, 5, 5, 32), *plan.bitwidths[1:]),
        preload=((0, 0), (1, 0)),
        loads=plan.loads[:2],
        lanes=2,
    )
    assert changes(golden(), golden(replace(RESULT, plan=other)), QUICKSTART.device)[1:] == [
        "layer 0: shards 0, 1 from 5 to 6 bits; shard 4 executed no more; shard 6 executed now, at 32 bits",
        "layer 2: executed no more",
        "layer 5: shards 0, 1, 2, 3, 4 executed now, at 5 bits",
        "preloaded no more: shards (0, 1)",
        "preloaded now: shards (1, 0)",
        "loads: 3 of 5.11 MB to 2 of 3.23 MB",
        "lanes: from 1 to 2",
    ]
    turned = replace(plan, loads=plan.loads[::-1])
    assert changes(golden(), golden(replace(RESULT, plan=turned)), QUICKSTART.device)[1:] == [
        "loads: as many requests of as many bytes, in other order or pieces"
    ]


def test_a_plan_where_there_was_none_and_none_where_there_was_one() -> None:
    """The worst and the best of changes; another shortage is none."""
    none, device = recorded(InfeasibleError("3 ms short"), QUICKSTART, PlannerChoice(name="wrx")), QUICKSTART.device
    assert changes(golden(), none, device) == ["regression: there was a plan; now 3 ms short"]
    assert changes(none, golden(), device) == ["fixed: there is a plan now; when it was recorded, 3 ms short"]
    assert changes(none, none | {"no_plan": "4 ms short"}, device) == []


def fixture_in(folder: Path, *, record: bool = False) -> Golden:
    """Return what the fixture is in a test of that folder."""
    return Golden(folder, folder, record=record, accept="pytest --edgesim-record")


def test_scenarios_are_found_and_files_named(tmp_path: Path) -> None:
    """Beside the test, then from the root, then shipped; a scenario may be given, and the file be named."""
    (tmp_path / "quickstart").write_text(SCENARIO)
    golden = fixture_in(tmp_path, record=True)
    for given, name in ((QUICKSTART, "a"), ("paper-odroid-400ms", "b/../c"), (Path("quickstart"), None)):
        golden.check(given, "std_pipeline[bitwidth=2]", name=name)
    assert sorted(path.name for path in (tmp_path / "golden").iterdir()) == [
        "a.json", "b-..-c.json", "quickstart.std_pipeline-bitwidth=2.json",
    ]  # fmt: skip
    assert (
        fixture_in(tmp_path).check(QUICKSTART, "std_pipeline[bitwidth=2]", name="a").planner
        == "std_pipeline[bitwidth=2]"
    )


@pytest.mark.parametrize("text", ["", "{", "[]", "5", '{"schema": "edgesim.result/1"}', "\xff"])
def test_what_is_no_golden_file_is_said_to_be_none(tmp_path: Path, text: str) -> None:
    """A merge that went wrong, or another file: record it again."""
    (tmp_path / "golden").mkdir()
    (tmp_path / "golden" / "x.json").write_text(text, "latin-1")
    with pytest.raises(GoldenError, match=r"^golden/x.json: is no golden file of the schema edgesim.golden/1; record"):
        fixture_in(tmp_path).check(QUICKSTART, "wrx", name="x")


def test_which_planner_must_be_clear(tmp_path: Path) -> None:
    """A scenario that names several does not say which one is right."""
    with pytest.raises(InputError, match=r"plugin-planner: names several planners; say which one to check"):
        fixture_in(tmp_path).check("plugin-planner")
    with pytest.raises(GoldenError, match="no such golden file yet"):
        fixture_in(tmp_path).check("quickstart")
