"""Notebooks are kept without outputs, and use public names only; `test_documentation.py` runs them."""

import ast
import re
from pathlib import Path

import nbformat
import pytest

import edgesim

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


def read(path: Path) -> nbformat.NotebookNode:
    """Read a notebook."""
    return nbformat.read(path, as_version=4)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_clean(path: Path) -> None:
    """No outputs are committed, and only public names are used."""
    for cell in read(path).cells:
        if cell.cell_type == "code":
            assert not cell.outputs
            assert cell.execution_count is None
            if re.match(r"%%writefile \S+(?<!\.py)$", cell.source, flags=re.MULTILINE):
                continue  # a file that is no Python
            tree = ast.parse(re.sub(r"^%.*$", "", cell.source, flags=re.MULTILINE))
            used = {
                n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute) and ast.unparse(n.value) == "edgesim"
            }
            assert used <= set(edgesim.__all__)


def test_there_are_notebooks() -> None:
    """The first two notebooks are there."""
    assert [path.stem for path in NOTEBOOKS][:2] == ["01_first_run", "02_wrx_step_by_step"]
