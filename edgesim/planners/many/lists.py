"""The candidates of a search that a target may choose: each is faster than all that are better."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from edgesim.batch.figures import fits
from edgesim.batch.jobs import UNLIMITED, Jobs
from edgesim.batch.schedules import schedules
from edgesim.batch.stack import taken
from edgesim.planners.streamed import Streamed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgesim.batch.jobs import Flags, Integers

_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Shortlist:
    """R candidates, the best first, and their makespans [ns], falling, (R,)."""

    candidates: Sequence[Streamed]
    makespan_ns: "Integers"

    @property
    def n_bytes(self) -> int:
        """Memory that it takes [B]."""
        return self.makespan_ns.nbytes + 500 * len(self.candidates) + 1000

    def first(self, target_ns: "Integers") -> "NDArray[np.intp]":
        """Return the place of the first candidate that meets each target, (T,), R where none does."""
        return np.searchsorted(-self.makespan_ns, -target_ns)


def shortlist(parts: Iterable[tuple[Sequence[Streamed], Jobs]], room: int) -> Shortlist:
    """Time all candidates with the load buffer they are given, and keep those that some target chooses.

    Parameters
    ----------
    parts
        Candidates, the best first, and the same priced.
    room
        Room of the load buffer [B], or `edgesim.batch.jobs.UNLIMITED`; some plans ignore it.

    Raises
    ------
    OverflowError
        If a candidate takes too long to be timed in 64 bits.
    """
    kept, times = list[Streamed](), list[int]()
    for candidates, jobs in parts:
        makespan = _makespan_ns(jobs, room, np.array([each.ignores_buffers for each in candidates]))
        fastest = np.minimum.accumulate(np.minimum(makespan, times[-1] if times else _NEVER))
        before = np.concatenate([[times[-1] if times else _NEVER], fastest[:-1]])
        faster = np.flatnonzero(fastest < before).tolist()
        kept += [candidates[place] for place in faster]
        times += makespan[faster].tolist()
    return Shortlist(kept, np.array(times, np.int64))


def _makespan_ns(jobs: Jobs, room: int, ignores: "Flags") -> "Integers":
    if not fits(jobs).all():
        raise OverflowError("a candidate takes too long for sums of 64 bits")
    roomy = np.where(ignores | (room == UNLIMITED), UNLIMITED, room)
    ends = ~_waits_for_itself(jobs, roomy)
    found = np.full(len(jobs), _NEVER)
    if ends.any():
        found[ends] = schedules(taken(replace(jobs, room_bytes=roomy), ends)).finish_ns.max(axis=1)
    return found


def _waits_for_itself(jobs: Jobs, room: "Integers") -> "Flags":
    """Return which inferences would never end, as `edgesim.rules.waits_for_itself` has it, (N,)."""
    number = np.arange(1, jobs.serves.shape[1] + 1)[:, None]
    needed = np.maximum.accumulate((jobs.serves * number).max(axis=1, initial=0), axis=1)
    issued, freed = _sums(jobs.buffer_bytes), _sums(jobs.freed_bytes)[:, :-1]
    least = (np.take_along_axis(issued, needed, axis=1) - freed).max(axis=1)
    latest = np.concatenate([np.full((len(jobs), 1), -1), np.maximum.accumulate(jobs.after, axis=1)], axis=1)
    held = np.take_along_axis(latest, needed, axis=1) >= np.arange(needed.shape[1])
    stuck: Flags = held.any(axis=1) | ((room != UNLIMITED) & (least > room))
    return stuck


def _sums(parts: "Integers") -> "Integers":
    """Return the sums of none, the first, the first two .. of some parts, (N, parts + 1)."""
    return np.concatenate([np.zeros((len(parts), 1), np.int64), np.cumsum(parts, axis=1)], axis=1)
