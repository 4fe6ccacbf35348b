"""Notebooks are short, use public names only and are kept without outputs; `test_documentation.py` runs them."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest

import edgesim

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
MOST_LINES, MOST_LETTERS = 5, 110
LINK = re.compile(r"\]\((\w+\.ipynb)\)")


def cells(path: Path, kind: str) -> list[nbformat.NotebookNode]:
    """Return the cells of a notebook that are code, or text."""
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


def programs(path: Path) -> Iterator[tuple[str, ast.Module]]:
    """Yield the identity of each cell that is Python, or writes some, and what it says."""
    for cell in cells(path, "code"):
        if not re.match(r"%%writefile \S+(?<!\.py)$", cell.source, flags=re.MULTILINE):  # a file of another kind
            yield cell.id, ast.parse(re.sub(r"^%.*$", "", cell.source, flags=re.MULTILINE))


def body_lines(function: ast.FunctionDef) -> int:
    """Count the lines of a function without its first one and what documents it."""
    said = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - said[0].lineno + 1


@each_notebook
def test_no_output_is_committed(path: Path) -> None:
    """Nor the order in which somebody executed the cells; each has a name of its own."""
    notebook = nbformat.read(path, as_version=4)
    assert all(not cell.outputs and cell.execution_count is None for cell in cells(path, "code"))
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    assert notebook.metadata.kernelspec.name == "python3"


@each_notebook
def test_only_public_names_are_used(path: Path) -> None:
    """Whatever a reader copies keeps working."""
    for _, tree in programs(path):
        nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
        assert {node.attr for node in nodes if ast.unparse(node.value) == "edgesim"} <= set(edgesim.__all__)


@each_notebook
def test_code_is_short(path: Path) -> None:
    """A function that takes more than five lines belongs into the package; pages show whole lines."""
    for name, tree in programs(path):
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        assert all(body_lines(function) <= MOST_LINES for function in functions), name
    assert all(len(line) <= MOST_LETTERS for cell in cells(path, "code") for line in cell.source.splitlines())


@each_notebook
def test_it_has_a_title_and_a_next_step(path: Path) -> None:
    """One title on top, no heading that skips a level, and in the end another notebook."""
    every = nbformat.read(path, as_version=4).cells
    assert every[0].cell_type == every[-1].cell_type == "markdown"
    assert every[0].source.startswith("# ")
    assert set(LINK.findall(every[-1].source)) - {path.name}
    levels = [
        len(mark) for cell in cells(path, "markdown") for mark in re.findall(r"^(#+) ", cell.source, re.MULTILINE)
    ]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@each_notebook
def test_links_lead_to_notebooks(path: Path) -> None:
    """To those that are there."""
    linked = {name for cell in cells(path, "markdown") for name in LINK.findall(cell.source)}
    assert linked <= {other.name for other in NOTEBOOKS}


@each_notebook
def test_claims_are_checked(path: Path) -> None:
    """What the text claims is asserted somewhere, so that a wrong claim fails the documentation's build."""
    assert any(isinstance(node, ast.Assert) for _, tree in programs(path) for node in ast.walk(tree))


def test_notebooks_are_numbered_without_a_gap() -> None:
    """In the order in which they are read."""
    assert [int(path.name[:2]) for path in NOTEBOOKS] == list(range(1, len(NOTEBOOKS) + 1))
    assert len(NOTEBOOKS) >= 9
