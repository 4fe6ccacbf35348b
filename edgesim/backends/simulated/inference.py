"""What the processes of one inference share: the clock, what has arrived, what has finished, and the spans."""

from simpy import Event

from edgesim.backends.simulated.clock import Clock
from edgesim.backends.simulated.lanes import User
from edgesim.backends.simulated.storage import Job
from edgesim.plans import Plan
from edgesim.timeline import CLOCK, EXECUTOR, READS
from edgesim.work import Work


class Count:
    """How many layers have passed a point; one process may wait until enough have.

    Where `source`, the event after which the count grows next, is under way, who waits joins in waiting for it: that
    saves an event of its own. The process that makes the count grow waits for it first, and so goes on first.
    """

    __slots__ = ("awaited", "env", "source", "value", "waiter")

    def __init__(self, env: Clock) -> None:
        self.env = env
        self.value = self.awaited = 0
        self.source: Event | None = None
        self.waiter: Event | None = None

    def reach(self, value: int) -> Event:
        """Return an event after which the count may be that high, which it is not yet; look again then."""
        if self.source is not None and not self.source.processed and value == self.value + 1:
            return self.source
        self.awaited = value
        self.waiter = Event(self.env)
        return self.waiter

    def grow(self, value: int) -> None:
        """Set the count, and wake who waits for it."""
        self.value = value
        if self.waiter is not None and value >= self.awaited:
            self.waiter.succeed()
            self.waiter = None


class Inference:
    """What loader and executor share during one pass over the layers."""

    __slots__ = (
        "buffered", "env", "finished", "layers", "missing", "recorded", "resident", "room", "served", "shards", "spans",
        "started", "unpacked", "user", "work",
    )  # fmt: skip

    def __init__(self, env: Clock, work: Work, plan: Plan, room: float, user: User) -> None:
        self.env, self.work, self.room, self.user = env, work, room, user
        self.layers, self.shards = plan.layers, len(plan.shards[0])
        self.spans: list[tuple[int, str, str, str, int, int, int, int]] = []
        self.served: dict[int, tuple[str, Job]] = {}  # loads that are done, those before them not
        self.buffered = self.recorded = 0
        self.missing = [*work.loads_needed, 1]  # loads that each layer still waits for; never the end
        self.resident, self.unpacked = Count(env), Count(env)
        self.started, self.finished = Count(env), Count(env)
        self.count_resident()

    def span(self, lane: str, kind: str, layer: int, start: int, end: int) -> None:
        """Record a wait, if it took any time."""
        if end > start:
            user = self.user
            self.spans.append((user.number, user.app, lane, kind, self.layers[layer], start, end, 0))

    def load(self, index: int, lane: str, start: int, end: int) -> None:
        """Record a load."""
        load, user = self.work.loads[index], self.user
        layer, kind = self.layers[self.work.load_layers[index][0]], READS[not load.shards]
        self.spans.append((user.number, user.app, lane, kind, layer, start, end, load.bytes))

    def job(self, index: int, lane: str, job: Job) -> None:
        """Record a load from a storage that others use as well, and those issued after it that were done before."""
        self.served[index] = lane, job
        while (index := self.recorded) in self.served:
            lane, job = self.served.pop(index)
            self.span(lane, "queued", self.work.load_layers[index][0], job.asked_ns, job.start_ns)
            self.load(index, lane, job.start_ns, job.end_ns)
            self.recorded += 1

    def layer(self, index: int, start: int, unpacked: int, done: int) -> None:
        """Record a layer's decompression and computation."""
        number, app, layer = self.user.number, self.user.app, self.layers[index]
        if unpacked > start:
            self.spans.append((number, app, EXECUTOR, "decompress", layer, start, unpacked, 0))
        self.spans.append((number, app, EXECUTOR, "compute", layer, unpacked, done, 0))

    def run(self, index: int, start: int, unpack: int, compute: int) -> tuple[int, int]:
        """Return when a layer is decompressed and computed on a processor that may be slow, and record how it was."""
        processor, (unpack, compute) = self.user.processor, self.user.layer_ns(unpack, compute, self.shards)
        if processor is None:
            return start + unpack, start + unpack + compute
        unpacked, first = processor.end(start, unpack)
        done, second = processor.end(unpacked, compute)
        for since, until, step in (*first, *second):
            self.span(CLOCK, f"step{step}", index, since, until)
        return unpacked, done

    def notice(self, layer: int, since: int) -> int:
        """Record how long the executor has waited for a layer that is there now, and return when it notices that."""
        now = self.env.now
        noticed = now + self.work.hand_off_ns
        self.span(EXECUTOR, "stall", layer, since, now)
        self.span(EXECUTOR, "handoff", layer, now, noticed)
        return noticed

    def count_resident(self) -> None:
        """Count the leading layers whose shards have all arrived."""
        missing, count = self.missing, self.resident.value
        if missing[count]:
            return
        while not missing[count]:
            count += 1
        self.resident.grow(count)

    def arrive(self, index: int) -> None:
        """Note that a load is done."""
        missing = self.missing
        for layer in self.work.load_layers[index]:
            missing[layer] -= 1
        self.count_resident()

    def layers_for_room(self, index: int) -> int:
        """Count the layers that must have finished until the load buffer has room for a load."""
        layers, excess = self.finished.value, self.buffered + self.work.buffer_bytes[index] - self.room
        while excess > 0:
            excess -= self.work.freed_bytes[layers]
            layers += 1
        return layers
