"""The documentation builds without a warning, and without a network; so all notebooks run from top to bottom."""

import re
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


@pytest.mark.xdist_group("notebooks")
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_output_is_left_over(site: Path, notebook: Path) -> None:
    """Neither a warning, nor what an object calls itself that has nothing to show."""
    page = (site / "notebooks" / f"{notebook.stem}.html").read_text()
    outputs = re.findall(r'<div class="cell_output.*?(?=<div class="cell |</section>)', page, re.DOTALL)
    assert outputs
    assert not [output for output in outputs if re.search(r"stderr| at 0x[0-9a-f]{6}|Warning:", output)]


@pytest.mark.xdist_group("notebooks")
def test_no_page_needs_a_network(site: Path) -> None:
    """Scripts, styles and pictures lie beside the pages; links may lead anywhere."""
    fetched = re.compile(r"""<(?:script|img|iframe)[^>]*\ssrc=["']?https?:|<link[^>]*\shref=["']?https?:""")
    pages = list(site.rglob("*.html"))
    assert len(pages) > 40
    assert [page.name for page in pages if fetched.search(page.read_text())] == []


@pytest.mark.xdist_group("notebooks")
def test_sliders_stand_still_on_a_page(site: Path) -> None:
    """They are drawn, with what they say, and the page says where they move."""
    page = (site / "notebooks" / "10_sliders.html").read_text()
    assert page.count('<input type="range" disabled') == 3
    assert "These sliders move in a running notebook." in page
