"""What is to be measured, and what is refused before or because of it."""

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from edgesim.atomic import check_writable
from edgesim.document import Name
from edgesim.errors import ExecutionError, InputError

QUIET_LOAD = 0.5
"""Runnable threads by CPU, averaged over a minute, above which a machine is not quiet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is to be measured.

    Parameters
    ----------
    store
        Shard store whose layers are timed; None measures storage only.
    storage
        Measure the storage, too.
    processor
        What computes the layers.
    folder
        Where the file lies that reads are timed with; by default where the profile is written.
    base
        A profile that gives what is not measured.
    name
        The profile's; by default that of its file.
    seed
        Chooses bytes, places, plans and orders.
    quick
        Measure less, and trust it less.
    strict
        Refuse a machine that is not quiet, instead of saying so in the profile.
    """

    store: Path | None = None
    storage: bool = True
    processor: str = "cpu"
    folder: Path | None = None
    base: str | None = None
    name: str | None = None
    seed: int = 0
    quick: bool = False
    strict: bool = False


def check_task(out: Path, task: Task) -> None:
    """Refuse now what would fail after minutes.

    Raises
    ------
    InputError
        If something is missing or wrong.
    """
    check_files(out)
    if task.seed < 0:
        raise InputError(f"--seed: must not be negative, got {task.seed}")
    if task.folder and not task.folder.is_dir():
        raise InputError(f"--folder: there is no folder {task.folder}")
    if task.store is None:
        if not task.storage:
            raise InputError("--compute-only: needs --store, a shard store; 'edgesim shard' makes one")
        return
    if not task.storage and task.base is None:
        raise InputError("--device: is missing, layer times alone are no device; name the profile that they belong to")
    if importlib.util.find_spec("torch") is None:
        raise InputError("PyTorch is needed to time layers; install it with: pip install 'edgesim[real]', or measure"
                         " with --storage-only")  # fmt: skip


def check_files(out: Path) -> None:
    """Refuse a profile that cannot be written.

    Raises
    ------
    InputError
        If it has another suffix, or no folder.
    """
    if out.suffix != ".yaml":
        raise InputError(f"--out: must be a file that ends in .yaml, got {out}")
    check_writable(out)


def valid_name(name: str) -> str:
    """Return a name that a profile can have.

    Raises
    ------
    InputError
        If it is none.
    """
    try:
        return TypeAdapter(Name).validate_python(name)
    except ValidationError as error:
        raise InputError(f"--name: must have letters, digits, dots, hyphens and underscores, 80 at most, got"
                         f" '{name[:90]}'") from error  # fmt: skip


def load_noise(facts: Mapping[str, Any]) -> list[str]:
    """Say why a machine was not quiet before it was measured, by its load."""
    load, cpus = facts.get("load"), facts["cpus_available"]
    if not load or load[0] <= QUIET_LOAD * cpus:
        return []
    return [f"the machine was busy before it began, load {load[0]:g} on {cpus} CPUs (limit {QUIET_LOAD * cpus:g})"]


def refuse_noise(noise: Sequence[str], task: Task) -> None:
    """Refuse a machine that was not quiet, where that was asked for.

    Raises
    ------
    ExecutionError
        If there is a reason, and the task is strict.
    """
    if noise and task.strict:
        raise ExecutionError(f"profile: the machine is not quiet, {'; '.join(noise)}; nothing was written, measure when"
                             " it is idle or without --strict")  # fmt: skip
