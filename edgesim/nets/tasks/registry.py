"""Tasks by name."""

from collections.abc import Callable
from pathlib import Path

from edgesim.errors import InputError, choose
from edgesim.nets.tasks.corpus import Corpus, read_corpus
from edgesim.nets.tasks.embedding import build_embedding
from edgesim.nets.tasks.glue import FORMATS, read_glue
from edgesim.nets.tasks.module import build_module
from edgesim.nets.tasks.package import build_package
from edgesim.nets.tasks.signature import build_signature
from edgesim.nets.tasks.task import Task

_BUILDERS: dict[str, Callable[[Corpus, int], Task]] = {
    "embedding": build_embedding,
    "module": build_module,
    "package": build_package,
    "signature": build_signature,
}
_GLUE = {f"glue:{name}": name for name in FORMATS}

TASKS = (*_BUILDERS, *_GLUE)
"""The names of all tasks."""


def build_task(name: str, seed: int = 0, folder: str | Path | None = None) -> Task:
    """Build a task by its name.

    Parameters
    ----------
    name
        One of `TASKS`.
    seed
        Chooses the splits and the pairs.
    folder
        For a GLUE task where its files are; for the others nothing.

    Raises
    ------
    InputError
        If there is no such task, or its files are missing or wrong.
    ExecutionError
        If this Python's standard library is incomplete.
    """
    if name not in TASKS:
        raise InputError(f"task: no such name, got '{name}'; {choose(name, TASKS)}")
    if name in _GLUE:
        if folder is None:
            raise InputError(f"task {name}: needs a folder, got none; name the one with its train.tsv and dev.tsv")
        return read_glue(folder, _GLUE[name], seed)
    if folder is not None:
        raise InputError(f"task {name}: takes no folder, got '{folder}'; it is made of the standard library")
    return _BUILDERS[name](read_corpus(), seed)
