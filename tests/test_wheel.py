"""The wheel carries everything: built, installed elsewhere, and used from an empty folder."""

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest
import yaml

from edgesim import __version__

REPOSITORY = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel as an installer would."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        folder,
        REPOSITORY,
    ]
    subprocess.run(build, check=True)
    return next(folder.glob("edgesim-*.whl"))


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an environment that sees this one's libraries, but not this checkout."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder), "platbase": str(folder)}))
    site.joinpath("libraries.pth").write_text(sysconfig.get_path("purelib"))
    install = [sys.executable, "-m", "pip", "--python", folder / "bin" / "python", "install", "--quiet", "--no-deps"]
    subprocess.run([*install, "--no-index", wheel], check=True)
    return folder


def run(environment: Path, folder: Path, *arguments: str) -> str:
    """Run the installed command in a folder, with nothing of this process's environment but the path."""
    command = [environment / "bin" / "edgesim", *arguments]
    clean = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    return subprocess.run(command, cwd=folder, env=clean, check=True, capture_output=True, text=True).stdout


@pytest.mark.xdist_group("wheel")
def test_wheel_has_the_data_and_nothing_else(wheel: Path) -> None:
    """Profiles, models, scenarios, schemas and the typing marker are inside; tests and notebooks are not."""
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert tops == {"edgesim", next(top for top in tops if top.endswith(".dist-info"))}
    data = {name.removeprefix("edgesim/_data/") for name in names if name.startswith("edgesim/_data/")}
    kept = {".yaml", ".json", ".csv", ".py", ".toml"}
    expected = {
        path.relative_to(REPOSITORY).as_posix()
        for folder in ("device_profiles", "scenarios")
        for path in (REPOSITORY / folder).rglob("*")
        if (path.suffix in kept or path.name.endswith(".json.gz")) and "__pycache__" not in path.parts
    }
    assert data == expected
    package = (
        path for path in (REPOSITORY / "edgesim").rglob("*") if path.is_file() and "__pycache__" not in path.parts
    )
    assert {path.relative_to(REPOSITORY).as_posix() for path in package} <= set(
        names
    )  # py.typed, and parts of pages, too


@pytest.mark.xdist_group("wheel")
def test_the_sdist_builds_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    """From what is in it alone, and it has documents and tests besides."""
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", tmp_path, REPOSITORY]  # wheel from sdist
    subprocess.run(build, check=True, capture_output=True)
    again = next(tmp_path.glob("*.whl"))
    assert again.name == wheel.name
    assert digests(again) == digests(wheel)
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    projects = ("LICENSE", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "CITATION.cff", ".ci/run", "docs/conf.py")
    assert {*projects, "tests/test_wheel.py", "notebooks/01_first_run.ipynb", "tests/golden/planners.json"} <= names
    assert not [name for name in names if "__pycache__" in name or name.startswith(("docs/_build", "site/"))]


def digests(wheel: Path) -> dict[str, int]:
    """Return a checksum of each file in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {one.filename: one.CRC for one in archive.infolist()}


@pytest.mark.xdist_group("wheel")
def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    """Its version, licence and typing; every extra; the citation is of the same version and licence."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = message_from_bytes(archive.read(name))
        assert name.replace("METADATA", "licenses/LICENSE") in archive.namelist()
    assert (metadata["Version"], metadata["License-Expression"]) == (__version__, "Apache-2.0")
    classifiers = metadata.get_all("Classifier", [])
    assert "Typing :: Typed" in classifiers
    assert metadata["Requires-Python"] == ">=3.11"
    extras = {"oracle", "parquet", "cluster", "notebook", "real", "reference", "docs", "dev"}
    assert set(metadata.get_all("Provides-Extra", [])) == extras
    citation = yaml.safe_load((REPOSITORY / "CITATION.cff").read_text())
    assert (citation["version"], citation["license"]) == (__version__, "Apache-2.0")
    assert __version__ in (REPOSITORY / "CHANGELOG.md").read_text()


@pytest.mark.xdist_group("wheel")
def test_wheel_runs_from_an_empty_folder(environment: Path, tmp_path: Path) -> None:
    """The quickstart, the plugin example and every listing work without the checkout."""
    assert "met" in run(environment, tmp_path, "run", "quickstart")
    assert "all_or_nothing" in run(environment, tmp_path, "compare", "plugin-planner")
    for what in ("planners", "devices", "models", "scenarios", "backends"):
        assert json.loads(run(environment, tmp_path, "list", what, "--json", "-"))
    run(environment, tmp_path, "run", "fig6", "--html", "page.html")
    page = tmp_path / "page.html"
    assert "</html>" in page.read_text()
    page.unlink()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.xdist_group("wheel")
def test_wheel_gives_the_same_result_as_the_checkout(environment: Path, tmp_path: Path) -> None:
    """The JSON of the installed package equals the checkout's, provenance included."""
    here = [
        sys.executable,
        "-m",
        "edgesim",
        "run",
        str(REPOSITORY / "scenarios" / "quickstart.yaml"),
        "--json",
        "-",
    ]
    expected = subprocess.run(here, check=True, capture_output=True, text=True).stdout
    assert run(environment, tmp_path, "run", "quickstart", "--json", "-") == expected
