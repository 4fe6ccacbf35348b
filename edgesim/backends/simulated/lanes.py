"""How one app uses what others use as well: the lanes of the storage, and a processor."""

from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush

from simpy import Event

from edgesim.backends.simulated.clock import Clock
from edgesim.backends.simulated.storage import Job, StorageServer
from edgesim.cost import load_ns
from edgesim.device import Storage
from edgesim.jitter import MEDIAN
from edgesim.scatter import Scatter
from edgesim.session import Policy
from edgesim.speed import Piece, Speed
from edgesim.streams import Luck
from edgesim.work import Work

_MOST_KNOWN = 64


class ProcessorLane:
    """A processor: one layer at a time; who has waited longest, or is most urgent, is next.

    Parameters
    ----------
    env
        The session's clock.
    policy
        ``fifo``, or ``priority``: a higher one goes first, among equals who has waited longest.
    speed
        How fast it is; None is always at full speed.
    """

    def __init__(self, env: Clock, policy: Policy, speed: Speed | None) -> None:
        self._env, self._by_priority, self._speed = env, policy == "priority", speed
        self._waiting: list[tuple[int, int, Event]] = []
        self._arrivals, self._taken = 0, False

    def enter(self, priority: int) -> Event | None:
        """Take the processor: None if it is free, else an event after which it is one's own."""
        if not self._taken:
            self._taken = True
            return None
        event = Event(self._env)
        self._arrivals += 1
        heappush(self._waiting, (-priority if self._by_priority else 0, self._arrivals, event))
        return event

    def leave(self) -> None:
        """Hand the processor to who is next.

        Where priorities decide, not before all have asked who do so at this moment: whose layer has just ended may need
        the processor for the next one.
        """
        if not self._waiting:
            self._taken = False
        elif self._by_priority:
            self._env.settle(self._hand_over)
        else:
            self._hand_over()

    def _hand_over(self, _: Event | None = None) -> None:
        heappop(self._waiting)[-1].succeed()

    def end(self, start_ns: int, work_ns: int) -> tuple[int, list[Piece]]:
        """Return when work ends that starts now, and where the clock was slower; see `edgesim.speed.Speed.end`."""
        return (start_ns + work_ns, []) if self._speed is None else self._speed.end(start_ns, work_ns)


class StorageLanes:
    """The storage as one app uses it: its loads, and the luck of its inferences.

    Parameters
    ----------
    server
        Serves all apps.
    storage
        Its profile.
    luck
        How the app's reads are off their usual times; None where nothing scatters.
    """

    def __init__(self, server: StorageServer, storage: Storage, luck: Luck | None) -> None:
        self._server, self._storage, self._luck = server, storage, luck
        self._draw: Callable[[], float] | None = None
        self._known: dict[int, tuple[Work, list[tuple[int, ...]]]] = {}

    def begin(self, number: int) -> None:
        """Begin an inference: what it draws does not depend on the others."""
        self._draw = self._luck.of(number).random if self._luck else None

    def submit(self, work: Work, index: int, priority: int) -> Job:
        """Ask for a load; the job is an event that happens when it is done."""
        largest = max(work.loads[index].extents)
        return self._server.submit(self._times(work)[index], largest, priority, self._draw() if self._draw else MEDIAN)

    def _times(self, work: Work) -> list[tuple[int, ...]]:
        """Return what each load of a work takes by how many requests are in service, (K, lanes)."""
        if id(work) not in self._known:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[id(work)] = work, self._priced(work)
        return self._known[id(work)][1]

    def _priced(self, work: Work) -> list[tuple[int, ...]]:
        depths = range(1, self._storage.lanes + 1)
        alone = [load_ns(load.extents, self._storage) for load in work.loads]
        wakes = [usual - plain for usual, plain in zip(work.load_ns[0], alone, strict=True)]
        return [
            tuple(wake + load_ns(load.extents, self._storage, depth) for depth in depths)
            for wake, load in zip(wakes, work.loads, strict=True)
        ]


@dataclass(slots=True)
class User:
    """Whose inferences they are, and how it uses what others use as well; None is an undisturbed lane of its own.

    `layer_luck` and `layer_scatter` say how its layers are off their usual times; with `unpacks_within` what a decoder
    takes to read a layer's weights as well, which other models decompress apart from the layer.
    """

    app: str
    priority: int = 0
    storage: StorageLanes | None = None
    processor: ProcessorLane | None = None
    layer_luck: Luck | None = None
    layer_scatter: Scatter | None = None
    unpacks_within: bool = False
    number: int = 0
    draw: Callable[[], float] | None = None

    def begin(self, number: int) -> None:
        """Begin an inference."""
        self.number = number
        if self.storage is not None:
            self.storage.begin(number)
        if self.layer_luck is not None:
            self.draw = self.layer_luck.of(number).random

    def layer_ns(self, unpack_ns: int, compute_ns: int, shards: int) -> tuple[int, int]:
        """Return the times to decompress and to compute a layer [ns] that usually takes some."""
        if self.draw is None or self.layer_scatter is None:
            return unpack_ns, compute_ns
        luck, scatter = self.draw(), self.layer_scatter
        if self.unpacks_within:
            unpack_ns = scatter.ns(unpack_ns, luck, shards)
        return unpack_ns, scatter.ns(compute_ns, luck, shards)
