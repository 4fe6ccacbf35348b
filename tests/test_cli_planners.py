"""A planner's file on the command line is looked for where the user is; labels do not depend on where that is."""

import argparse
import json
from pathlib import Path

import pytest

from edgesim.cli import main
from edgesim.cli.planners import find_planners
from edgesim.files.shipped import shipped_folder

PLANNER = """from edgesim.planners.wrx import wrx
def plan(model, device, budget, *, x=1):
    return wrx(model, device, budget)
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder: a planner, and a folder of scenarios with another planner of the same name."""
    (tmp_path / "own.py").write_text(PLANNER)
    folder = tmp_path / "of scenarios"
    folder.mkdir()
    for name in ("a", "b"):
        text = (shipped_folder("scenarios") / "quickstart.yaml").read_text()
        (folder / f"{name}.yaml").write_text(f"{text}sweep: {{target_latency: [200 ms, 400 ms]}}\n")
    (folder / "own.py").write_text("def plan(model, device, budget):\n    raise ValueError('the wrong one')\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(label: str, *scenarios: str) -> object:
    """Return what becomes of a label."""
    options = argparse.Namespace(planner=[label], scenarios=list(scenarios))
    find_planners(options)
    return options.planner[0]


def test_labels_are_those_of_the_scenarios_folder(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Short where the file is in or below it, whatever the current folder; else the whole path."""
    asked = {"./own.py:plan[x=2]": f"{here}/own.py:plan[x=2]", "wrx[upgrade_to=6]": "wrx[upgrade_to=6]",
             "of scenarios/own.py:plan": "./own.py:plan", "json:dumps": "json:dumps", "own.py": "own.py",
             "of scenarios/../own.py:plan": f"{here}/own.py:plan"}  # fmt: skip
    assert {label: found(label, "of scenarios/a.yaml", "./of scenarios/b.yaml") for label in asked} == asked
    assert found("own.py:plan", "x.yaml") == found("./own.py:plan", f"{here}/x.yaml") == "./own.py:plan"
    assert found("of scenarios/own.py:plan", "x.yaml") == "./of scenarios/own.py:plan"
    assert found("./own.py:plan", "x.yaml", "of scenarios/a.yaml") == f"{here}/own.py:plan"
    assert found("./own.py:plan", "quickstart") == found("./own.py:plan", "no-such") == f"{here}/own.py:plan"
    monkeypatch.chdir(here / "of scenarios")
    assert found("./own.py:plan", "a.yaml") == "./own.py:plan"
    assert found("../own.py:plan", "a.yaml") == f"{here}/own.py:plan"


@pytest.mark.parametrize("command", [
    ["run"], ["plan"], ["compare", "--workers", "1"], ["need", "--find", "load_buffer"],
])  # fmt: skip
def test_a_file_is_looked_for_in_the_current_folder(
    here: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    """Not in that of the scenario, where another one is."""
    name, *options = command
    assert main([name, "of scenarios/a.yaml", *options, "--planner", "./own.py:plan"]) == 0
    assert f"{here}/own.py:plan" in capsys.readouterr().out


def test_a_sweep_looks_there_too(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A shipped scenario's folder has no planners of the user's; what is not found is told as what was asked for."""
    own = ["--planner", "./own.py:plan", "--workers", "1", "--json", "-"]
    assert main(["sweep", "of scenarios/a.yaml", "--out", "out", *own]) == 0
    assert list(json.loads(capsys.readouterr().out)["counts"]) == [f"{here}/own.py:plan"]
    for label, says in (("wrxx", "wrxx: unknown planner; did you mean 'wrx'?"), ("./o.py:p", "no such file, looked")):
        assert main(["sweep", "of scenarios/a.yaml", "--out", "no", "--planner", label]) == 3
        err = capsys.readouterr().err
        assert err.startswith("edgesim: of scenarios/a.yaml as changed: planner: ")
        assert says in err
    assert f"{here}/o.py" in err
