"""The command `compare`: what it prints and where, what it writes, and what it refuses before anything runs."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import yaml

from edgesim import compare
from edgesim.cli import main

FORM = {
    "schema": "edgesim.scenario/1", "device": "odroid-n2plus", "processor": "cpu", "model": "minilm-signature",
    "planner": "wrx", "target_latency": "100 ms", "preload_buffer": "500 kB",
    "campaign": {"device": {"pc-nvme": {"target_latency": ["700 us", "12 ms"]}, "odroid-n2plus": {}}},
}  # fmt: skip
Call = Callable[..., tuple[int, str, str]]
TWO = ("--planner", "wrx", "--planner", "load_exec[bitwidth=32]")


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Return a function that runs the command and gives exit code, standard output and standard error."""

    def called(*arguments: object) -> tuple[int, str, str]:
        return main(["compare", *map(str, arguments)]), *capsys.readouterr()

    return called


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a scenario with three points, at one of which nobody has a plan."""
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(FORM, sort_keys=False))
    return path


def test_one_point_says_who_is_best_and_who_is_left_out(call: Call) -> None:
    """A planner without a plan that fits is left out on standard error, and that is no failure."""
    code, out, err = call("quickstart", "--all")
    assert code == 0
    assert " planners meet the target, " in out
    assert "edgesim: left out load_exec[bitwidth=32]: no submodel fits the load buffer of 4.00 MB: " in err
    code, shorter, fewer = call("quickstart")
    assert code == 0
    assert " more rows with --all." in shorter
    assert (len(shorter), len(fewer)) < (len(out), len(err))
    assert "load_exec[bitwidth=32]" not in shorter + fewer


def test_many_points_have_one_table(call: Call, path: Path) -> None:
    """By device and target, then one row a planner; reasons are on standard error."""
    code, out, err = call(path, *TWO, "--workers", 1)
    assert code == 0
    assert out.startswith("mine: 3 points, 6 rows\ndevice ")
    assert [line.split()[:3] for line in out.splitlines() if line.startswith(("pc-nvme ", "odroid-n2plus "))] == [
        ["pc-nvme", "0.7", "ms"], ["pc-nvme", "12.0", "ms"], ["odroid-n2plus", "100.0", "ms"],
    ]  # fmt: skip
    assert "edgesim: left out load_exec[bitwidth=32]: the fastest submodel takes " in err
    assert "(at 1 of 3 points, first pc-nvme, 0.7 ms)" in err


def test_several_scenarios_are_one_comparison(call: Call, path: Path) -> None:
    """Their names are a column then."""
    code, out, _ = call(path, "quickstart", "--planner", "wrx", "--workers", 1)
    assert code == 0
    assert out.startswith("mine, quickstart: 4 points, 4 rows\nscenario")


def test_one_device_can_be_chosen(call: Call, path: Path) -> None:
    """With the targets that the campaign has for it."""
    _, out, _ = call(path, "--device", "pc-nvme", "--planner", "wrx", "--workers", 1)
    assert out.startswith("mine: 2 points, 2 rows")
    assert call(path, "--device", "phone-ufs4")[0] == 2


def test_json_is_a_list_of_results(call: Call, path: Path) -> None:
    """Those of every point, and alone on standard output; with what was asked for under keys of its own."""
    results = json.loads(call(path, *TWO, "--workers", 1, "--json", "-")[1])
    assert {one["schema"] for one in results} == {"edgesim.result/1"}
    assert {one["device"] for one in results} == {"pc-nvme", "odroid-n2plus"}
    assert not any("planning_ns" in one or "optimum_gap" in one for one in results)
    (asked,) = json.loads(call("quickstart", "--planner", "wrx", "--timed", "--gap", "--json", "-")[1])
    (plain,) = compare("quickstart", ["wrx"]).results
    assert set(asked) - set(plain.to_dict()) == {"planning_ns", "optimum_bound", "optimum_found", "optimum_gap"}
    assert 0 <= asked["optimum_gap"] < 0.5


def test_csv_has_every_row(call: Call, path: Path, tmp_path: Path) -> None:
    """Also those without a plan, with the reason, and every bitwidth, whatever is shown."""
    target = tmp_path / "table.csv"
    code, _, err = call(path, "--csv", target)
    assert (code, f"edgesim: wrote {target}\n" in err) == (0, True)
    frame = pd.read_csv(target)
    assert set(frame["device"]) == {"pc-nvme", "odroid-n2plus"}
    assert {"std_pipeline[bitwidth=2]", "std_pipeline[bitwidth=6]", "std_pipeline[bitwidth=32]"} <= set(
        frame["planner"]
    )
    assert (frame["left_out"].isna() == frame["latency_ns"].notna()).all()
    assert frame["left_out"].notna().any()


def test_exit_codes_are_those_of_the_worst(call: Call, path: Path, tmp_path: Path) -> None:
    """4 where nobody has a plan anywhere, 3 where a planner fails, else 0."""
    path.write_text(yaml.safe_dump(FORM | {"campaign": {"target_latency": ["10 us", "20 us"]}}))
    code, out, _ = call(path, "--planner", "wrx", "--workers", 1)
    assert (code, "No planner has a plan that fits at any of 2 points." in out) == (4, True)
    (tmp_path / "own.py").write_text("def own(model, device, budget):\n    raise ValueError('x')\n")
    path.write_text(yaml.safe_dump(FORM, sort_keys=False))
    code, _, err = call(path, "--planner", "wrx", "--planner", f"{tmp_path}/own.py:own", "--workers", 1)
    assert code == 3
    assert "(at 3 of 3 points, first pc-nvme, 0.7 ms)" in err


def test_a_front_is_drawn_for_any_number_of_points(call: Call, path: Path, tmp_path: Path) -> None:
    """One panel each; the same results give the same bytes."""
    first, second = tmp_path / "a.svg", tmp_path / "b.svg"
    assert call(path, *TWO, "--workers", 1, "--front", first)[0] == 0
    assert call(path, *TWO, "--workers", 1, "--front", second)[0] == 0
    assert first.read_bytes() == second.read_bytes()
    assert call("quickstart", *TWO, "--front", tmp_path / "c.png")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["field", "--plot", "x.png"], "--plot: draws the timelines of one point, got 24; --front draws them all"),
        (
            ["field", "fig6", "field", "--front", "x.png"],
            "--front: draws up to 40 points, got 49; choose with --device",
        ),
        (["fig6", "--task", "package"], "--task: is for measuring accuracy; name the shard store with --store DIR"),
        (["fig6", "--workers", "0"], "--workers: must be at least 1, got 0"),
        (["fig6", "--csv", "-"], "--csv: needs the name of a file, got '-'"),
        (["fig6", "--front", "x.gif"], "x.gif: the suffix is the format of a plot, got '.gif'"),
        (["fig6", "none.yaml"], "none.yaml: no such file"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(
    call: Call, monkeypatch: pytest.MonkeyPatch, arguments: list[str], says: str
) -> None:
    """One sentence, exit code 2."""
    monkeypatch.setattr("edgesim.comparisons.verbs.compared_cells", lambda *_: pytest.fail("something ran"))
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"edgesim: {says}")
    assert err.count("\n") == 1


def test_a_store_that_is_not_there_is_refused(call: Call) -> None:
    """One sentence."""
    code, _, err = call("minilm-signature", "--planner", "wrx", "--store", "none")
    assert code == 2
    assert err.startswith("edgesim: none: ")
