"""What the processes of one inference share: the clock, what has arrived, what has finished, and the spans."""

from typing import TYPE_CHECKING

from simpy import Environment, Event

from edgesim.plans import Plan
from edgesim.timeline import EXECUTOR
from edgesim.work import Work

APP = "app"


class Clock(Environment):
    """Virtual time in whole nanoseconds: SimPy would take fractions, but every delay here is an integer."""

    if TYPE_CHECKING:
        now: int


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
    """What loader and executor share during one inference."""

    __slots__ = (
        "buffered", "env", "finished", "layers", "missing", "number", "resident", "room", "spans", "started",
        "unpacked", "work",
    )  # fmt: skip

    def __init__(self, env: Clock, work: Work, plan: Plan, room: float, number: int) -> None:
        self.env, self.work, self.room, self.number = env, work, room, number
        self.layers = plan.layers
        self.spans: list[tuple[int, str, str, str, int, int, int, int]] = []
        self.buffered = 0
        self.missing = [*work.loads_needed, 1]  # loads that each layer still waits for; never the end
        self.resident, self.unpacked = Count(env), Count(env)
        self.started, self.finished = Count(env), Count(env)
        self.count_resident()

    def span(self, lane: str, kind: str, layer: int, start: int, end: int) -> None:
        """Record a wait, if it took any time."""
        if end > start:
            self.spans.append((self.number, APP, lane, kind, self.layers[layer], start, end, 0))

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
