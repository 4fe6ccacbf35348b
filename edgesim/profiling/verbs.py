"""The verb `profile`, for Python: measure this machine, and return the device profile that was written."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edgesim.device import Device
from edgesim.errors import EdgesimError
from edgesim.files import read_device
from edgesim.profiling import measure
from edgesim.profiling.measured import Say, silent
from edgesim.profiling.task import Task

_KEYWORDS = {"compute-only": "storage=False", "storage-only": "store=None", "strict": "strict=True"}
"""What options of the command are called here, unless they have the same name."""


def profile(  # noqa: PLR0913  (all but one are keyword-only options)
    out: str | Path,
    *,
    store: str | Path | None = None,
    storage: bool = True,
    processor: str = "cpu",
    folder: str | Path | None = None,
    device: str | Path | None = None,
    name: str | None = None,
    quick: bool = False,
    strict: bool = False,
    seed: int = 0,
    progress: Say = silent,
) -> Device:
    """Measure this machine's flash and, with a shard store, how fast it computes layers; write a device profile.

    What makes the measurement doubtful, such as a busy machine or a cache, is said in the text of its `source`.

    Parameters
    ----------
    out
        The profile to write (.yaml); ``NAME.samples.csv.gz`` and ``NAME.statistics.csv`` are written beside it.
    store
        Folder of a shard store whose layers are timed; without it only the storage is measured, and PyTorch not needed.
    storage
        Measure the storage, too.
    processor
        What computes the layers: ``cpu`` or ``cuda``.
    folder
        A folder on the flash to measure; by default that of `out`.
    device
        A profile that gives what is not measured, such as layer times: a file, or the name of a shipped one.
    name
        The profile's; by default that of its file.
    quick
        A tenth of the samples, in less than a minute.
    strict
        Refuse a machine that is not quiet.
    seed
        Chooses bytes, places, plans and orders.
    progress
        Called with what is done, how much of it, and of how much.

    Raises
    ------
    InputError
        If something asked for is wrong or missing, or the folder lies in memory; nothing has been measured.
    ExecutionError
        If it cannot be measured here, or the machine is not quiet and that is not good enough; nothing is written.
    """
    task = Task(
        store=Path(store) if store else None, storage=storage, processor=processor,
        folder=Path(folder) if folder else None, base=str(device) if device else None,
        name=name, seed=seed, quick=quick, strict=strict,
    )  # fmt: skip
    with _named_as_here():
        measure.profile(Path(out), task, progress)
    return read_device(Path(out))


@contextmanager
def _named_as_here() -> Iterator[None]:
    """Let errors name keywords, not the command's options."""
    try:
        yield
    except EdgesimError as error:
        found = re.sub(r"--([a-z-]+)", lambda option: _KEYWORDS.get(option[1], option[1]), str(error))
        error.args = (found,)
        raise
