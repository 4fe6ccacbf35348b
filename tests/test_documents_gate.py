"""The documented workflow of GitHub Actions, as far as it can be run here: its steps in a repository of a planner."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from documents import ROOT, blocks
from gates import git

WORKFLOW = ".github/workflows/planners.yml"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository with the page's files, of which `origin` has what is committed."""
    folder = tmp_path / "planner"
    for block in blocks(ROOT / "docs" / "how-to" / "gate_planner_changes.md"):
        if block.file:
            path = folder / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text)
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "As it is")
    git(folder, "update-ref", "refs/remotes/origin/main", "main")
    return folder


def steps(repository: Path) -> list[dict[str, Any]]:
    """Return the steps of the workflow's one job."""
    found: list[dict[str, Any]] = yaml.safe_load((repository / WORKFLOW).read_text())["jobs"]["gate"]["steps"]
    return found


def compared(repository: Path) -> int:
    """Run the step that compares, as a runner does; return its exit code."""
    (step,) = [step for step in steps(repository) if step.get("name") == "Compare"]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = os.environ | {"PATH": path, "GITHUB_BASE_REF": "main"}
    return subprocess.run(["bash", "-e", "-c", step["run"]], cwd=repository, env=env, check=False).returncode


def test_a_worse_planner_is_refused_with_a_table(repository: Path) -> None:
    """Nothing has changed, and it passes; fewer bits are a loss of fidelity, and it does not."""
    assert compared(repository) == 0
    source = (repository / "my_planner.py").read_text()
    (repository / "my_planner.py").write_text(source.replace("bitwidth: int = 6", "bitwidth: int = 2"))
    assert compared(repository) == 1
    assert "fidelity" in (repository / "table.md").read_text()


def test_the_job_has_what_its_steps_need(repository: Path) -> None:
    """The history, the right to comment, and a comment whatever the gate says."""
    workflow = yaml.safe_load((repository / WORKFLOW).read_text())
    checkout, _, _, _, comment = steps(repository)
    assert workflow[True] == "pull_request"  # YAML 1.1 reads `on` so; GitHub does not
    assert workflow["permissions"]["pull-requests"] == "write"
    assert checkout["with"]["fetch-depth"] == 0
    assert comment["if"].startswith("always()")
    assert "--body-file table.md" in comment["run"]
