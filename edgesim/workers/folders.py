"""A folder that goes with the process that made it, however that ends."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Make a folder that is removed at the end, and by another process if this one is killed before."""
    from loky.backend import resource_tracker

    folder = tempfile.mkdtemp(prefix="edgesim.")
    resource_tracker.register(folder, "folder")
    try:
        yield Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        resource_tracker.unregister(folder, "folder")
