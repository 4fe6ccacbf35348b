"""The executor: waits for the shards of each layer, decompresses and computes it, and notes when."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from edgesim.backends.real.control import END, FINISHED, GO, now, pauses, row
from edgesim.backends.real.jobs import Inference, Job, Slots, kept_slots, load_slots, make_job
from edgesim.backends.real.link import Link
from edgesim.backends.real.notes import LayerNotes, needed_loads
from edgesim.backends.real.processor import Processor
from edgesim.device import Storage
from edgesim.plans import Plan
from edgesim.work import Traffic

_LOOKS = 2000
"""Looks at a load's end between two looks at whether the loader is still there."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """One inference, ready to go: nothing is left to decide once the clock runs."""

    plan: Plan
    traffic: Traffic
    job: Job
    records: tuple[tuple[memoryview, ...], ...]
    """The bytes of each shard, (n, m), where the loader puts them."""
    needed: Sequence[Sequence[int]]
    """The loads that each layer waits for, (n,)."""
    arena_bytes: int
    """Memory that the places of all shards take [B]."""


def prepare(what: Inference, emulated: Storage | None, arena: memoryview) -> Prepared:
    """Decide where every shard of an inference goes, and when.

    Parameters
    ----------
    what
        What is executed and read.
    emulated
        Storage whose times the reads take; None for their own.
    arena
        Memory for the shards.
    """
    plan = what.plan
    kept, end = kept_slots(plan, what.model)
    slots: Slots = kept | load_slots(what, end)
    rows = zip(plan.layers, plan.shards, strict=True)
    places = [[slots[layer, shard] for shard in shards] for layer, shards in rows]
    records = tuple(tuple(arena[at : at + size] for at, size in line) for line in places)
    job = make_job(what, slots, emulated)
    taken = max(at + size for at, size in slots.values())
    return Prepared(plan, what.moved, job, records, needed_loads(what.moved, len(plan.layers)), taken)


@dataclass(slots=True)
class Executor:
    """The executor's side of an inference.

    Parameters
    ----------
    words
        What is shared with the loader (`edgesim.backends.real.control`).
    processor
        What decompresses and computes.
    link
        Knows whether the loader is well.
    spins
        Look at a word without pause; else sleep between two looks.
    """

    words: memoryview
    processor: Processor
    link: Link
    spins: bool

    def run(self, ready: Prepared, number: int) -> tuple[int, list[LayerNotes]]:
        """Execute one inference; the loader must have its job already.

        Returns
        -------
        start_ns, notes
            When it started, and what was noted of each layer.

        Raises
        ------
        InputError
            If a shard is damaged.
        ExecutionError
            If the loader failed.
        """
        words, plan, found = self.words, ready.plan, []
        self.processor.begin()
        start = free = now()
        words[GO] = number
        for index, (layer, slices, bits) in enumerate(zip(plan.layers, plan.shards, plan.bitwidths, strict=True)):
            noted = self._layer(ready, index, (layer, slices, bits), free)
            free = noted.computed_ns
            words[FINISHED] = index + 1
            found.append(noted)
        return start, found

    def _layer(
        self, ready: Prepared, index: int, what: tuple[int, tuple[int, ...], tuple[int, ...]], free_ns: int
    ) -> LayerNotes:
        layer, slices, bits = what
        arrived = self._arrival(ready.needed[index], free_ns)
        seen = now() if arrived else free_ns
        self.processor.unpack(layer, slices, bits, ready.records[index])
        unpacked = now()
        copied = now() if self.processor.copy(len(slices)) else unpacked
        self.processor.compute(layer, slices)
        return LayerNotes(free_ns, arrived, seen, unpacked, copied, now())

    def _arrival(self, loads: Sequence[int], free_ns: int) -> int:
        """Wait until some loads are done, and return when the last one was; 0 if that was before."""
        words, arrived = self.words, 0
        for load in loads:
            place = row(load) + END
            if not words[place]:
                self._wait(place)
            arrived = max(arrived, words[place])
        return arrived if arrived > free_ns else 0

    def _wait(self, place: int) -> None:
        words = self.words
        for pause in pauses():
            for _ in range(_LOOKS if self.spins else 20):
                if words[place]:
                    return
                if not self.spins:
                    time.sleep(5e-5)
            time.sleep(pause)
            if failure := self.link.failure():
                raise failure
