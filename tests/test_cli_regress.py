"""The command `regress`: exit codes, what it prints and writes, and what is left of it when it is killed."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from gates import write_grid

from edgesim.cli import main

Call = Callable[..., tuple[int, str, str]]
WORSE = """from edgesim.planners.wrx import wrx
def mine(model, device, budget):
    return wrx(model, device, budget{})
"""


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Return a function that runs one command in a folder with a grid of a planner's own file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(WORSE.format(""))
    write_grid(tmp_path / "grid.yaml", ["./mine.py:mine", "std_pipeline[bitwidth=6]"], ["200 ms"])

    def called(*arguments: object) -> tuple[int, str, str]:
        try:
            code = main(["regress", *map(str, arguments)])
        except SystemExit as leaving:  # argparse
            code = int(leaving.code or 0)
        return code, *capsys.readouterr()

    return called


def planner(text: str) -> None:
    """Replace the planner; it is imported anew by other processes."""
    Path("mine.py").write_text(text)


def shell(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    command = [sys.executable, "-m", "edgesim", "regress", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_record_then_compare(call: Call) -> None:
    """Nothing has changed: exit code 0, a table, and a sentence."""
    assert call("--grid", "grid.yaml", "--record", "plans.json", "--workers", 1) == (
        0, "", "edgesim: wrote 4 cells to plans.json\n",
    )  # fmt: skip
    code, out, err = call("--grid", "grid.yaml", "--against", "plans.json", "--workers", 1)
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "grid: 4 cells, 2 planners, 1 model on 1 device, against plans.json"
    assert re.search(r"^std_pipeline\[bitwidth=6\] +2 +2( +-){6}$", out, re.MULTILINE)
    assert out.splitlines()[-1] == "No regression: 4 of 4 cells are as they were."


def test_a_regression_exits_with_1_and_shows_the_cell(call: Call) -> None:
    """What became worse, and a line of shell that shows its plan; JSON and Markdown say the same."""
    assert shell("--grid", "grid.yaml", "--record", "plans.json").returncode == 0
    planner(WORSE.format("._replace(target_latency_ns=150 * 10**6)"))
    done = shell("--grid", "grid.yaml", "--against", "plans.json", "--json", "x.json", "--markdown", "x.md")
    assert (done.returncode, done.stderr) == (1, "")
    assert "regression: ./mine.py:mine: fidelity in 2" in done.stdout
    assert done.stdout.splitlines()[-1] == "2 regressions."
    line = next(line for line in done.stdout.splitlines() if line.startswith("  echo "))
    again = subprocess.run(
        ["bash", "-c", f'edgesim() {{ "{sys.executable}" -m edgesim "$@"; }}; {line}'],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert again.stdout.startswith("cell: ./mine.py:mine plans 3 x 3 shards for 200.0 ms\n")
    found = json.loads(Path("x.json").read_text())
    assert (found["schema"], found["regression"]) == ("edgesim.regression/1", True)
    assert found["planners"]["./mine.py:mine"] == {
        "unchanged": 0, "drift": 0, "gain": 0, "fixed": 0, "new": 0, "slower": 0, "regression": 2,
    }  # fmt: skip
    assert [row["reasons"] for row in found["changed"]] == [["fidelity"]] * 2
    assert found["changed"][0]["old"]["fidelity"] > found["changed"][0]["new"]["fidelity"]
    text = Path("x.md").read_text()
    assert text.startswith("**2 regressions.** grid: 4 cells, ")
    assert "| `./mine.py:mine` | 2 | - | - | - | - | - | - | 2 |" in text


def test_json_alone_on_standard_output(call: Call) -> None:
    """Whatever a planner prints."""
    planner(WORSE.format("") + "    print('from a planner')\n")
    planner(WORSE.replace("    return", "    print('from a planner')\n    return").format(""))
    assert shell("--grid", "grid.yaml", "--record", "plans.json", "--workers", "2").returncode == 0
    for workers in ("1", "2"):
        done = shell("--grid", "grid.yaml", "--against", "plans.json", "--json", "-", "--workers", workers)
        assert done.returncode == 0
        assert json.loads(done.stdout)["regression"] is False
        assert "from a planner" in done.stderr


def test_a_planner_that_breaks_is_told_and_exits_with_3(call: Call) -> None:
    """Also where it broke before: that is never right."""
    planner("def mine(model, device, budget):\n    raise ValueError('no')\n")
    for action in ("--record", "--against"):
        done = shell("--grid", "grid.yaml", action, "plans.json")
        assert done.returncode == 3
        assert "edgesim: ./mine.py:mine: breaks in 2 cells, failed, ValueError: no" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ((), 2, "--base --against --record: one of them is needed"),
        (("--base", "x", "--against", "y"), 2, "--against: does not go with --base"),
        (
            ("--record", "x", "--json", "y"),
            2,
            "--record: compares nothing, so there is nothing for --json or --markdown",
        ),
        (("--record", "none/x"), 2, "none/x: cannot be written, there is no folder none; make it first"),
        (("--record", "grid.yaml", "--grid", "grid.yaml"), 2, "--record: grid.yaml is read or written already"),
        (("--record", "x", "--workers", "0"), 2, "--workers: must be at least 1, got 0"),
        (("--record", "x", "--grid", "nope"), 2, "nope: no such grid; known: "),
        (("--against", "none.json", "--grid", "grid.yaml"), 2, "none.json: no such file"),
        (("--against", "none.json", "--grid", "bad.yaml"), 3, "bad.yaml:1: planners: nope: unknown planner; known: "),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_before_anything_is_planned(
    call: Call, arguments: tuple[str, ...], code: int, says: str
) -> None:
    """One message, the exit code, and no file."""
    text = Path("grid.yaml").read_text()
    keys = re.sub("planners: .*\n", "", text)
    Path("bad.yaml").write_text(f"planners: [nope]\n{keys}")
    before = {path.name for path in Path().iterdir()}
    found, out, err = call(*arguments)
    assert (found, out) == (code, "")
    assert says in err
    assert {path.name for path in Path().iterdir()} - {"__pycache__"} == before


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_of_a_comparison_that_is_killed(call: Call, tmp_path: Path, how: signal.Signals) -> None:
    """No process, no temporary folder, no half-written file."""
    del call
    planner("import os, time\nfrom pathlib import Path\ndef mine(model, device, budget):\n"
            "    Path(f'pid-{os.getpid()}-{os.getppid()}').touch()\n    time.sleep(60)\n")  # fmt: skip
    environment = os.environ | {"EDGESIM_PLANNER_SECONDS": "0", "TMPDIR": str(tmp_path)}
    command = ["-m", "edgesim", "regress", "--grid", "grid.yaml", "--record", "plans.json", "--workers", "2"]
    with subprocess.Popen([sys.executable, *command], env=environment, start_new_session=True) as process:
        while not (marks := list(tmp_path.glob("pid-*"))):
            assert process.poll() is None
            time.sleep(0.02)
        (os.killpg if how == signal.SIGINT else os.kill)(process.pid, how)
        assert process.wait() == (130 if how == signal.SIGINT else -how)
    pids = {int(number) for mark in marks for number in mark.name.split("-")[1:]} - {process.pid}
    deadline = time.monotonic() + 60
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    left = {path.name for path in tmp_path.iterdir() if not path.name.startswith("pid-")}
    assert left - {"__pycache__"} == {"grid.yaml", "mine.py"}
