"""Options of `run` and `compare` for replications: what they print and write, and what they refuse."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from test_replications import FORM, OTHER

from edgesim.cli import main

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a scenario whose questions come at random."""
    path = tmp_path / "busy.yaml"
    path.write_text(yaml.safe_dump(FORM))
    return path


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Return a function that runs a command and gives exit code, standard output and standard error."""

    def called(*arguments: object) -> tuple[int, str, str]:
        return main([*map(str, arguments)]), *capsys.readouterr()

    return called


def test_run_shows_intervals_and_writes_json(call: Call, path: Path, tmp_path: Path) -> None:
    """The table fits in 80 columns, below it a sentence on the intervals; JSON has each replication."""
    written = tmp_path / "found.json"
    code, out, _ = call("run", path, "--planner", "wrx", "--replications", 12, "--workers", 1, "--json", written)
    assert code == 0
    assert "\n12 replications from seed 5.\n" in out
    *table, note = out.splitlines()
    assert all(len(line) <= 80 for line in table)
    assert note == "Wilson's interval for all of it met, ready; else Student's, between replications."
    found = json.loads(written.read_text())
    assert (found["schema"], found["number"], len(found["values"]["latency_mean_ns"])) == (
        "edgesim.replications/1", 12, 12,
    )  # fmt: skip
    low, high = found["estimates"]["latency_mean_ns"]["interval"].values()
    assert low < found["estimates"]["latency_mean_ns"]["mean"] < high


def test_strict_counts_every_miss(call: Call, path: Path) -> None:
    """One inference of one replication is enough."""
    arguments = ("run", path, "--planner", "wrx", "--workers", 1, "--replications", 12)
    assert call(*arguments)[0] == 0
    assert call(*arguments, "--strict")[0] == 1


def test_compare_shows_paired_differences(call: Call, path: Path) -> None:
    """To the first planner, with how often it is less and what pairing gains."""
    arguments = ("compare", path, "--planner", "wrx", "--planner", OTHER, "--workers", 1)
    code, out, _ = call(*arguments, "--replications", 12, "--precision", "90 %")
    assert code == 0
    assert "replications from seed 5 of at most 12: latency_mean_ns within 90.0%" in out
    assert "minus wrx" in out
    code, out, _ = call(*arguments, "--replications", 12, "--json", "-")
    found = json.loads(out)
    assert (code, found["schema"]) == (0, "edgesim.replications_compared/1")
    assert [one["planner"] for one in found["planners"]] == ["wrx", OTHER]


@pytest.mark.parametrize(
    ("command", "options", "message"),
    [
        ("run", ("--precision", "5 %"), "--precision: needs --replications N, how many there may be at most"),
        ("run", ("--replications", 0), "--replications: must be from 1 to 100,000, got 0"),
        ("run", ("--replications", 20, "--precision", "5"), "--precision: must be a share such as '5 %', got 5"),
        ("run", ("--replications", 20, "--plot", "x.png"), "--plot: is about one run; leave it out, or --replications"),
        ("run", ("--replications", 20, "--workers", 0), "--workers: must be at least 1, got 0"),
        ("compare", ("--of", "energy"), "--of: needs --replications N, how many there may be at most"),
        ("compare", ("--replications", 20, "--gap"), "--gap: is about one run; leave it out, or --replications"),
    ],
)
def test_options_that_cannot_be_are_refused(
    call: Call, path: Path, command: str, options: tuple[object, ...], message: str
) -> None:
    """Before anything runs, in one sentence, with exit code 2."""
    assert call(command, path, *options) == (2, "", f"edgesim: {message}\n")


def test_commands_that_repeat_nothing_load_no_numpy() -> None:
    """Nor do replications of what is not random."""
    code = "from edgesim.cli import main; main(['run', 'quickstart', '--replications', '20']); import sys; "
    subprocess.run([sys.executable, "-c", f"{code}assert 'numpy' not in sys.modules"], check=True, capture_output=True)
