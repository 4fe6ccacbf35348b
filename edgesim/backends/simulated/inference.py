"""What the processes of one inference share: the clock, what has arrived, what has finished, and the spans."""

from typing import TYPE_CHECKING

from simpy import Environment, Event

from edgesim.plans import Plan
from edgesim.work import Work

APP = "app"


class Clock(Environment):
    """Virtual time in whole nanoseconds: SimPy would take fractions, but every delay here is an integer."""

    if TYPE_CHECKING:
        now: int


class Count:
    """How many layers have passed a point; one process may wait for the next one."""

    __slots__ = ("env", "value", "waiter")

    def __init__(self, env: Clock) -> None:
        self.env = env
        self.value = 0
        self.waiter: Event | None = None

    def next(self) -> Event:
        """Return an event that happens when the count grows."""
        self.waiter = Event(self.env)
        return self.waiter

    def grow(self, value: int) -> None:
        """Set the count and wake who waits for it."""
        self.value = value
        if self.waiter is not None:
            self.waiter.succeed()
            self.waiter = None


class Inference:
    """What loader and executor share during one inference."""

    def __init__(self, env: Clock, work: Work, plan: Plan, room: float, number: int) -> None:
        self.env, self.work, self.room, self.number = env, work, room, number
        self.layers = plan.layers
        self.spans: list[tuple[int, str, str, str, int, int, int, int]] = []
        self.buffered = 0
        self.missing = [0] * len(plan.layers) + [1]  # loads that each layer still waits for; the last one never ends
        for served in work.load_layers:
            for layer in served:
                self.missing[layer] += 1
        self.resident, self.unpacked = Count(env), Count(env)
        self.started, self.finished = Count(env), Count(env)
        self.count_resident()

    def span(self, lane: str, kind: str, layer: int, start: int, end: int) -> None:
        """Record a wait, if it took any time."""
        if end > start:
            self.spans.append((self.number, APP, lane, kind, self.layers[layer], start, end, 0))

    def count_resident(self) -> None:
        """Count the leading layers whose shards have all arrived."""
        count = self.resident.value
        while not self.missing[count]:
            count += 1
        if count > self.resident.value:
            self.resident.grow(count)

    def arrive(self, index: int) -> None:
        """Note that a load is done."""
        for layer in self.work.load_layers[index]:
            self.missing[layer] -= 1
        self.count_resident()

    def finish(self, layer: int) -> None:
        """Note that a layer has finished, and free its shards."""
        self.buffered -= self.work.freed_bytes[layer]
        self.finished.grow(layer + 1)

    def admits(self, index: int) -> bool:
        """Tell whether a load may be issued now."""
        room_left = self.room - self.buffered
        return self.work.buffer_bytes[index] <= room_left and self.work.after[index] < self.finished.value
