"""The verb `profile`: this machine, or samples that were taken on some machine, become a device profile."""

import hashlib
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edgesim import __version__
from edgesim.atomic import write_atomically
from edgesim.files import read_model
from edgesim.files.write import plain_profile, write_profile
from edgesim.host.facts import machine_facts
from edgesim.model import Geometry
from edgesim.profiling import flash
from edgesim.profiling.derived import derived
from edgesim.profiling.fit import profile_of
from edgesim.profiling.imports.raw import read_raw
from edgesim.profiling.measured import Measured, Say, silent
from edgesim.profiling.samples import (
    SUFFIX,
    TABLE_SUFFIX,
    Header,
    Recording,
    parse_recording,
    recording_bytes,
    statistics,
    statistics_text,
)
from edgesim.profiling.task import Task, check_files, check_task, load_noise, refuse_noise, valid_name
from edgesim.shards.manifest import MODEL
from edgesim.shards.store import open_store
from edgesim.spread import HOT, LAYER


def profile(out: Path, task: Task, say: Say = silent) -> Recording:
    """Measure this machine, and write a profile, its samples and their statistics.

    Parameters
    ----------
    out
        The profile; ``NAME.samples.csv.gz`` and ``NAME.statistics.csv``, which it names, are written beside it.
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
    check_task(out, task)
    header = _header(out, task)
    noise = load_noise(header.facts)
    refuse_noise(noise, task)
    parts, geometry = _measured(task, task.folder or out.absolute().parent, say)
    refuse_noise([why for part in parts.values() for why in part.disturbances], task)
    known = {
        "geometry": geometry,
        "methods": {part: found.method for part, found in parts.items()},
        "details": {part: found.details for part, found in parts.items()},
        "doubts": {part: (*noise, *found.disturbances, *found.doubts) for part, found in parts.items()},
    }
    samples = [sample for found in parts.values() for sample in found.samples]
    recording = Recording(header.model_copy(update=known), samples)
    _write_all(out, recording)
    return recording


def _header(out: Path, task: Task) -> Header:
    """Return what is known before anything is measured."""
    base = plain_profile(task.base) if task.base else None
    facts = machine_facts(task.folder or out.absolute().parent)
    return Header(
        version=__version__,
        name=valid_name(task.name or out.stem),
        description=_description(facts, task, base),
        session=uuid.uuid4().hex[:8],
        started=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        seed=task.seed,
        processor=task.processor if task.store else None,
        facts=facts,
        base=base,
    )


def recompute(samples: Path, out: Path) -> Recording:
    """Make a profile anew of the samples that a measurement left; it is the same to the byte.

    Raises
    ------
    InputError
        If the file is no file of samples, or the profile cannot be written.
    """
    check_files(out)
    raw = read_raw(samples)
    recording = parse_recording(raw)
    _write(out, recording, raw.name, raw.sha256)
    return recording


def _write_all(out: Path, recording: Recording) -> None:
    """Write samples, statistics and profile; where that fails, only what was there before is left."""
    content, path = recording_bytes(recording), out.with_name(out.stem + SUFFIX)
    with _or_as_before(path):
        write_atomically(path, content)
        _write(out, recording, path.name, hashlib.sha256(content).hexdigest())


@contextmanager
def _or_as_before(path: Path) -> Iterator[None]:
    before = path.read_bytes() if path.is_file() else None
    try:
        yield
    except BaseException:
        if before is None:
            path.unlink(missing_ok=True)
        else:
            write_atomically(path, before)
        raise


def _write(out: Path, recording: Recording, samples: str, digest: str) -> None:
    """Write a profile, and its statistics under the name of the samples, so that neither depends on `out`."""
    profile = profile_of(recording, f"Raw samples in {samples}, sha256 {digest}.")
    table = samples.removesuffix(SUFFIX) + TABLE_SUFFIX
    statistics_of_all = statistics(recording.samples) | derived(recording.samples, profile)
    named = {"statistics": {"file": table} | _measured_layers(recording)}
    with _or_as_before(out.with_name(table)):
        write_profile(out, profile | named, {table: statistics_text(statistics_of_all)})


def _measured_layers(recording: Recording) -> dict[str, Any]:
    """Say what the statistics of layers are of; nothing where none were measured."""
    header = recording.header
    if not any((sample.quantity, sample.state) == (LAYER, HOT) for sample in recording.samples):
        return {}
    assert header.geometry is not None
    return {"processor": header.processor, "geometry": header.geometry.model_dump(mode="json")}


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
