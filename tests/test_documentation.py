"""The documentation builds without a warning, and without a network; so all notebooks run from top to bottom."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the pages; a warning, or an error in a cell, fails and is told."""
    folder = tmp_path_factory.mktemp("documentation")
    build = [
        sys.executable,
        "-m",
        "sphinx",
        "-q",
        "-W",
        "-E",
        "-d",
        folder / "doctrees",
        ROOT / "docs",
        folder / "site",
    ]
    done = subprocess.run(build, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "site"


@pytest.mark.xdist_group("notebooks")  # built once, one kernel after the other
def test_it_builds(site: Path) -> None:
    """Every page of the sources is there, in the order of the sidebar."""
    index = (site / "index.html").read_text()
    for page in (ROOT / "docs").rglob("*.md"):
        address = page.relative_to(ROOT / "docs").with_suffix(".html").as_posix()
        assert (site / address).exists()
        assert address == "index.html" or f'href="{address}"' in index or "reference/" in address


@pytest.mark.xdist_group("notebooks")
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_notebook_shows_something(site: Path, notebook: Path) -> None:
    """Its cells were executed, and one of them drew."""
    page = (site / "notebooks" / f"{notebook.stem}.html").read_text()
    assert "_images/" in page or "<svg" in page.partition("<article")[2]
