"""The notebooks run from top to bottom, and are kept without outputs."""

import ast
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import edgesim

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


def read(path: Path) -> nbformat.NotebookNode:
    """Read a notebook."""
    return nbformat.read(path, as_version=4)


@pytest.mark.xdist_group("notebooks")  # kernels that start side by side race for ports
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")  # of the kernel's own libraries
def test_notebook_runs(path: Path, tmp_path: Path) -> None:
    """Every cell runs, from an empty folder, and every claim that a cell asserts holds."""
    notebook = read(path)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert any("image/png" in output.get("data", {}) for output in shown)
    texts = [output["data"]["text/plain"] for output in shown if "data" in output]
    assert all(text.strip() and "\x1b" not in text for text in texts)


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
