"""Which edgesim computes a sweep: its source, its revision, and what it rests on."""

import hashlib
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import edgesim

_LIBRARIES = ("numpy", "pandas", "pyarrow", "simpy")


def source_digest() -> str:
    """Return a SHA-256 of all of edgesim's Python files: the same code has the same, in a checkout or not."""
    folder, digest = Path(edgesim.__file__).parent, hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def git_revision() -> str | None:
    """Return the commit of the checkout that edgesim is run from, with ``-dirty`` if its files differ; None if none."""
    folder = Path(edgesim.__file__).parent
    try:
        _git(folder, "ls-files", "--error-unmatch", "__init__.py")  # or it lies in the checkout of something else
        said = _git(folder, "status", "--porcelain=2", "--branch", "--", ".").splitlines()
    except (OSError, subprocess.CalledProcessError):
        return None
    commit = next(line.split()[2] for line in said if line.startswith("# branch.oid "))
    return commit if all(line.startswith("#") for line in said) else f"{commit}-dirty"


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()


def versions() -> dict[str, str | None]:
    """Return the revision and the versions of Python and of libraries: to know them, not to compare them."""
    python = ".".join(map(str, sys.version_info[:3]))
    return {"revision": git_revision(), "python": python} | {name: version(name) for name in _LIBRARIES}
