"""Times of many reads at once, from storages that differ: a line is computed, points of a table are looked up."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from edgesim.cost import read_ns
from edgesim.device import SECOND, Storage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgesim.batch.jobs import Integers

_SHIFT = 40
"""A storage with a table and a size in bytes make one key: sizes stay below 2**40."""
_END = np.iinfo(np.int64).max


class Reads:
    """Time of one extent by its bytes, at depth 1: `edgesim.cost.read_ns`, computed once for each size in a table.

    Parameters
    ----------
    storages
        Where each of B scenarios reads from.
    """

    def __init__(self, storages: Sequence[Storage]) -> None:
        lines = [storage.read.bandwidth is not None for storage in storages]
        self._tables = {id(each): each for each, line in zip(storages, lines, strict=True) if not line}
        places = {key: place for place, key in enumerate(self._tables)}
        self._storages = list(self._tables.values())
        self._key = np.array([places.get(id(storage), 0) << _SHIFT for storage in storages], np.int64)
        self._latency = np.array([storage.read.latency or 0 for storage in storages], np.int64)
        self._bandwidth = np.array([storage.read.bandwidth or SECOND for storage in storages], np.int64)
        self._is_table = ~np.array(lines, np.bool_)
        self._known = np.array([_END], np.int64)
        self._times = np.array([0], np.int64)

    def __call__(self, n_bytes: "Integers", base: "NDArray[np.intp]") -> "Integers":
        """Return times [ns], (..., R), of positive sizes [B], (..., R), on the storages of R scenarios, (R,)."""
        if not self._storages:
            return self._line(n_bytes, base)
        tables = self._is_table[base]
        if tables.all():
            return self._looked_up(n_bytes + self._key[base])
        times, columns = self._line(n_bytes, base), np.flatnonzero(tables)
        times[..., columns] = self._looked_up(n_bytes[..., columns] + self._key[base[columns]])
        return times

    def _line(self, n_bytes: "Integers", base: "NDArray[np.intp]") -> "Integers":
        times: Integers = self._latency[base] - (n_bytes * -SECOND // self._bandwidth[base])
        return times

    def _looked_up(self, keys: "Integers") -> "Integers":
        places = np.searchsorted(self._known, keys)
        missing = self._known[places] != keys
        if missing.any():
            self._learn(np.unique(keys[missing]))
            places = np.searchsorted(self._known, keys)
        return self._times[places]

    def _learn(self, keys: "Integers") -> None:
        pairs = [(self._storages[key >> _SHIFT], key & ((1 << _SHIFT) - 1)) for key in keys.tolist()]
        known = np.concatenate([self._known, keys])
        times = np.concatenate([self._times, [read_ns(n_bytes, storage) for storage, n_bytes in pairs]])
        order = np.argsort(known)
        self._known, self._times = known[order], times[order]
