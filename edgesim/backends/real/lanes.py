"""The loads of an inference: issued in order, as many at once as there are lanes, on an absolute schedule if emulated.

A load's end on the emulated storage counts from when it would have been issued there, not from when this machine came
round to it: what is late once does not make everything late that follows.
"""

import threading
from collections.abc import Sequence

from edgesim.backends.real.control import FAILED, GO, now
from edgesim.backends.real.jobs import Job
from edgesim.backends.real.loading import Loader, Reads


def perform(loader: Loader, job: Job, number: int, reads: Sequence[Reads]) -> int:
    """Wait for the start of an inference and do its loads; a failure is noted in the shared words.

    Parameters
    ----------
    loader
        What reads.
    job, number
        What is to be loaded in which inference.
    reads
        As the loader prepared them for the job.

    Returns
    -------
    int
        How many loads took longer than on the storage that was to be emulated.

    Raises
    ------
    StoppedError
        If the executor has gone.
    OSError
        If something cannot be read.
    """
    loader.late.clear()
    loader.alone = job.lanes == 1
    try:
        loader.wait_for(GO, number)
        _Lanes(loader, job, reads).run()
    except BaseException:
        loader.words[FAILED] = 1
        raise
    return len(loader.late)


class _Lanes:
    """As many threads as lanes: one that is idle takes the next load, on the lane that was free first.

    A single lane needs no thread of its own.
    """

    def __init__(self, loader: Loader, job: Job, reads: Sequence[Reads]) -> None:
        self.loader, self.steps, self.reads = loader, job.steps, reads
        self.turn = threading.Lock()
        self.next = 0
        self.issued = self.scheduled = now()  # the last load, here and on the emulated storage
        self.ends, self.dues = [self.issued] * job.lanes, [self.issued] * job.lanes  # the last of each lane, likewise
        self.free = set(range(job.lanes))
        self.failure: BaseException | None = None

    def run(self) -> None:
        if len(self.ends) == 1:
            self._work()
        else:
            threads = [threading.Thread(target=self._work) for _ in self.ends]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        if self.failure:
            raise self.failure

    def _work(self) -> None:
        try:
            while self._step():
                pass
        except BaseException as error:
            self.failure = self.failure or error  # what follows the first one only follows from it
            self.loader.words[FAILED] = 1

    def _step(self) -> bool:
        """Issue the next load when it is admitted; loads are issued in order, and read side by side."""
        with self.turn:
            index = self.next
            if index == len(self.steps):
                return False
            self.loader.check()
            self.next += 1
            lane = min(self.free, key=lambda lane: (self.dues[lane], lane))
            self.free.remove(lane)
            times = self._issue(index, lane)
        self.ends[lane] = end = self.loader.load(index, times, self.reads[index], lane)
        if not times[1]:
            self.dues[lane] = end
        self.free.add(lane)
        return True

    def _issue(self, index: int, lane: int) -> tuple[int, int]:
        """Return when a load starts, and when it is due; 0 if it may end when it does."""
        step = self.steps[index]
        since = max(self.issued, self.ends[lane])
        waited = self.loader.admit(index, step, since)
        needs_layers = step.room_layers or step.after_layers  # which may have finished after `since`
        follows = self.loader.alone and not waited and not needs_layers
        self.issued = since if follows else now()
        self.scheduled = self.issued if waited else max(self.scheduled, self.dues[lane])
        if not step.emulated_ns:
            return self.issued, 0
        in_service = sum(due > self.scheduled for due in self.dues)
        self.dues[lane] = self.scheduled + step.emulated_ns[in_service]
        return self.issued, self.dues[lane]
