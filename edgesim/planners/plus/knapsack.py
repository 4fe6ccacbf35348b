"""The bitwidths that are worth most within IO budgets: a knapsack whose room grows from layer to layer.

Dynamic programming over the shards in layer order. What a plan has read so far is all that the rest depends on: exact,
so that more room is never worth less. The first shards, as many as is best, are preloaded and take room in the preload
buffer instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

IMPOSSIBLE = -np.inf


@dataclass(frozen=True, slots=True)
class Knapsack:
    """N shards of n layers, in layer order; sizes are a shard's base bytes, and units of more.

    Parameters
    ----------
    unit
        Bytes of a unit.
    base
        Bytes of each shard's smallest version, (N,).
    choices
        Units above that and worth of each version that a shard may have, (N, versions).
    room_bytes
        What may have been read before each layer starts, (n,); negative where nothing may be.
    preload_bytes
        Room of the preload buffer.
    """

    unit: int
    base: Sequence[int]
    choices: Sequence[Sequence[tuple[int, float]]]
    room_bytes: Sequence[int]
    preload_bytes: int


class Packed(NamedTuple):
    """What was chosen: its worth, the version of each shard (N,), and how many of the first are preloaded."""

    worth: float
    versions: list[int]
    held: int


def pack(given: Knapsack) -> Packed | None:
    """Return what is worth most, or None where not even the smallest versions have room."""
    tables = _Tables(given)
    for index in range(len(given.base)):
        tables.add(index)
    return tables.best()


class _Tables:
    """Best worth of the first shards by units used: of what was read, and of what the preload buffer holds.

    Units of what was read are counted above the bases of all shards so far, preloaded ones included: these have not
    been read, so the count starts below zero, at `-offset` at the least.
    """

    def __init__(self, given: Knapsack) -> None:
        self.given = given
        self.count = len(given.base)
        self.per_layer = self.count // len(given.room_bytes)
        self.before = np.cumsum([0, *given.base])
        self.most_held = int(np.searchsorted(self.before, given.preload_bytes, side="right")) - 1
        self.saved = [int(n_bytes) // given.unit for n_bytes in self.before[: self.most_held + 1]]
        self.offset = self.saved[-1]
        ends = self.before[self.per_layer :: self.per_layer]
        self.limits = [
            (room - int(end)) // given.unit if room >= 0 else -self.offset - 1
            for room, end in zip(given.room_bytes, ends, strict=True)
        ]
        largest = sum(max(units for units, _ in choices) for choices in given.choices)
        self.width = min(max(*self.limits, -self.offset), largest) + self.offset + 1
        self.read = np.full((self.count + 1, self.width), IMPOSSIBLE)
        self.read[0, self.offset : self.offset + 1] = 0.0  # where there is such a place at all
        held_units = given.preload_bytes // given.unit + 1 if self.most_held else 1
        self.held = np.full((self.most_held + 1, min(held_units, largest + 1)), IMPOSSIBLE)
        self.held[0, 0] = 0.0
        self.spare = np.empty(self.width)

    def add(self, index: int) -> None:
        """Let one more shard have any of its versions."""
        self._choose(index, self.read[index], self.read[index + 1], self.spare)
        if (index + 1) % self.per_layer == 0:
            limit = self.limits[index // self.per_layer] + self.offset
            self.read[index + 1, max(limit + 1, 0) :] = IMPOSSIBLE
        if index < self.most_held:
            room = (self.given.preload_bytes - int(self.before[index + 1])) // self.given.unit + 1
            after = self.held[index + 1, :room]
            self._choose(index, self.held[index, :room], after, np.empty(len(after)))
            start = self.offset - self.saved[index + 1]  # from here on shards are read, and none has been yet
            if start < self.width:
                self.read[index + 1, start] = max(self.read[index + 1, start], after.max())

    def _choose(
        self, index: int, before: NDArray[np.float64], after: NDArray[np.float64], spare: NDArray[np.float64]
    ) -> None:
        for units, worth in self.given.choices[index]:
            left = len(before) - units
            if left > 0:
                np.add(before[:left], worth, out=spare[:left])
                np.maximum(after[units:], spare[:left], out=after[units:])

    def best(self) -> Packed | None:
        """Return the best of all tables, and the versions that lead there."""
        last = self.read[self.count]
        used = int(last.argmax())
        worth = float(last[used])
        if worth == IMPOSSIBLE:
            return None
        versions = [0] * self.count
        for index in range(self.count, 0, -1):
            if self._starts_here(index, used, float(self.read[index, used])):
                self._trace(self.held, int(self.held[index].argmax()), index, versions)
                return Packed(worth, versions, index)
            used = self._step(self.read, used, index, versions)
        return Packed(worth, versions, 0)

    def _starts_here(self, index: int, used: int, worth: float) -> bool:
        """Tell whether all shards so far are preloaded, and none read."""
        if index > self.most_held or used != self.offset - self.saved[index]:
            return False
        return float(self.held[index].max()) == worth

    def _trace(self, table: NDArray[np.float64], used: int, index: int, versions: list[int]) -> None:
        for step in range(index, 0, -1):
            used = self._step(table, used, step, versions)

    def _step(self, table: NDArray[np.float64], used: int, index: int, versions: list[int]) -> int:
        """Note the version of the shard before `index` that led to a place in a table; return where it came from."""
        worth = table[index, used]
        for version, (units, gain) in enumerate(self.given.choices[index - 1]):
            if units <= used and table[index - 1, used - units] + gain == worth:
                versions[index - 1] = version
                return used - units
        raise AssertionError("a table holds what no version leads to")
