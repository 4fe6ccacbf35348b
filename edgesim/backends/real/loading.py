"""The loader: admits, reads and times the loads of one inference, in a process or a thread of its own."""

import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from edgesim.backends.real.control import BLOCKED, END, FAILED, FINISHED, GO, HELD, LANE, START, now, row
from edgesim.backends.real.jobs import Job, Step
from edgesim.backends.real.reader import Opened, read_exactly

_SPIN_NS = 100_000
"""The last part of a wait is spent looking at the clock: a sleeper is woken that much too late."""
_LOOKS = 4096
"""Looks at a word between two looks at whether the other side is still there."""


class StoppedError(Exception):
    """The executor has gone, or wants no more."""


@dataclass(slots=True)
class Loader:
    """One side of an inference.

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
    """

    words: memoryview
    arena: memoryview
    files: Sequence[Opened]
    spins: bool = True
    overruns: int = 0
    """Reads that took longer than the storage that was to be emulated."""

    def prepare(self, job: Job) -> list[list[tuple[int, int, list[memoryview]]]]:
        """Return the reads of each load with their buffers, so that nothing is left to do once the clock runs."""
        return [
            [(read.layer, read.offset, [self.arena[at : at + size] for at, size in read.places]) for read in step.reads]
            for step in job.steps
        ]

    def run(self, job: Job, number: int, reads: list[list[tuple[int, int, list[memoryview]]]]) -> None:
        """Wait for the start of an inference and do its loads; a failure is noted in the shared words.

        Raises
        ------
        StoppedError
            If the executor has gone.
        OSError
            If something cannot be read.
        """
        self.overruns = 0
        try:
            self._until(GO, number)
            if job.lanes == 1:
                self._one_lane(job.steps, reads)
            else:
                _Lanes(self, job, reads).run()
        except OSError:
            self.words[FAILED] = 1
            raise

    def _one_lane(self, steps: Sequence[Step], reads: list[list[tuple[int, int, list[memoryview]]]]) -> None:
        due = end = now()
        for index, step in enumerate(steps):
            waited = self.admit(index, step, end)
            start = now() if waited else end
            due = (start if waited else due) + (step.emulated_ns[0] if step.emulated_ns else 0)
            end = self.load(index, (start, due if step.emulated_ns else 0), reads[index])

    def admit(self, index: int, step: Step, since: int) -> bool:
        """Wait until a load has room and is not held back; note since when, and tell whether it had to wait."""
        words, place = self.words, row(index)
        waited = False
        for note, layers in ((BLOCKED, step.room_layers), (HELD, step.after_layers)):
            if words[FINISHED] < layers:
                words[place + note] = now() if waited else since
                self._until(FINISHED, layers)
                waited = True
        return waited

    def load(
        self, index: int, times: tuple[int, int], reads: list[tuple[int, int, list[memoryview]]], lane: int = 0
    ) -> int:
        """Read one load, not done before a due time; note and return its end [ns]."""
        words, place, (start, due) = self.words, row(index), times
        words[place + LANE], words[place + START] = lane, start
        for layer, offset, buffers in reads:
            read_exactly(self.files[layer], buffers, offset)
        if due:
            self.overruns += now() > due
            _wait_for(due, self.spins and not lane)
        words[place + END] = end = now()
        return end

    def _until(self, word: int, value: int) -> None:
        """Wait until a word has at least some value."""
        words, parent = self.words, os.getppid()
        while True:
            for _ in range(_LOOKS if self.spins else 20):
                if words[word] >= value:
                    return
                if not self.spins:
                    time.sleep(5e-5)
            time.sleep(1e-6)  # of real-time priority, it would keep all others away
            if words[GO] < 0 or os.getppid() != parent:
                raise StoppedError


def _wait_for(due_ns: int, spins: bool) -> None:
    if (left := due_ns - now() - _SPIN_NS) > 0:
        time.sleep(left / 1e9)
    while now() < due_ns:
        if not spins:
            time.sleep(0)  # lets other threads go on


class _Lanes:
    """Several requests in service at once: a thread for each lane takes the next load when it is free."""

    def __init__(self, loader: Loader, job: Job, reads: list[list[tuple[int, int, list[memoryview]]]]) -> None:
        self.loader, self.steps, self.reads = loader, job.steps, reads
        self.turn = threading.Lock()
        self.next, self.issued_ns = 0, now()
        self.busy_until = [0] * job.lanes
        self.failures: list[BaseException] = []

    def run(self) -> None:
        threads = [threading.Thread(target=self._lane, args=(lane,)) for lane in range(len(self.busy_until))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self.failures:
            raise self.failures[0]

    def _lane(self, lane: int) -> None:
        try:
            while self._step(lane):
                pass
        except (OSError, StoppedError) as error:
            self.failures.append(error)
            self.loader.words[FAILED] = 1
            self.next = len(self.steps)

    def _step(self, lane: int) -> bool:
        """Issue the next load when it is admitted; loads are issued in order, and read side by side."""
        with self.turn:
            index = self.next
            if index >= len(self.steps):
                return False
            self.next += 1
            step = self.steps[index]
            self.loader.admit(index, step, max(self.issued_ns, self.busy_until[lane]))
            start = self.issued_ns = now()
            in_service = sum(end > start for end in self.busy_until)
            due = start + step.emulated_ns[in_service] if step.emulated_ns else 0
            self.busy_until[lane] = due or 2**62
        self.busy_until[lane] = self.loader.load(index, (start, due), self.reads[index], lane)
        return True
