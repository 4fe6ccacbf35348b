"""Plans in short -> what they read, as arrays: the same as written out and priced one by one, without a device."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from edgesim.planners.many.layers import Submodels
from edgesim.planners.many.pieces import Pieces, added
from edgesim.planners.streamed import Streamed
from edgesim.work import NEVER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgesim.batch.jobs import Flags, Integers


@dataclass(frozen=True, slots=True)
class Layout:
    """N plans of up to K loads and n layers; fields that are not explained are those of `edgesim.batch.jobs.Jobs`.

    Parameters
    ----------
    candidates
        The plans in short.
    submodel
        Place of each plan's submodel, (N,).
    ignores
        Whether a plan ignores the buffers, (N,).
    read, filled
        Pieces that are read by loads, and those that fill the preload buffer: for each the plan, for those that are
        read the load as well, and the piece.
    """

    candidates: Sequence[Streamed]
    submodel: "NDArray[np.intp]"
    ignores: "Flags"
    lanes: "Integers"
    loads: "Integers"
    load_bytes: "Integers"
    serves: "Flags"
    after: "Integers"
    freed_bytes: "Integers"
    held_bytes: "Integers"
    read: "tuple[Integers, Integers, Integers]"
    filled: "tuple[Integers, Integers]"

    @property
    def n_bytes(self) -> int:
        """Memory that the arrays and the plans take [B]."""
        arrays = (getattr(self, field.name) for field in fields(self)[1:-2])
        sizes: list[int] = [each.nbytes for each in chain(arrays, self.read, self.filled)]
        return sum(sizes) + 500 * len(self.candidates)


def laid_out(candidates: Sequence[Streamed], submodels: Submodels, pieces: Pieces) -> Layout:
    """Return at least one plan as arrays.

    Raises
    ------
    OverflowError
        If a number is too large for sums of 64 bits.
    """
    submodel = np.array([submodels.place[id(each.submodel)] for each in candidates], np.intp)
    most = int(submodels.n[submodel].max())
    executed, m = submodels.executed[submodel, :most], submodels.m[submodel, None]
    held = _held(candidates, executed)
    missing = np.where(executed, m - held, 0)
    asked = _requests(candidates, missing)
    every = held.shape
    bits, layers = np.broadcast_to(submodels.bits[submodel, None], every), submodels.layers[submodel, :most]
    width = np.broadcast_to(m, every)

    def piece(where: "tuple[Integers, ...]", first: "Integers", end: "Integers") -> "Integers":
        return pieces.of(bits[where], layers[where], width[where], first[where], end[where])

    nothing, reads, holds = np.zeros_like(held), np.nonzero(missing), np.nonzero(held)
    served, load = piece(reads, held, held + missing), asked.load[reads]
    serves = np.zeros((*asked.after.shape, most), np.bool_)
    serves[reads[0], load, reads[1]] = True
    read = reads[0], load, served
    if pieces.alike and asked.exists.sum() < len(served):  # what is read together is one run
        wholes = np.nonzero(asked.exists)
        read = wholes[0], asked.number[wholes], piece(wholes, nothing, asked.shards)
    filled = holds[0], piece(holds, nothing, held)
    size = pieces.n_bytes
    return Layout(
        candidates,
        submodel,
        ignores=np.array([each.ignores_buffers for each in candidates]),
        lanes=np.array([each.lanes for each in candidates], np.int64),
        loads=asked.exists.sum(axis=1),
        load_bytes=added(asked.after.shape, read[:2], size[read[2]]),
        serves=serves,
        after=asked.after,
        freed_bytes=added(missing.shape, reads, size[served]),
        held_bytes=added((len(candidates),), filled[:1], size[filled[1]]),
        read=read,
        filled=filled,
    )


class _Requests(NamedTuple):
    """How many shards each request brings, and whether any, (N, n); its number, that of each layer, (N, n).

    `after` is the layer that each load is held back for, (N, K). A request of which all is held is none.
    """

    shards: "Integers"
    exists: "Flags"
    number: "Integers"
    load: "Integers"
    after: "Integers"


def _requests(candidates: Sequence[Streamed], missing: "Integers") -> _Requests:
    group, start = _groups(candidates, missing.shape[1])
    shards = added(missing.shape, (np.arange(len(candidates))[:, None], group), missing)
    exists = shards > 0
    number = np.cumsum(exists, axis=1) - 1
    most = missing.shape[1]
    ahead = np.array([[most if each.ahead is None else each.ahead] for each in candidates])
    requests = np.nonzero(exists)
    after = np.full((len(candidates), int(exists.sum(axis=1).max())), NEVER, np.int64)
    after[requests[0], number[requests]] = np.maximum(start - ahead - 1, NEVER)[requests]
    return _Requests(shards, exists, number, np.take_along_axis(number, group, axis=1), after)


def _held(candidates: Sequence[Streamed], executed: "Flags") -> "Integers":
    held = np.zeros(executed.shape, np.int64)
    if any(each.held for each in candidates):
        held[executed] = list(chain.from_iterable(each.held or (0,) * len(each.submodel.layers) for each in candidates))
    return held


def _groups(candidates: Sequence[Streamed], most: int) -> "tuple[Integers, Integers]":
    """Return which request each layer belongs to, (N, n), and the first layer of each request, (N, n)."""
    group = np.repeat(np.arange(most)[None], len(candidates), axis=0)
    start = group.copy()
    for plan, each in enumerate(candidates):
        if each.ends:
            group[plan] = np.searchsorted(each.ends, start[plan], side="right")
            start[plan, : len(each.ends)] = (0, *each.ends[:-1])
    return group, start
