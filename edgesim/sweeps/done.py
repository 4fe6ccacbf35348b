"""Which points of a sweep have a row, found in the parts themselves."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgesim.errors import InputError
from edgesim.sweeps.manifest import Manifest
from edgesim.sweeps.names import label_of, part_paths
from edgesim.sweeps.parts import POINT, DamagedPartError, read_part

STATUS = "status"
_DAMAGED = "_damaged-"
"""Readers skip files whose names begin with ``_``."""


class Done:
    """Points that have a row, and how many rows each part, and each planner of each status, has."""

    def __init__(self, points: int) -> None:
        self.known: NDArray[np.bool_] = np.zeros(points, np.bool_)
        self.parts: dict[str, int] = {}
        self.counts: dict[str, Counter[str]] = {}

    def take(self, points: NDArray[np.int64]) -> int | None:
        """Note points, or return one of them that is known, there twice or not of the sweep, and note none."""
        outside = (points < 0) | (points >= len(self.known))
        if outside.any():
            return int(points[outside][0])
        ordered = np.sort(points)
        twice = ordered[1:][ordered[1:] == ordered[:-1]]
        wrong = np.concatenate([points[self.known[points]], twice])
        if len(wrong):
            return int(wrong[0])
        self.known[points] = True
        return None

    def count(self, part: str, label: str, statuses: Mapping[str, int]) -> None:
        """Count the rows of a part."""
        self.parts[part] = sum(statuses.values())
        self.counts.setdefault(label, Counter()).update(statuses)


def scan(folder: Path, manifest: Manifest) -> tuple[Done, list[str]]:
    """Find out what is done, and set damaged parts aside.

    Returns
    -------
    done, notices
        What is done, and a sentence for each part that was damaged.

    Raises
    ------
    InputError
        If a part has a point that another has too, or that is not of the sweep.
    """
    done, notices = Done(manifest.identity.points), []
    for path in part_paths(folder):
        try:
            table = read_part(path, {POINT: "Int64", STATUS: "string"})
        except DamagedPartError as error:
            path.rename(path.with_name(_DAMAGED + path.name))
            notices.append(f"{path}: is damaged, {error}; it was set aside as {_DAMAGED}{path.name}, and its points"
                           " are computed again")  # fmt: skip
            continue
        wrong = done.take(table[POINT].to_numpy())
        if wrong is not None:
            raise InputError(f"{path}: has point {wrong}, which another part has too or the sweep has not; no sweep"
                             " writes such a part: remove it if it is a copy, and go on with --resume")  # fmt: skip
        counts = {row["values"]: row["counts"] for row in table[STATUS].value_counts().to_pylist()}
        done.count(path.relative_to(folder).as_posix(), label_of(path), counts)
    return done, notices
