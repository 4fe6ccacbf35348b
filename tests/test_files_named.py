"""Files that a caller names start at the current folder; files that a file names start at its own."""

import shutil
from pathlib import Path

import pytest

from edgesim import compare_all, read_scenario, sweep
from edgesim.cli import main
from edgesim.files.shipped import shipped_folder

DEVICE = "board.yaml"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be in a folder with one device and one model, beside another one with a scenario that names its own device."""
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    board = (shipped_folder("devices") / "odroid-n2plus.yaml").read_text()
    (tmp_path / "here" / DEVICE).write_text(board.replace("name: odroid-n2plus", "name: mine"))
    (tmp_path / "there" / DEVICE).write_text(board.replace("name: odroid-n2plus", "name: theirs"))
    shutil.copy(shipped_folder("models") / "dynabert-12x12.yaml", tmp_path / "here" / "m.yaml")
    scenario = (shipped_folder("scenarios") / "quickstart.yaml").read_text()
    lines = f"device: ./{DEVICE}\ncampaign: {{target_latency: [190 ms]}}\nsweep: {{target_latency: [200 ms]}}"
    (tmp_path / "there" / "s.yaml").write_text(scenario.replace("device: odroid-n2plus", lines))
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path


@pytest.mark.parametrize("named", [DEVICE, f"./{DEVICE}", Path(DEVICE)], ids=repr)
@pytest.mark.parametrize("scenario", ["quickstart", "../there/s.yaml"])
def test_a_device_that_a_caller_names_is_one_of_the_current_folder(
    folder: Path, scenario: str, named: str | Path
) -> None:
    """Whatever folder the scenario lies in, as a shell completes it; and it is noted whole."""
    found = read_scenario(scenario, {"device": named, "model": "m.yaml"})
    assert (found.device.name, found.model.name) == ("mine", "dynabert-12x12")
    assert found.changes == {"device": str(folder / "here" / DEVICE), "model": str(folder / "here" / "m.yaml")}


def test_what_a_file_names_lies_beside_it(folder: Path) -> None:
    """Wherever it is read from."""
    assert folder.is_dir()
    assert read_scenario("../there/s.yaml").device.name == "theirs"


def test_campaigns_and_sweeps_take_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In Python and on the command line."""
    ((scenario, _),) = compare_all(["../there/s.yaml"], ["wrx"], changes={"device": DEVICE})
    assert (scenario.device.name, scenario.target_latency_ns) == ("mine", 190_000_000)
    assert set(sweep(folder / "there" / "s.yaml", changes={"device": DEVICE}, workers=1)["device"]) == {"mine"}
    assert main(["compare", "quickstart", "--planner", "wrx", "--device", DEVICE]) == 0
    assert "dynabert-12x12 on mine (cpu)" in capsys.readouterr().out


def test_what_is_not_there_is_said_with_its_whole_path(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """So that one sees where it was looked for."""
    assert main(["compare", "quickstart", "--device", "bord.yaml"]) == 2
    assert f"as changed: device: {folder / 'here' / 'bord.yaml'}: no such file" in capsys.readouterr().err
