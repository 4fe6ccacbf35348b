"""Jobs out of jobs: several put one behind the other, or some picked out."""

from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np

from edgesim.batch.jobs import Jobs
from edgesim.work import NEVER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgesim.batch.jobs import Flags

_Shape = dict[str, int]
_NAMES = tuple(field.name for field in fields(Jobs))
_AXES = (
    {"load_ns": "dK", "serves": "Kn"}
    | dict.fromkeys(("load_bytes", "buffer_bytes", "after"), "K")
    | dict.fromkeys(("freed_bytes", "working_bytes", "decompress_ns", "compute_ns"), "n")
    | dict.fromkeys(("decompress_after_wait_ns", "compute_after_wait_ns"), "n")
)
_TYPES = {"serves": np.bool_, "overlap": np.bool_, "fidelity": np.float64, "accuracy": np.float64}


def stacked(parts: Sequence[Jobs]) -> Jobs:
    """Put jobs one behind the other, padded to the most loads, layers and lanes among them.

    Parameters
    ----------
    parts
        Any number of jobs of any number of inferences; none make a batch of none.
    """
    counts = [len(part) for part in parts]
    starts = np.cumsum([0, *counts])
    alike: dict[tuple[int, ...], list[int]] = {}
    for place, part in enumerate(parts):
        alike.setdefault(tuple(_shape(part).values()), []).append(place)
    if len(alike) == 1:
        return Jobs(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in _NAMES})
    most = {axis: max((_shape(part)[axis] for part in parts), default=0) for axis in "dKn"}
    found = {name: _padding(name, int(starts[-1]), most) for name in _NAMES}
    for shape, places in alike.items():
        rows = np.concatenate([np.arange(starts[place], starts[place + 1]) for place in places])
        own = dict(zip("dKn", shape, strict=True))
        for name, values in found.items():
            values[(rows, *_within(name, own))] = np.concatenate([getattr(parts[place], name) for place in places])
    return Jobs(**found)


def taken(jobs: Jobs, rows: "NDArray[np.intp] | Flags") -> Jobs:
    """Return some of the jobs, in the order given, padded to no more than the most among them.

    Parameters
    ----------
    jobs
        N inferences.
    rows
        Their places, or one flag for each, (N,).
    """
    lanes, loads, layers = (int(np.max(count[rows], initial=0)) for count in (jobs.lanes, jobs.loads, jobs.layers))
    most = {"d": lanes, "K": loads, "n": layers}
    return Jobs(**{name: getattr(jobs, name)[(slice(None), *_within(name, most))][rows] for name in _NAMES})


def _shape(jobs: Jobs) -> _Shape:
    return {"d": jobs.load_ns.shape[1], "K": jobs.serves.shape[1], "n": jobs.serves.shape[2]}


def _within(name: str, shape: _Shape) -> tuple[Any, ...]:
    return tuple(slice(shape[axis]) for axis in _AXES.get(name, ""))


def _padding(name: str, jobs: int, shape: _Shape) -> "NDArray[Any]":
    wanted = jobs, *(shape[axis] for axis in _AXES.get(name, ""))
    return np.full(wanted, NEVER if name == "after" else 0, _TYPES.get(name, np.int64))
