"""Bounds of what a submodel can be worth, in tens of microseconds: what spares `wrx_plus` most of its knapsacks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgesim.planners.hull import raises
from edgesim.planners.plus.stock import Stock

Floats = NDArray[np.float64]
Indexes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A submodel's raises, from the one worth most by the byte down: bytes, gain and shard of each.

    `least` is what each shard is worth at its smallest, `base` its bytes then, (N,), in layer order.
    """

    bytes: Floats
    gain: Floats
    shard: Indexes
    least: Floats
    base: Indexes

    def of(self, rooms: Sequence[float], free: NDArray[np.bool_]) -> float:
        """Return what some shards are worth at most if those of the layers up to each have some room.

        Parameters
        ----------
        rooms
            Room of the layers up to each [B], (n,).
        free
            Which shards are counted, (N,); no others take room.

        Returns
        -------
        float
            Minus infinity where there is no room for the smallest versions.

        Notes
        -----
        A chain of rooms is filled best by taking raises in order until one room is full, which settles the shards in
        it, and going on with the others (J. Edmonds, Submodular functions, matroids, and certain polyhedra, 1970: the
        greedy algorithm is optimal for polymatroids).
        """
        n, every = len(rooms), len(self.base)
        stops = np.arange(1, n + 1) * (every // n)
        base = np.where(free, self.base, 0).cumsum()[stops - 1]
        left = np.array(rooms, np.float64) - base
        if left.min() < 0:
            return -np.inf
        worth = float(self.least[free].sum())
        if not len(self.shard):
            return worth
        n_bytes = np.where(free[self.shard], self.bytes, 0.0)
        filled = np.where(self.shard < stops[:, None], n_bytes, 0.0).cumsum(axis=1)
        settled, used, done = 0, 0.0, 0
        while done < n:
            before = filled[done - 1] if done else np.zeros(len(self.shard))
            over = filled[done:] - before > (left[done:] - used)[:, None]
            whole = np.where(over.any(axis=1), over.argmax(axis=1), over.shape[1])
            tight = len(whole) - 1 - int(whole[::-1].argmin())  # the last of those that are full first
            first, tight = int(whole[tight]), tight + done
            shard = self.shard[:first]
            worth += float(self.gain[:first][(shard >= settled) & (shard < stops[tight]) & free[shard]].sum())
            if first < len(self.shard):
                excess = filled[tight, first] - before[first] - (left[tight] - used)
                worth += float(self.gain[first] * (1 - excess / self.bytes[first]))
            settled, used, done = int(stops[tight]), float(left[tight]), tight + 1
        return worth


class Ceilings:
    """The raises of all shards of a model, where they may have some of its bitwidths only."""

    def __init__(self, goods: Stock, bitwidths: tuple[int, ...]) -> None:
        self.weight = goods.flat
        hulls: dict[int, tuple[float, list[tuple[int, float]]]] = {}
        rows, lowest = [], []
        for number, steps in enumerate(goods.steps.values()):
            if id(steps) not in hulls:
                hulls[id(steps)] = raises((goods.unit * steps[bits], goods.worth[bits]) for bits in bitwidths)
            rows += [(self.weight[number] * slope, float(n_bytes), number) for n_bytes, slope in hulls[id(steps)][1]]
            lowest.append(hulls[id(steps)][0])
        rows.sort(key=lambda row: -row[0])
        slope, self.bytes = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
        self.gain = slope * self.bytes
        self.number = np.array([row[2] for row in rows], np.int64)
        self.least = self.weight * lowest
        self.base = goods.sizes(bitwidths[0])

    def of(self, flat: Indexes) -> Ceiling:
        """Return the ceiling of one submodel, whose shards are given by number, in layer order."""
        place = np.full(self.weight.size, -1, np.int64)
        place[flat] = np.arange(len(flat))
        shard = place[self.number]
        inside = shard >= 0
        return Ceiling(self.bytes[inside], self.gain[inside], shard[inside], self.least[flat], self.base[flat])
