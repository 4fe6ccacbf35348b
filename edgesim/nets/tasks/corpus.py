"""The English that comes with every Python: docstrings and comments of its own standard library."""

import hashlib
import platform
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

from edgesim.errors import ExecutionError
from edgesim.nets.tasks.source import Function, Passage, read_source

PACKAGES = (
    "asyncio", "collections", "concurrent", "ctypes", "curses", "dbm", "email", "encodings", "html", "http",
    "importlib", "json", "logging", "multiprocessing", "re", "sqlite3", "tomllib", "unittest", "urllib", "wsgiref",
    "xml", "xmlrpc", "zoneinfo",
)  # fmt: skip
"""Read besides all single modules; a distribution may leave out others, such as tkinter, idlelib and test."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Corpus:
    """What the standard library says.

    Attributes
    ----------
    passages
        In the order of their files; no text twice.
    functions
        The same; no signature and no summary twice.
    sha256
        Hash of all texts and the files they are from.
    python
        Version of the Python whose library was read.
    """

    passages: tuple[Passage, ...]
    functions: tuple[Function, ...]
    sha256: str
    python: str


@cache
def read_corpus() -> Corpus:
    """Read the standard library of the running Python, once for each process.

    Raises
    ------
    ExecutionError
        If this Python comes without the source of its library.
    """
    root = Path(sysconfig.get_paths()["stdlib"])
    sources = [read_source(root / document, document) for document in _documents(root)]
    passages = first_of_each((item for source in sources for item in source.passages), lambda item: item.text)
    functions = first_of_each((item for source in sources for item in source.functions), lambda item: item.signature)
    functions = first_of_each(functions, lambda item: item.summary)
    if not passages or not functions:
        raise ExecutionError(f"{root}: must have the source of the standard library, got no text;"
                             " use a Python that comes with its .py files")  # fmt: skip
    return Corpus(passages, functions, _sha256(passages, functions), platform.python_version())


def first_of_each(items: Iterable[Item], text: Callable[[Item], str]) -> tuple[Item, ...]:
    """Drop every item whose text was there before, in whatever case."""
    first: dict[str, Item] = {}
    for item in items:
        first.setdefault(text(item).casefold(), item)
    return tuple(first.values())


def _documents(root: Path) -> Iterator[str]:
    # a distribution puts modules of its own beside Python's
    yield from sorted(path.name for path in root.glob("*.py") if path.stem in sys.stdlib_module_names)
    for package in PACKAGES:
        paths = (path.relative_to(root) for path in (root / package).rglob("*.py"))
        yield from sorted(path.as_posix() for path in paths if not {"test", "tests"} & set(path.parts))


def _sha256(passages: Iterable[Passage], functions: Iterable[Function]) -> str:
    lines = [f"{item.document}\t{item.text}" for item in passages]
    lines += [f"{item.document}\t{item.signature}\t{item.summary}" for item in functions]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
