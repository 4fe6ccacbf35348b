"""Bytes of the buffers at their peak, in many inferences at once; see `edgesim.memory.memory_steps`."""

from typing import TYPE_CHECKING

import numpy as np

from edgesim.batch.jobs import Jobs
from edgesim.batch.schedules import compiled
from edgesim.batch.times import Peaks, Times

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edgesim.batch.jobs import Integers

_NEVER = np.iinfo(np.int64).max


def peaks(jobs: Jobs, times: Times) -> Peaks:
    """Return what the buffers hold at their peak; a layer must take time.

    What is freed comes before what is reserved at the same moment, so that a peak is where a load is issued or a layer
    begins to take working memory: they are looked at, and nothing between them.
    """
    if (rows := compiled()) is not None:
        found: Peaks = rows.peaks(jobs, times)
        return found
    issued = np.where(np.arange(jobs.load_bytes.shape[1])[:, None] < jobs.loads, times.issued_ns.T, _NEVER)
    opened, finish = np.ascontiguousarray(times.opened_ns.T), np.ascontiguousarray(times.finish_ns.T)
    read, buffered, freed = (_sums(part) for part in (jobs.load_bytes, jobs.buffer_bytes, jobs.freed_bytes))
    working, job = _sums(jobs.working_bytes), np.arange(len(jobs))
    done, open_ = _count(finish, issued), _count(opened, issued)
    in_buffer = buffered[1:] - freed[done, job]
    at_loads = read[1:] - freed[done, job] + working[open_, job] - working[done, job]
    done, asked = _count(finish, opened), _count(issued, opened)
    at_work = working[1:] - working[done, job]
    at_layers = read[asked, job] - freed[done, job] + at_work
    most = np.maximum(at_loads.max(axis=0, initial=0), at_layers.max(axis=0, initial=0))
    return Peaks(in_buffer.max(axis=0, initial=0), at_work.max(axis=0, initial=0), jobs.held_bytes + most)


def _sums(parts: "Integers") -> "Integers":
    """Return the sums of none, the first, the first two.. of some parts, (parts + 1, N), of (N, parts)."""
    found = np.zeros((parts.shape[1] + 1, len(parts)), np.int64)
    np.cumsum(parts.T, axis=0, out=found[1:])
    return found


def _count(events: "Iterable[Integers]", moments: "Integers") -> "Integers":
    """Return how many events have happened at each moment, that moment included, (moments, N)."""
    found = np.zeros(moments.shape, np.int32)
    for event in events:
        found += event <= moments
    return found.astype(np.intp)
