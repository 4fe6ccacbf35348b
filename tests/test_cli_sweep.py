"""The command `sweep`: what it says, what it leaves, and what it refuses before anything is written."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from terminal import in_terminal

from edgesim.bulk import planning
from edgesim.cli import main
from edgesim.errors import MissingLibraryError
from edgesim.sweeps import verbs
from edgesim.sweeps.reading import read_sweep

FORM = """\
schema: edgesim.scenario/1
device: odroid-n2plus
processor: cpu
model: dynabert-12x12
planner: [wrx, preload_model]
target_latency: 200 ms
preload_buffer: 1 MB
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Write a sweep of six points."""
    file = tmp_path / "small.yaml"
    file.write_text(FORM + "sweep: {target_latency: [1 ms, 200 ms, 400 ms]}\n")
    return file


def swept(*words: str | Path) -> int:
    """Call the command in this process."""
    return main(["sweep", *map(str, words), "--workers", "1"])


def test_it_says_what_came_of_the_points(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A table for people, where the rows are, and nothing else."""
    assert swept(path, "--out", tmp_path / "out") == 0
    out, err = capsys.readouterr()
    assert [line.split() for line in out.splitlines()] == [
        ["small:", "6", "points"],
        ["planner", "done", "infeasible"],
        ["wrx", "2", "1"],
        ["preload_model", "2", "1"],
    ]
    assert err == f"edgesim: wrote {tmp_path / 'out'}; edgesim report {tmp_path / 'out'} tells what is in it\n"
    assert len(read_sweep(tmp_path / "out")) == 6


def test_json_is_the_manifest(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With hashes of what was read, alone on standard output."""
    assert swept(path, "--out", tmp_path / "out", "--planner", "wrx[upgrade_to=6]", "--json", "-") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["complete"] is True
    assert found["counts"] == {"wrx[upgrade_to=6]": {"done": 2, "infeasible": 1}}
    assert {"odroid-n2plus.yaml", "small.yaml"} <= {Path(name).name for name in found["identity"]["inputs"]}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--workers", "0"], "--workers: must be a whole number, at least 1, got 0"),
        (["--cluster", "nonsense"], "--cluster: 'nonsense' is no address of a scheduler; give host:port, or 'local'"),
        (["--cluster", "foo://127.0.0.1:1"], "--cluster: 'foo://127.0.0.1:1' is no address of a scheduler"),
        (["--cluster", "127.0.0.1:1", "--workers", "2"], "--workers: is for this machine, got 2; those of 127.0.0.1:1"),
        (["--out", ""], "--out: needs the name of a folder, got ''"),
        (["--planner", "nope"], "unknown planner"),
    ],
    ids=str,
)
def test_mistakes_leave_nothing(
    words: Sequence[str], says: str, path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence, and no folder."""
    code = main(["sweep", str(path), "--out", str(tmp_path / "out"), *words])
    err = capsys.readouterr().err
    assert code in {2, 3}
    assert says in err
    assert err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_sweep_that_failed_at_its_start_is_not_in_the_way(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As one whose cluster was not there: it has no rows, so that another one may begin."""

    def broken(*_: object) -> None:
        raise MissingLibraryError("SciPy is needed for this")

    with monkeypatch.context() as patched:
        patched.setattr(planning, "many", broken)
        assert swept(path, "--out", tmp_path / "out") == 2
    assert capsys.readouterr().err == "edgesim: SciPy is needed for this\n"
    assert swept("sweep", "--planner", "wrx", "--out", tmp_path / "out") == 0
    assert swept(path, "--out", tmp_path / "out") == 2
    assert "has a sweep already; go on with it with --resume" in capsys.readouterr().err


def test_what_went_wrong_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The commonest reason, and the exit code of a plugin that fails."""
    (tmp_path / "mine.py").write_text("def broken(model, device, budget):\n    raise KeyError('no such thing')\n")
    path = tmp_path / "bad.yaml"
    path.write_text(FORM.replace("preload_model", "'./mine.py:broken'") + "sweep: {target_latency: [1 ms, 400 ms]}\n")
    assert swept(path, "--out", tmp_path / "out") == 3
    out, err = capsys.readouterr()
    assert "failed" in out
    assert err.startswith("edgesim: failed 2 points, most often: ./mine.py:broken: failed, KeyError")
    assert "Traceback" not in err


def test_an_interrupt_says_how_to_go_on(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is done is kept."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(verbs, "store_sweep", interrupted)
    assert swept(path, "--out", tmp_path / "out") == 130
    assert "go on with --resume" in capsys.readouterr().err


def test_a_terminal_shows_how_far_it_is(path: Path, tmp_path: Path) -> None:
    """With the rate and the time left; elsewhere there is no bar."""
    words = ("sweep", str(path), "--out", str(tmp_path / "out"), "--workers", "1")
    assert "6 of 6" in in_terminal(*words, columns=100, errors=True)
