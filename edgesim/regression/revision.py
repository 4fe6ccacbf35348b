"""The source tree of a git revision, in a temporary folder: where the old planners are."""

import subprocess
import tarfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from edgesim.errors import InputError
from edgesim.plugins import PLANNERS
from edgesim.regression.outside import about
from edgesim.workers import temporary_folder


@dataclass(frozen=True, slots=True)
class Trees:
    """A revision's source tree, and the working tree of the same repository."""

    revision: str
    commit: str
    old: Path
    new: Path

    def __str__(self) -> str:
        return self.revision if self.commit.startswith(self.revision) else f"{self.revision} ({self.commit[:7]})"

    def then(self, folder: str) -> str:
        """Return where a folder of the working tree was in the revision; any other is the same."""
        here = Path(folder).resolve()
        return str(self.old / here.relative_to(self.new)) if here.is_relative_to(self.new) else folder


@contextmanager
def exported(revision: str, named_by_file: bool = False) -> Iterator[Trees]:
    """Write a revision of the repository around the current folder to a temporary one; git is only read.

    Parameters
    ----------
    revision
        As git names it.
    named_by_file
        Planners are given by module or file; else the repository must be edgesim's, or a distribution with planners.

    Raises
    ------
    InputError
        If there is no git, no repository or no such revision, or its planners cannot be called.
    """
    top = Path(_git("rev-parse", "--show-toplevel").decode().rstrip("\n")).resolve()
    commit = _commit(revision)
    with temporary_folder() as folder:
        _unpack(_git("-C", str(top), "archive", "--format=tar", commit), folder)
        if not (_name_planners(folder) or named_by_file or (folder / "edgesim").is_dir()):
            raise InputError(f"--base: {revision} has no planners; run it in the repository that has them")
        trees = Trees(revision, commit, folder, top)
        for name, tree in ((revision, folder), ("the working tree", top)):
            _check_callable(name, tree)
        yield trees


def _commit(revision: str) -> str:
    try:
        return _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").decode().strip()
    except InputError as error:
        raise InputError(f"--base: no such revision, got '{revision}'; 'git log --oneline' shows them") from error


def _unpack(content: bytes, folder: Path) -> None:
    with suppress(tarfile.ReadError), tarfile.open(fileobj=BytesIO(content)) as archive:  # a revision may be empty
        archive.extraction_filter = getattr(tarfile, "data_filter", archive.extraction_filter)
        archive.extractall(folder)


def _git(*arguments: str) -> bytes:
    try:
        return subprocess.run(["git", *arguments], capture_output=True, check=True).stdout
    except FileNotFoundError as error:
        raise InputError("--base: needs git, which is not installed; --against compares with a file") from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().removeprefix("fatal: ").partition("\n")[0]
        raise InputError(f"--base: git refuses, {said}; --against compares with a file") from error


def _name_planners(folder: Path) -> bool:
    """Write the entry points of a revision's own distribution, which hide those installed; tell if it has planners."""
    try:
        project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    except (OSError, ValueError, KeyError):
        return False
    groups = project.get("entry-points", {})
    lines = [line for group, points in groups.items() for line in (f"[{group}]", *map(" = ".join, points.items()))]
    name = project.get("name", "")
    metadata = folder / f"{name.replace('-', '_')}-0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0\n")
    (metadata / "entry_points.txt").write_text("\n".join(lines) + "\n")
    return PLANNERS in groups


def _check_callable(name: str, tree: Path) -> None:
    """Refuse a tree whose edgesim cannot be asked, or is not the one that answers."""
    found, said = about(tree)
    if found is None:
        raise InputError(f"--base: the planners of {name} cannot be called, it is too old or broken: {said}")
    if (tree / "edgesim" / "__init__.py").is_file() and not Path(found).resolve().is_relative_to(tree.resolve()):
        raise InputError(f"--base: {found} answers instead of edgesim in {name}; run it where nothing hides {tree}")
