"""The gate catches planted faults, each by its category, and says nothing about a refactoring."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from gates import git, make_repository, reordered, write_grid

from edgesim import InputError, regress
from edgesim.regression.findings import Regression
from edgesim.regression.text import regression_text
from edgesim.report.text import render

pytestmark = pytest.mark.xdist_group("gate")
THRICE = """

from functools import wraps

_once = wrx


@wraps(_once)
def wrx(*inputs, **options):
    for _ in range(2):
        _once(*inputs, **options)
    return _once(*inputs, **options)
"""


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository with the planners as they are."""
    return make_repository(tmp_path_factory.mktemp("repository"))


@pytest.fixture
def repository(committed: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the repository, as the current folder and with nothing changed."""
    monkeypatch.chdir(committed)
    write_grid(committed / "grid.yaml")
    yield committed
    git(committed, "checkout", "--quiet", "--force", "main")


def plant(repository: Path, file: str, old: str, new: str) -> None:
    """Change one line of a planner."""
    path = repository / "edgesim" / "planners" / file
    source = path.read_text()
    assert source.count(old) == 1
    path.write_text(source.replace(old, new))


def judged(repository: Path, **options: object) -> Regression:
    """Compare the working tree with what was committed, here and without other workers."""
    return regress(repository / "grid.yaml", base="HEAD", workers=1, **options)  # type: ignore[arg-type]


def reasons(found: Regression, category: str = "regression") -> dict[str, set[str]]:
    """Return why cells are in a category, by planner."""
    every: dict[str, set[str]] = {}
    for one in found.every:
        if one.verdict.category == category:
            every.setdefault(found.label(one.cell), set()).update(one.verdict.reasons)
    return every


def test_nothing_has_changed(repository: Path) -> None:
    """Every cell is as it was, and takes as long."""
    found = judged(repository)
    assert not found.failed
    assert {label: dict(counts) for label, counts in found.counts.items()} == {
        label: {"unchanged": 4} for label in found.counts
    }
    assert {found.label(one.cell) for one in found.timings} == set(found.counts)


@pytest.mark.parametrize("off", ["k + 1", "k + 2"])
def test_an_io_budget_that_is_a_layer_too_large_is_caught(repository: Path, off: str) -> None:
    """Plans read more than there is time for, and miss their targets."""
    plant(repository, "draft.py", "bonus + k * self.frame.layer_ns", f"bonus + ({off}) * self.frame.layer_ns")
    assert reasons(judged(repository)) == {"wrx": {"target"}}


def test_an_io_budget_that_is_a_layer_too_small_is_caught(repository: Path) -> None:
    """Plans read less than they could."""
    plant(repository, "draft.py", "bonus + k * self.frame.layer_ns", "bonus + max(0, k - 1) * self.frame.layer_ns")
    found = reasons(judged(repository))
    assert set(found) == {"wrx"}
    assert "fidelity" in found["wrx"]


def test_importance_that_is_sorted_the_wrong_way_is_caught(repository: Path) -> None:
    """The least important shards are raised first: fidelity falls, where importance was measured."""
    axes = {"models": "[minilm-signature]", "preload_buffer": "[0 B, 1 MB]"}
    write_grid(repository / "grid.yaml", targets=["40 ms", "100 ms"], **axes)
    plant(repository, "draft.py", "rank = [-rows[layer][index]", "rank = [rows[layer][index]")
    found = reasons(judged(repository))
    assert set(found) == {"wrx"}
    assert "fidelity" in found["wrx"]


def test_a_preload_set_of_one_shard_too_many_is_caught(repository: Path) -> None:
    """It does not fit the buffer: the plan breaks a rule."""
    plant(repository, "prices.py", "room_bytes)\n", "room_bytes) + 1\n")
    found = judged(repository)
    assert reasons(found) == {"wrx": {"error"}}
    assert "the preload buffer has room for" in found.errors[0].new.message  # type: ignore[union-attr]


def test_a_planner_that_takes_three_times_as_long_is_caught(repository: Path) -> None:
    """And no other planner is blamed; its plans are as they were."""
    path = repository / "edgesim" / "planners" / "wrx.py"
    path.write_text(path.read_text() + THRICE)
    found = judged(repository)
    assert (reasons(found), reasons(found, "slower")) == ({}, {"wrx": {"planning time"}})
    assert found.counts["wrx"]["unchanged"] == 4
    assert found.failed
    said = render(regression_text(found), 300)
    assert re.search(
        r"^planning time: \d cells? seemed slower, and took up to 24 turns of old and new; [1-9] ", said, re.M
    )
    assert re.search(r"^slower: wrx on .* ms to plan -> .* ms, the least of 24 turns each$", said, re.M)


def test_a_refactoring_is_none_of_the_gates_business(repository: Path) -> None:
    """Renamed variables, reordered functions: not one cell is other than it was."""
    folder = repository / "edgesim" / "planners"
    for name in ("wrx.py", "search.py", "published.py"):
        (folder / name).write_text(reordered((folder / name).read_text()))
    draft = folder / "draft.py"
    source = draft.read_text()
    for old, new in (("bonus", "saved_ns"), ("earlier", "before_it"), ("grow", "more_bytes"), ("too_much", "refused")):
        source = re.sub(rf"\b{old}\b", new, source)
    assert source != draft.read_text()
    draft.write_text(source)
    found = judged(repository)
    assert not found.failed
    assert all(dict(counts) == {"unchanged": 4} for counts in found.counts.values())


def test_what_a_revision_did_not_have_is_new(repository: Path) -> None:
    """A planner of its own, and an option that came later; neither is a regression."""
    (repository / "edgesim" / "planners" / "later.py").write_text("from edgesim.planners.wrx import wrx as later\n")
    write_grid(repository / "grid.yaml", ["wrx", "edgesim.planners.later:later"])
    (repository / "edgesim" / "planners" / "later.py").rename(repository / "later.py")
    write_grid(repository / "grid.yaml", ["wrx", "./later.py:later"])
    found = judged(repository)
    (repository / "later.py").unlink()
    assert {label: dict(counts) for label, counts in found.counts.items()} == {
        "wrx": {"unchanged": 4}, "./later.py:later": {"new": 4},
    }  # fmt: skip
    assert not found.failed


def test_a_planner_s_own_file_is_compared_with_what_it_was(repository: Path) -> None:
    """The grid names the file of the working tree; the old planner is the file of the revision."""
    own = repository / "own.py"
    own.write_text("from edgesim.planners.baselines import std_pipeline\n\n\ndef mine(model, device, budget):\n"
                   "    return std_pipeline(model, device, budget, bitwidth=6)\n")  # fmt: skip
    git(repository, "checkout", "--quiet", "-b", "own")
    git(repository, "add", "own.py")
    git(repository, "commit", "--quiet", "--message", "A planner")
    own.write_text(own.read_text().replace("bitwidth=6", "bitwidth=2"))
    write_grid(repository / "grid.yaml", ["./own.py:mine"])
    assert reasons(judged(repository)) == {"./own.py:mine": {"fidelity"}}


@pytest.mark.parametrize(
    ("planner", "says"),
    [
        ("raise KeyError(model.name)", "KeyError: 'dynabert-12x12'"),
        ("import os; os._exit(7)", "exit code 7"),
        ("return 3", "must return an edgesim.Plan, got int"),
        ("print('hello'); raise SystemExit(1)", "SystemExit: 1"),
    ],
)
def test_whatever_a_planner_does_is_its_error(repository: Path, planner: str, says: str) -> None:
    """It is a regression, with the reason, and the other planners are judged all the same."""
    git(repository, "checkout", "--quiet", "-B", "bad")
    own = repository / "own.py"
    own.write_text("from edgesim.planners.wrx import wrx as mine\n")
    git(repository, "add", "own.py")
    git(repository, "commit", "--quiet", "--message", "A planner")
    own.write_text(f"def mine(model, device, budget):\n    {planner}\n")
    write_grid(repository / "grid.yaml", ["./own.py:mine", "wrx"], ["200 ms"])
    found = judged(repository)
    assert reasons(found) == {"./own.py:mine": {"error"}}
    assert says in found.errors[0].new.message  # type: ignore[union-attr]
    assert found.counts["wrx"] == {"unchanged": 2}


def test_a_revision_that_cannot_be_called_is_refused(repository: Path) -> None:
    """Before anything is planned, and with the reason."""
    git(repository, "checkout", "--quiet", "-B", "broken")
    (repository / "edgesim" / "plans.py").unlink()
    git(repository, "commit", "--quiet", "--all", "--message", "Broken")
    with pytest.raises(InputError, match=r"the planners of broken cannot be called, .*No module named 'edgesim.plans'"):
        regress(repository / "grid.yaml", base="broken", workers=1)


@pytest.mark.parametrize("revision", ["none", "--all", "", "HEAD:edgesim", "HEAD; ls"])
def test_what_is_no_revision_is_refused(repository: Path, revision: str) -> None:
    """However it looks."""
    with pytest.raises(InputError, match="--base: no such revision, got "):
        regress(repository / "grid.yaml", base=revision, workers=1)


def test_git_and_a_repository_with_planners_are_needed(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each says what to do instead."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(
        InputError, match=r"--base: git refuses, not a git repository .*; --against compares with a file"
    ):
        regress(repository / "grid.yaml", base="HEAD")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "--message", "Nothing")
    with pytest.raises(InputError, match="--base: HEAD has no planners; run it in the repository that has them"):
        regress(repository / "grid.yaml", base="HEAD")
    with monkeypatch.context() as changed:
        changed.setenv("PATH", str(tmp_path))
        with pytest.raises(InputError, match="needs git, which is not installed; --against compares with a file"):
            regress(repository / "grid.yaml", base="HEAD")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_when_it_is_killed(repository: Path, tmp_path: Path, how: signal.Signals) -> None:
    """Neither a process of old or new planners, nor the revision's files."""
    git(repository, "checkout", "--quiet", "-B", "endless")
    (repository / "own.py").write_text(
        f"import os, time\nfrom pathlib import Path\n\n\ndef mine(model, device, budget):\n"
        f"    Path('{tmp_path}', f'pid-{{os.getpid()}}-{{os.getppid()}}').touch()\n    time.sleep(60)\n"
    )
    git(repository, "add", "own.py")
    git(repository, "commit", "--quiet", "--message", "A planner")
    write_grid(repository / "grid.yaml", ["./own.py:mine"])
    (tmp_path / "tmp").mkdir()
    environment = os.environ | {"EDGESIM_PLANNER_SECONDS": "0", "TMPDIR": str(tmp_path / "tmp")}
    command = [sys.executable, "-P", "-m", "edgesim", "regress", "--grid", "grid.yaml", "--base", "HEAD"]
    command += ["--workers", "2"]
    with subprocess.Popen(command, env=environment, start_new_session=True, stderr=subprocess.DEVNULL) as process:
        while len(marks := list(tmp_path.glob("pid-*"))) < 2:
            assert process.poll() is None
            time.sleep(0.02)
        assert list((tmp_path / "tmp").glob("edgesim.*"))
        (os.killpg if how == signal.SIGINT else os.kill)(process.pid, how)
        process.wait()
    pids = {int(number) for mark in marks for number in mark.name.split("-")[1:]}
    deadline = time.monotonic() + 60

    def left() -> list[Path]:
        return [*(path for pid in pids if (path := Path(f"/proc/{pid}")).exists()), *(tmp_path / "tmp").iterdir()]

    while left() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert left() == []
