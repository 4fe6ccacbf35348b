"""The storage as a server: its lanes serve the reads of all apps, and what other processes and the flash itself do."""

from collections.abc import Sequence
from heapq import heappop, heappush

from simpy import Event

from edgesim.backends.simulated.clock import Clock
from edgesim.jitter import MEDIAN
from edgesim.scatter import Scatter
from edgesim.session import Policy


class Job(Event):
    """A request to the storage; who waits for it goes on when it is done.

    Attributes
    ----------
    asked_ns, start_ns, end_ns
        When it was submitted, when its service began and when that ends [ns]; the last two are known from its start.
    lane
        Which lane serves it, from 0; of the free ones that which has been free longest.
    """

    def __init__(self, env: Clock, times_ns: Sequence[int], size: int, luck: float) -> None:
        super().__init__(env)
        self._ok, self._value = True, None  # as of a timeout: it happens when it is scheduled
        self.times_ns, self.size, self.luck = times_ns, size, luck
        self.asked_ns = env.now
        self.start_ns = self.end_ns = self.lane = -1


class StorageServer:
    """The lanes of a storage; who has waited longest, or the most urgent, is served first, and nobody is interrupted.

    Parameters
    ----------
    env
        The session's clock.
    lanes
        How many requests may be in service at once.
    policy
        ``fifo``, or ``priority``: a higher one goes first, among equals who has waited longest.
    scatter
        How times scatter by request size and queue depth; None leaves them as they are.
    """

    def __init__(self, env: Clock, lanes: int, policy: Policy = "fifo", scatter: Scatter | None = None) -> None:
        self.env, self._scatter = env, scatter
        self._by_priority = policy == "priority"
        self._ends_ns = [env.now] * lanes
        self._waiting: list[tuple[int, int, Job]] = []
        self._arrivals = 0
        self.paused = False

    def submit(self, times_ns: Sequence[int], size: int, priority: int = 0, luck: float = MEDIAN) -> Job:
        """Ask for service, which begins at once where a lane is free and nobody waits.

        Parameters
        ----------
        times_ns
            What the request takes [ns] by how many are in service when its own begins, itself included: (lanes,).
        size
            Bytes of the request, or of its largest extent: it scatters as reads of that size do.
        priority
            Who is served first under ``priority``.
        luck
            Which part of all times is shorter, for the scatter; 0.5 is the usual time.
        """
        job = Job(self.env, times_ns, size, luck)
        job.callbacks = [self._serve_next]
        if self._waiting or self.paused or min(self._ends_ns) > self.env.now:
            self._arrivals += 1
            heappush(self._waiting, (-priority if self._by_priority else 0, self._arrivals, job))
        else:
            self._start(job)
        return job

    def pause(self) -> None:
        """Begin no service until `resume`; those begun are finished."""
        self.paused = True

    def resume(self) -> None:
        """Serve again who waits."""
        self.paused = False
        self._serve_next()

    def _serve_next(self, _: Event | None = None) -> None:
        while self._waiting and not self.paused and min(self._ends_ns) <= self.env.now:
            self._start(heappop(self._waiting)[-1])

    def _start(self, job: Job) -> None:
        now, ends = self.env.now, self._ends_ns
        depth = 1 + sum(end > now for end in ends)
        duration = job.times_ns[depth - 1]
        if self._scatter is not None:
            duration = self._scatter.ns(duration, job.luck, job.size, depth)
        job.lane = ends.index(min(ends))
        job.start_ns, job.end_ns = now, now + duration
        ends[job.lane] = job.end_ns
        self.env.schedule(job, delay=duration)
