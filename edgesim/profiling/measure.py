"""The verb `profile`: this machine, or samples that were taken on some machine, become a device profile."""

import hashlib
import importlib.util
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from edgesim import __version__
from edgesim.atomic import check_writable, write_atomically
from edgesim.document import Name
from edgesim.errors import ExecutionError, InputError
from edgesim.files import read_model
from edgesim.files.write import plain_profile, write_profile
from edgesim.host.facts import machine_facts
from edgesim.model import Geometry
from edgesim.profiling import flash
from edgesim.profiling.fit import profile_of
from edgesim.profiling.imports.raw import read_raw
from edgesim.profiling.measured import Measured, Say, silent
from edgesim.profiling.samples import (
    SUFFIX,
    Header,
    Recording,
    parse_recording,
    recording_bytes,
    statistics,
    statistics_text,
)
from edgesim.shards.manifest import MODEL
from edgesim.shards.store import open_store

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


def profile(out: Path, task: Task, say: Say = silent) -> Recording:
    """Measure this machine, and write a profile, its samples and their statistics.

    Parameters
    ----------
    out
        The profile; ``NAME.samples.csv.gz`` and ``NAME.statistics.csv`` are written beside it.
    task
        What is to be measured.
    say
        Told how far it is.

    Returns
    -------
    Recording
        What was written.

    Raises
    ------
    InputError
        If something asked for is wrong or missing; nothing has been measured.
    ExecutionError
        If it cannot be measured here, or the machine is not quiet and that is not good enough; nothing is written.
    """
    _check(out, task)
    name = valid_name(task.name or out.stem)
    base = plain_profile(task.base) if task.base else None
    folder = task.folder or out.absolute().parent
    facts, session = machine_facts(folder), {"session": uuid.uuid4().hex[:8], "started": _now()}
    noise = _load_noise(facts)
    _refuse(noise, task)
    parts, geometry = _measured(task, folder, say)
    _refuse([why for part in parts.values() for why in part.disturbances], task)
    header = Header(
        **session, version=__version__, name=name, description=_description(facts, task, base), seed=task.seed,
        geometry=geometry, processor=task.processor if task.store else None, facts=facts, base=base,
        methods={part: found.method for part, found in parts.items()},
        details={part: found.details for part, found in parts.items()},
        doubts={part: (*noise, *found.disturbances, *found.doubts) for part, found in parts.items()},
    )  # fmt: skip
    recording = Recording(header, [sample for found in parts.values() for sample in found.samples])
    _write_all(out, recording)
    return recording


def recompute(samples: Path, out: Path) -> Recording:
    """Make a profile anew of the samples that a measurement left; it is the same to the byte.

    Raises
    ------
    InputError
        If the file is no file of samples, or the profile cannot be written.
    """
    _check_files(out)
    raw = read_raw(samples)
    recording = parse_recording(raw)
    _write(out, recording, raw.name, raw.sha256)
    return recording


def _write_all(out: Path, recording: Recording) -> None:
    """Write samples, profile and statistics; where that fails, only what was there before is left."""
    content, path = recording_bytes(recording), out.with_name(out.stem + SUFFIX)
    before = path.read_bytes() if path.is_file() else None
    write_atomically(path, content)
    try:
        _write(out, recording, path.name, hashlib.sha256(content).hexdigest())
    except BaseException:
        if before is None:
            path.unlink(missing_ok=True)
        else:
            write_atomically(path, before)
        raise


def _write(out: Path, recording: Recording, samples: str, digest: str) -> None:
    write_profile(out, profile_of(recording, f"Raw samples in {samples}, sha256 {digest}."))
    text = statistics_text(statistics(recording.samples))
    write_atomically(out.with_name(f"{out.stem}.statistics.csv"), text.encode())


def _check(out: Path, task: Task) -> None:
    """Refuse now what would fail after minutes."""
    _check_files(out)
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


def _check_files(out: Path) -> None:
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


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _load_noise(facts: Mapping[str, Any]) -> list[str]:
    load, cpus = facts.get("load"), facts["cpus_available"]
    if not load or load[0] <= QUIET_LOAD * cpus:
        return []
    return [f"the machine was busy before it began, load {load[0]:g} on {cpus} CPUs (limit {QUIET_LOAD * cpus:g})"]


def _refuse(noise: Sequence[str], task: Task) -> None:
    if noise and task.strict:
        raise ExecutionError(f"profile: the machine is not quiet, {'; '.join(noise)}; nothing was written, measure when"
                             " it is idle or without --strict")  # fmt: skip


def _measured(task: Task, folder: Path, say: Say) -> tuple[dict[str, Measured], Geometry | None]:
    """Measure layers, then reads: what is missing for layers is noticed at once."""
    parts: dict[str, Measured] = {}
    geometry = None
    if task.store is not None:
        from edgesim.profiling import compute

        effort = compute.QUICK if task.quick else compute.FULL
        store = open_store(task.store)
        geometry = read_model(store.folder / MODEL).geometry
        parts["compute"] = compute.measure_compute(store, task.processor, effort, task.seed, say)
    if task.storage:
        size = flash.QUICK if task.quick else flash.FULL
        parts["storage"] = flash.measure_flash(folder, size, task.seed, say)
    return parts, geometry


def _description(facts: Mapping[str, Any], task: Task, base: Mapping[str, Any] | None) -> str:
    what = " and ".join(["reads"] * task.storage + [f"layers on {task.processor}"] * (task.store is not None))
    here = f"{what} measured {'quickly ' * task.quick}on {facts['cpu'] or 'an unknown CPU'}, {facts['kernel']}"
    old = str((base or {}).get("description") or (base or {}).get("name", ""))
    return f"{old}; {here}" if old else here[0].upper() + here[1:]
