"""Make a folder ready for a sweep, or find that it has this sweep already."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from edgesim.atomic import reason, replacing
from edgesim.errors import InputError
from edgesim.sweeps.disk import LOCK, synchronise, writing
from edgesim.sweeps.manifest import MANIFEST, Call, Identity, Manifest, manifest_text, read_manifest
from edgesim.sweeps.names import PLANNER
from edgesim.sweeps.source import versions

_TEMPORARY = ".edgesim.*.part"
"""As `edgesim.atomic.replacing` names them."""


def make_room(folder: Path, *, resume: bool) -> None:
    """Make the folder, or see that nothing in it is in the way.

    Raises
    ------
    InputError
        If something is, or it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        present = {path.name for path in folder.iterdir() if path.name != LOCK and not path.match(_TEMPORARY)}
    except OSError as error:
        raise InputError(f"{folder}: cannot be a folder for rows, {reason(error)}; choose another --out") from error
    if MANIFEST in present and not resume and has_rows(folder):
        raise InputError(f"{folder}: has a sweep already; go on with it with --resume, or choose another --out")
    if present and MANIFEST not in present:
        raise InputError(f"{folder}: is not empty and no sweep; choose another --out")


def has_rows(folder: Path) -> bool:
    """Tell whether anything is done of the sweep in a folder; one that failed at its start is no loss."""
    return next(folder.glob(f"{PLANNER}=*/*"), None) is not None


def begin(folder: Path, identity: Identity, columns: Mapping[str, str], units: Mapping[str, str]) -> Manifest:
    """Write or read the manifest of a folder that this process has locked, and remove what a killed one left.

    Raises
    ------
    InputError
        If it is that of another sweep.
    ExecutionError
        If the folder cannot be written.
    """
    manifest = Manifest(identity=identity, columns=dict(columns))
    if (folder / MANIFEST).exists() and has_rows(folder):
        manifest = read_manifest(folder)
        different = manifest.identity.differences(identity)
        if not different and manifest.columns != dict(columns):
            different = ["columns"]
        if different:
            raise InputError(f"{folder}: is another sweep, it differs in {'; '.join(different)}; choose another --out,"
                             " or remove it")  # fmt: skip
    call = Call(started=now(), versions=versions())
    with writing(folder):
        for pattern in (_TEMPORARY, f"*/{_TEMPORARY}"):
            for path in folder.glob(pattern):
                path.unlink()
        with suppress(PermissionError):  # the folder around it may be closed to us
            synchronise(folder.parent)
    return manifest.model_copy(update={"units": dict(units), "complete": False, "calls": (*manifest.calls, call)})


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write what a dataset says of itself; it is on disk when this returns.

    Raises
    ------
    OSError
        If it cannot be written; the one before is still there.
    """
    with replacing(folder / MANIFEST) as file:
        file.write(manifest_text(manifest).encode())
    synchronise(folder)


def now() -> str:
    """Return the time as manifests have it."""
    return datetime.now(UTC).isoformat(timespec="seconds")
