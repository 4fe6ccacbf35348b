"""A small grid, and a git repository of the planners as they are, to plant faults in."""

import ast
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

PLANNERS = ("wrx", "std_pipeline[bitwidth=6]", "preload_model[bitwidth=6]")
_PACKAGE = Path(__file__).parents[1]


def write_grid(
    path: Path, planners: Sequence[str] = PLANNERS, targets: Sequence[str] = ("200 ms", "400 ms"), **more: str
) -> Path:
    """Write a grid of a dozen cells: one board, one model."""
    keys = {
        "schema": "edgesim.grid/1",
        "devices": "[odroid-n2plus]",
        "models": "[dynabert-12x12]",
        "target_latency": f"[{', '.join(targets)}]",
        "preload_buffer": "[1 MB, 5 MB]",
        "load_buffer": "[unlimited]",
        "planners": f"[{', '.join(repr(label) for label in planners)}]",
    }
    path.write_text("".join(f"{key}: {value}\n" for key, value in (keys | more).items()))
    return path


def git(folder: Path, *arguments: str) -> None:
    """Run git, whatever the user has configured."""
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def make_repository(folder: Path) -> Path:
    """Commit the package as it is to a new repository."""
    shutil.copytree(_PACKAGE / "edgesim", folder / "edgesim", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", ".gitignore"):
        shutil.copy(_PACKAGE / name, folder)
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "As it is")
    return folder


def reordered(source: str) -> str:
    """Return a module with its private functions behind all others, in reverse order."""
    lines, body = source.splitlines(keepends=True), ast.parse(source).body
    moved = [node for node in body if isinstance(node, ast.FunctionDef) and node.name.startswith("_")]
    spans = [
        range(min([node.lineno, *(one.lineno for one in node.decorator_list)]) - 1, node.end_lineno) for node in moved
    ]
    taken = {line for span in spans for line in span}
    rest = "".join(line for number, line in enumerate(lines) if number not in taken)
    return rest + "".join("\n\n" + "".join(lines[span.start : span.stop]) for span in reversed(spans))
