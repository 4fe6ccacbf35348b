"""What requests are made of, each once for all plans: runs of shards of one layer, and how long reading them takes."""

from typing import TYPE_CHECKING

import numpy as np

from edgesim.cost import load_ns, request
from edgesim.device import Storage
from edgesim.model import Model
from edgesim.planners.submodels import slices_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgesim.batch.jobs import Integers

_LARGEST = 2**52
"""Sums over a thousand layers stay below 2**62."""


class Pieces:
    """Bytes and extents of runs of shards.

    A request for several layers of a model with records reads one run after the other; without records all shards are
    alike, and a request is one run of as many shards as it brings.
    """

    def __init__(self, model: Model) -> None:
        self.model, self.alike = model, model.records is None
        self.extents: list[tuple[int, ...]] = []
        self._n_bytes = np.zeros(0, np.int64)
        self._places: dict[int, int] = {}
        self._base = 1 + model.shards_per_layer

    @property
    def n_bytes(self) -> "Integers":
        """Bytes of each piece that is known so far."""
        if len(self._n_bytes) < len(self.extents):
            self._n_bytes = np.array([sum(extents) for extents in self.extents], np.int64)
        return self._n_bytes

    def of(self, bits: "Integers", layer: "Integers", m: "Integers", first: "Integers", end: "Integers") -> "Integers":
        """Return the places of some pieces, (R,).

        Parameters
        ----------
        bits
            Bitwidth of their shards, (R,).
        layer, m, first, end
            Layer of the model, how many slices of it the submodel has, and which of these are read; where all shards
            are alike, only how many.

        Raises
        ------
        OverflowError
            If one is too large for sums of 64 bits.
        """
        code = 64 * (end - first) + bits
        if not self.alike:
            code += 64 * self._base * (first + self._base * (m + self._base * layer))
        codes, back = np.unique(code, return_inverse=True)
        known = self._places
        return np.array([known[each] if each in known else self._learn(each) for each in codes.tolist()], np.intp)[back]

    def _learn(self, code: int) -> int:
        rest, bits = divmod(code, 64)
        if self.alike:
            shards = [(0, 0)] * rest
        else:
            rest, count = divmod(rest, self._base)
            rest, first = divmod(rest, self._base)
            layer, m = divmod(rest, self._base)
            shards = [(layer, index) for index in slices_of(self.model, (layer,), m)[0][first : first + count]]
        extents = request(self.model, [(shard, bits) for shard in shards]).extents
        _check(sum(extents))
        self._places[code] = len(self.extents)
        self.extents.append(extents)
        return len(self.extents) - 1


class Reads:
    """Time to read each piece from one storage."""

    def __init__(self, pieces: Pieces, storage: Storage) -> None:
        self._pieces, self._storage = pieces, storage
        self._times: dict[int, Integers] = {}

    def ns(self, depth: int) -> "Integers":
        """Return the time of every piece that is known so far [ns], with so many requests in service.

        Raises
        ------
        OverflowError
            If one is too long for sums of 64 bits.
        """
        known = self._times.get(depth, np.zeros(0, np.int64))
        if len(known) < len(self._pieces.extents):
            more = [load_ns(extents, self._storage, depth) for extents in self._pieces.extents[len(known) :]]
            _check(*more)
            known = self._times[depth] = np.concatenate([known, np.array(more, np.int64)])
        return known


def _check(*numbers: int) -> None:
    if max(numbers, default=0) >= _LARGEST:
        raise OverflowError(f"{max(numbers)} is too large for sums of 64 bits")


def added(shape: tuple[int, ...], where: "tuple[NDArray[np.intp], ...]", values: "Integers") -> "Integers":
    """Return sums of some values by where they belong."""
    found = np.zeros(shape, np.int64)
    np.add.at(found, where, values)
    return found
