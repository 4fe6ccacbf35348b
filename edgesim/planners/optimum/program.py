"""The integer program of one submodel: a bitwidth for each shard, what to preload, and when layers start.

Every legal plan with one lane satisfies its rows, whatever its requests are: reads are as fast as the fastest read
there is, waits cost only their own time, and what the preload buffer has left over may hold fractions of shards. So its
optimum bounds them all; a plan made of its solution has still to be checked.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from edgesim.planners.optimum.case import Case, Sizes
from edgesim.planners.optimum.integer import IntegerProgram, Terms

SCALE = 1e4
"""The objective is scaled so that the solver's absolute tolerances are far below what one shard is worth."""
Choice = tuple[tuple[int, bool], ...]
"""Bitwidth of each shard, and whether it is preloaded, (N,)."""


class Version(NamedTuple):
    """How many shards of a group have some bitwidth and are read, or preloaded: one integer variable."""

    group: int
    bits: int
    preloaded: bool


class Group(NamedTuple):
    """Shards of one layer that nothing tells apart, by their positions."""

    layer: int
    size: Sizes
    members: tuple[int, ...]


class Answer(NamedTuple):
    """A proven bound of the sum that is maximised, -inf where there is no solution, and the choice found, if any."""

    bound: float
    choice: Choice | None
    done: bool


class Program(IntegerProgram):
    """The program of a submodel; times are in parts of the target.

    Parameters
    ----------
    case
        The submodel.
    apart
        Tell all shards apart, and let only whole shards be preloaded: what `exclude` needs.
    """

    def __init__(self, case: Case, *, apart: bool = False) -> None:
        super().__init__()
        self.case, self.machine, self.apart = case, case.machine, apart
        self.unit = self.machine.budget.target_latency_ns
        self.n, self.m = case.shape
        self.groups = list(_groups(case, apart))
        self.versions: list[Version] = []
        self.in_layer: list[list[int]] = [[] for _ in range(self.n)]
        self.least_bytes = [sum(min(size.values()) for size in case.size[: (k + 1) * self.m]) for k in range(self.n)]
        self._versions()
        self.loaded = self._loaded()
        self.end = self._pipeline()

    def _versions(self) -> None:
        """Give every shard one version; only those of the first layers may be preloaded whole."""
        room = self.machine.budget.preload_bytes
        first = sum(before <= room for before in [0, *self.least_bytes[:-1]])
        self.early = self.n if self.apart else first
        for number, group in enumerate(self.groups):
            row: Terms = []
            for bits, n_bytes in group.size.items():
                for preloaded in (False, True) if group.layer < self.early and n_bytes <= room else (False,):
                    self.versions.append(Version(number, bits, preloaded))
                    row.append((self.variable(len(group.members), whole=True), 1.0))
                    self.in_layer[group.layer].append(row[-1][0])
            self.row(row, len(group.members), len(group.members))

    def _bytes(self, layer: int, *, preloaded: bool) -> Terms:
        versions = ((index, self.versions[index]) for index in self.in_layer[layer])
        return [
            (index, float(self.groups[version.group].size[version.bits]))
            for index, version in versions if version.preloaded == preloaded
        ]  # fmt: skip

    def _unpack(self, layer: int) -> Terms:
        times = self.machine.unpack_ns
        every = ((index, times[self.versions[index].bits]) for index in self.in_layer[layer])
        return [(index, time / self.unit) for index, time in every if time]

    def _loaded(self) -> list[Terms]:
        """Return what each layer reads [B], (n,), and bound what the buffers hold."""
        room, load_room = self.machine.budget.preload_bytes, self.machine.budget.load_buffer_bytes
        loaded = [self._bytes(layer, preloaded=False) for layer in range(self.n)]
        kept = [term for layer in range(self.n) for term in self._bytes(layer, preloaded=True)]
        for layer in range(self.early, self.n) if room else ():
            part = self.variable()
            kept.append((part, float(room)))
            loaded[layer].append((part, -float(room)))
        if kept:
            self.row(_times(kept, 1 / room), high=1.0)
        if load_room is not None:
            for terms in loaded:
                self.row(_times(terms, 1 / max(load_room, 1)), high=min(load_room, 1.0))
        return loaded

    def _pipeline(self) -> int:
        """Let every layer start when its shards are there and the layer before has finished; return the last row."""
        machine, ahead = self.machine, self.machine.ahead
        busy = [(machine.compute_ns[self.m] + (0 if k else machine.start_up_ns)) / self.unit for k in range(self.n)]
        unpack = [self._unpack(k) for k in range(self.n)]
        inside = [[] if ahead else terms for terms in unpack]
        start = [self.variable() for _ in range(self.n)]
        for k, reads in enumerate(self._reads()):
            unpacked = _times(unpack[k], -1.0) if ahead else []
            for at_least, so_far in reads:
                self.row([(start[k], 1.0), *_times(so_far, -1.0), *unpacked], at_least)
            if k:
                before = (start[k - 1], -1.0)
                self.row([(start[k], 1.0), before, *_times(inside[k - 1], -1.0)], busy[k - 1])
                if ahead:
                    self.row([(start[k], 1.0), before, *unpacked], 0.0)
        self._make_room(start, busy, inside)
        return self.row([(start[-1], 1.0), *inside[-1]], high=1.0 - busy[-1])

    def _reads(self) -> Iterator[list[tuple[float, Terms]]]:
        """Yield for each layer when, at least, all up to it has been read: a constant and terms for each line."""
        total = float(sum(max(size.values()) for size in self.case.size))
        before: Terms = []
        for layer, terms in enumerate(self.loaded):
            so_far = self.variable()
            self.row([(so_far, 1.0), *before, *_times(terms, -1 / total)], 0.0)
            before = [(so_far, -1.0)]
            must_read = self.least_bytes[layer] > self.machine.budget.preload_bytes
            yield [
                ((line.start_ns + self.machine.wakes_ns) / self.unit if must_read else 0.0,
                 [(so_far, line.ns_per_byte * total / self.unit)])
                for line in self.case.lines
            ]  # fmt: skip

    def _make_room(self, start: list[int], busy: list[float], inside: list[Terms]) -> None:
        """Let what exceeds a bounded load buffer be read only after earlier layers have finished."""
        room = self.machine.budget.load_buffer_bytes
        if room is None:
            return
        rate = min(line.ns_per_byte for line in self.case.lines) / self.unit
        for first in range(1, self.n):
            terms = [(start[first - 1], -1.0), *_times(inside[first - 1], -1.0)]
            for last in range(first, self.n):
                terms = terms + _times(self.loaded[last], -rate)
                self.row([(start[last], 1.0), *terms], busy[first - 1] - room * rate)

    def exclude(self, choice: Choice) -> None:
        """Cut off a choice that no order of requests executes in time, and those that can only take longer."""
        unpack, terms = self.machine.unpack_ns, []
        monotone = self.case.monotone
        for index, (number, bits, kept) in enumerate(self.versions):
            shard = self.groups[number].members[0]
            size, (chosen, chosen_kept) = self.case.size[shard], choice[shard]
            more = (0 if kept else size[bits]) >= (0 if chosen_kept else size[chosen])
            longer = monotone and more and unpack[bits] >= unpack[chosen]
            if longer or (bits, kept) == choice[shard]:
                terms.append((index, 1.0))
        self.row(terms, high=len(choice) - 1.0)

    def answer(self, gap: float, seconds: float, *, spare_ns: int = 0, relaxed: bool = False) -> Answer:
        """Ask the solver; `spare_ns` is a part of the target that must not be used."""
        terms, low, high = self.rows[self.end]
        self.rows[self.end] = (terms, low, high - spare_ns / self.unit)
        worth, weight = self.case.worth, self.case.weight
        objective = [SCALE * weight[self.groups[number].members[0]] * worth[bits] for number, bits, _ in self.versions]
        found = self.solve(objective, gap=gap, seconds=seconds, relaxed=relaxed)
        self.rows[self.end] = (terms, low, high)
        choice = None if relaxed or found.values is None else self._choice(np.rint(found.values).astype(int).tolist())
        bound = found.bound / SCALE
        return Answer(bound + 1e-9 * abs(bound), choice, found.done)

    def _choice(self, counts: list[int]) -> Choice:
        """Return what was chosen for each shard; those of a group take their versions in order."""
        chosen: dict[int, tuple[int, bool]] = {}
        left = [iter(group.members) for group in self.groups]
        for (number, bits, kept), count in zip(self.versions, counts, strict=False):
            chosen |= {next(left[number]): (bits, kept) for _ in range(count)}
        return tuple(chosen[index] for index in range(len(self.case.names)))


def _times(terms: Terms, factor: float) -> Terms:
    return [(index, value * factor) for index, value in terms]


def _groups(case: Case, apart: bool) -> Iterator[Group]:
    m = case.shape[1]
    alike: dict[tuple[object, ...], list[int]] = {}
    for index, (weight, size) in enumerate(zip(case.weight, case.size, strict=True)):
        key = (index // m, weight, tuple(size.items()), index if apart else None)
        alike.setdefault(key, []).append(index)
    for members in alike.values():
        yield Group(members[0] // m, case.size[members[0]], tuple(members))
