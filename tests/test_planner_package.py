"""A planner that is installed with pip is there: the template, and packages that do not behave."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from edgesim.files.shipped import shipped_folder

pytestmark = pytest.mark.xdist_group("package")
TEMPLATE = shipped_folder("scenarios") / "planner-template"
UNRULY = """import os, sys, time
from edgesim.planners.wrx import wrx

def crashes(model, device, budget):
    os.abort()

def prints(model, device, budget):
    print("look at me")
    return wrx(model, device, budget)

def never(model, device, budget):
    while True:
        time.sleep(1)

def wrx_of_mine(model, device, budget):
    raise ValueError("this is not wrx")
"""
POINTS = """
absent = "no_such_module:planner"
crashes = "unruly:crashes"
never = "unruly:never"
prints = "unruly:prints"
twice = "unruly:crashes"
wrx = "unruly:wrx_of_mine"
"""


def install(package: Path, site: Path) -> None:
    """Install a package as anyone would, but where only the tests look for it, and without an index."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run([*pip, "--disable-pip-version-check", "--target", site, package], check=True)


def package_of(folder: Path, name: str, code: str, points: str) -> Path:
    """Write a package of one module."""
    folder.mkdir()
    text = (TEMPLATE / "pyproject.toml").read_text().replace("my-planner", name).partition("my_planner =")[0]
    (folder / "pyproject.toml").write_text(text + points)
    (folder / f"{name}.py").write_text(code)
    return folder


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the template, as it is shipped."""
    folder = tmp_path_factory.mktemp("template")
    shutil.copytree(TEMPLATE, folder / "planner", ignore=shutil.ignore_patterns("__pycache__"))
    install(folder / "planner", folder / "site")
    return folder / "site"


@pytest.fixture(scope="module")
def unruly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install a package of planners that do not behave, and another that has a name in common with it."""
    folder = tmp_path_factory.mktemp("unruly")
    for name, code, points in (("unruly", UNRULY, POINTS), ("other", "", 'twice = "other:twice"\n')):
        install(package_of(folder / name, name, code, points), folder / "site")
    return folder / "site"


def run_with(site: Path, *arguments: str, module: str = "edgesim", **environment: str) -> tuple[int, str, str]:
    """Run a module where what is installed in a folder is found; return exit code, output and messages."""
    env = os.environ | {"PYTHONPATH": str(site), "COLUMNS": "200"} | environment
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, env=env, cwd=site, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_the_template_is_a_planner_in_twenty_lines() -> None:
    """Package and planner together, without empty lines."""
    texts = [(TEMPLATE / name).read_text() for name in ("pyproject.toml", "my_planner.py")]
    assert sum(bool(line.strip()) for text in texts for line in text.splitlines()) <= 20


def test_an_installed_planner_is_listed_and_compared(site: Path) -> None:
    """It has its lines with docstring and options, its rows beside the others, and can be asked for by name."""
    code, out, err = run_with(site, "list", "planners")
    assert (code, err) == (0, "")
    assert re.search(r"^my_planner\n    [A-Z].*\.\n    options: .*bitwidth=6", out, re.MULTILINE)
    code, out, err = run_with(site, "compare", "paper-odroid-400ms")
    assert (code, err) == (0, "")
    assert "my_planner[bitwidth=" in out
    code, out, err = run_with(site, "plan", "paper-odroid-400ms", "--planner", "my_planner[bitwidth=2]")
    assert (code, err) == (0, "")
    assert "my_planner[bitwidth=2]" in out


def test_the_template_passes_its_own_test(site: Path) -> None:
    """Contract and pytest plugin come with edgesim."""
    test = str(TEMPLATE / "test_my_planner.py")
    code, out, _ = run_with(
        site, "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-c", os.devnull, test, module="pytest"
    )
    assert code == 0, out
    assert "1 passed" in out


def test_others_are_compared_beside_the_unruly(unruly: Path) -> None:
    """Each that fails is left out with one sentence; exit code 3; wrx stays edgesim's."""
    code, out, err = run_with(unruly, "compare", "paper-odroid-400ms", EDGESIM_PLANNER_SECONDS="5")
    assert code == 3
    assert "prints" in out
    assert "wrx" in out
    told = {line for line in err.splitlines() if line.startswith("edgesim: left out ")}
    for says in (
        "absent: cannot be imported, ModuleNotFoundError: No module named 'no_such_module'",
        "crashes: crashed, killed by SIGABRT; with EDGESIM_PLANNER_SECONDS=0 it is called in edgesim",
        "never: was ended after 5 s without a plan; make it faster, or give it longer with EDGESIM_PLANNER_SE",
        "twice: is installed by several packages; write which one: other:twice or unruly:crashes",
    ):
        assert sum(line.startswith(f"edgesim: left out {says}") for line in told) == 1, err
    assert "this is not wrx" not in err
    assert "look at me\n" in err


def test_what_an_installed_planner_prints_spoils_no_json(unruly: Path) -> None:
    """Standard output has the JSON alone."""
    code, out, err = run_with(unruly, "plan", "quickstart", "--planner", "prints", "--json", "-")
    assert (code, err) == (0, "look at me\n")
    assert out.startswith("{\n")
