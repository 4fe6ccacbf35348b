"""Where the parts of a dataset are: in a folder for each planner, named by it."""

import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote, unquote

from edgesim.errors import InputError

PLANNER = "planner"
"""The planner is the name of a part's folder and no column of it."""
_PARTS = f"{PLANNER}=*/part-*-*.parquet"
_NUMBER = re.compile(r"part-\d+-(\d+)\.parquet")
_LONGEST = 255
"""Bytes in the name of a folder, in every file system that matters."""


def check_labels(labels: Iterable[str]) -> None:
    """Refuse now what cannot be the name of a folder.

    Raises
    ------
    InputError
        If a planner's label is too long.
    """
    for label in labels:
        if (size := len(_folder_name(label))) > _LONGEST:
            raise InputError(f"planner: {label}: is too long for the name of a folder, {size} bytes once encoded; at"
                             f" most {_LONGEST}: use a shorter name or path")  # fmt: skip


def _folder_name(label: str) -> str:
    return f"{PLANNER}={quote(label, safe='')}"  # as pyarrow does it, so that any reader gets the label back


def part_path(folder: Path, label: str, first: int, number: int) -> Path:
    """Return where the part is that begins with a point."""
    return folder / _folder_name(label) / f"part-{first:09}-{number:06}.parquet"


def label_of(path: Path) -> str:
    """Return the planner of a part."""
    return unquote(path.parent.name.removeprefix(f"{PLANNER}="))


def part_paths(folder: Path) -> list[Path]:
    """Return all parts of a dataset."""
    return sorted(folder.glob(_PARTS))


def next_number(folder: Path) -> int:
    """Return a number that no part has, nor one that was set aside."""
    names = (path.name for path in folder.glob(f"{PLANNER}=*/*part-*-*.parquet"))
    return max((int(found[1]) for name in names if (found := _NUMBER.search(name))), default=-1) + 1
