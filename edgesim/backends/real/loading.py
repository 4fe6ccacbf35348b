"""The loader: admits one load after the other, reads it, and notes when."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from edgesim.backends.real.control import BLOCKED, END, FAILED, FINISHED, GO, HELD, LANE, START, now, pauses, row
from edgesim.backends.real.jobs import Job, Step
from edgesim.backends.real.reader import Opened, read_exactly

Reads = list[tuple[int, int, list[memoryview]]]
"""What one load reads: layer, offset in its file, and the buffers that the bytes go to."""
_SPIN_NS = 100_000
"""The last part of a wait is spent looking at the clock: a sleeper is woken that much too late."""
_NAP_NS = 20_000_000
_LOOKS = 4096
"""Looks at a word between two looks at whether the other side is still there."""


class StoppedError(Exception):
    """The executor has gone, or wants no more."""


@dataclass(slots=True)
class Loader:
    """The loader's side of inferences.

    Parameters
    ----------
    words
        What is shared with the executor (`edgesim.backends.real.control`).
    arena
        Where shards go.
    files
        The file of each layer.
    spins
        Look at a word without pause; else sleep between two looks, which leaves the processor to others.
    parent
        Process that the executor is in, where that is another one.
    """

    words: memoryview
    arena: memoryview
    files: Sequence[Opened]
    spins: bool = True
    parent: int | None = None
    alone: bool = True
    """Whether there is one lane; of several, none spins: of real-time priority, it would keep the others' reads up."""
    late: list[int] = field(default_factory=list)
    """Loads that took longer than on the storage that was to be emulated."""

    def prepare(self, job: Job) -> list[Reads]:
        """Return the reads of each load with their buffers, so that nothing is left to do once the clock runs."""
        return [
            [(read.layer, read.offset, [self.arena[at : at + size] for at, size in read.places]) for read in step.reads]
            for step in job.steps
        ]

    def admit(self, index: int, step: Step, since: int) -> bool:
        """Wait until a load has room and is not held back; note since when, and tell whether it had to wait."""
        words, place = self.words, row(index)
        waited = False
        for note, layers in ((BLOCKED, step.room_layers), (HELD, step.after_layers)):
            if words[FINISHED] < layers:
                words[place + note] = now() if waited else since
                self.wait_for(FINISHED, layers)
                waited = True
        return waited

    def load(self, index: int, times: tuple[int, int], reads: Reads, lane: int) -> int:
        """Read one load that has been issued, and be done when it is due or later; note and return its end [ns]."""
        words, place, (start, due) = self.words, row(index), times
        words[place + LANE], words[place + START] = lane, start
        for layer, offset, buffers in reads:
            read_exactly(self.files[layer], buffers, offset)
        if due:
            if now() > due:
                self.late.append(index)
            self._wait_until(due)
        words[place + END] = end = now()
        return end

    def wait_for(self, word: int, value: int) -> None:
        """Wait until a word has at least some value.

        Raises
        ------
        StoppedError
            If that is not to be expected any more.
        """
        words, spins = self.words, self.spins and self.alone
        for pause in pauses():
            for _ in range(_LOOKS if spins else 20):
                if words[word] >= value:
                    return
                if not spins:
                    time.sleep(5e-5)
            time.sleep(pause)
            self.check()

    def check(self) -> None:
        """Go on only while there is someone to go on for.

        Raises
        ------
        StoppedError
            If the executor stopped or has gone, or another lane failed.
        """
        orphaned = self.parent is not None and os.getppid() != self.parent
        if orphaned or self.words[GO] < 0 or self.words[FAILED]:
            raise StoppedError

    def _wait_until(self, due_ns: int) -> None:
        while (left := due_ns - now()) > 0:
            if left > _SPIN_NS:
                time.sleep(min(left - _SPIN_NS, _NAP_NS) / 1e9)
                self.check()
            elif not (self.spins and self.alone):
                time.sleep(0)  # lets other threads go on
