"""The simulated backend: loader and executor as SimPy processes, in exact integer nanoseconds."""

import math
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any

from simpy import Environment, Event

from edgesim.device import Device
from edgesim.model import Model
from edgesim.plans import Plan
from edgesim.scenario import Session
from edgesim.timeline import DECOMPRESSOR, EXECUTOR, LOADER, Request, Span, Timeline
from edgesim.work import Work, first_and_later

Process = Generator[Event, Any, None]
APP = "app"


class _Count:
    """How many layers have passed a point; one process may wait for the next one."""

    __slots__ = ("env", "value", "waiter")

    def __init__(self, env: Environment) -> None:
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


@dataclass(slots=True)
class _Inference:
    """What loader and executor share during one inference."""

    env: Environment
    work: Work
    room: float
    layers: tuple[int, ...]
    number: int
    spans: list[tuple[int, str, str, str, int, int, int, int]] = field(default_factory=list)
    buffered: int = 0
    missing: list[int] = field(init=False)
    resident: _Count = field(init=False)
    unpacked: _Count = field(init=False)
    started: _Count = field(init=False)
    finished: _Count = field(init=False)

    def __post_init__(self) -> None:
        self.missing = [0] * len(self.layers)
        for served in self.work.load_layers:
            for layer in served:
                self.missing[layer] += 1
        self.resident, self.unpacked = _Count(self.env), _Count(self.env)
        self.started, self.finished = _Count(self.env), _Count(self.env)
        self.count_resident()

    def span(self, lane: str, kind: str, layer: int, start: int, end: int, n_bytes: int = 0) -> None:
        if end > start:
            self.spans.append((self.number, APP, lane, kind, self.layers[layer], start, end, n_bytes))

    def count_resident(self) -> None:
        missing, count = self.missing, self.resident.value
        while count < len(missing) and not missing[count]:
            count += 1
        if count > self.resident.value:
            self.resident.grow(count)

    def arrive(self, read: Event) -> None:
        for layer in self.work.load_layers[read.value]:
            self.missing[layer] -= 1
        self.count_resident()

    def finish(self, layer: int) -> None:
        self.buffered -= self.work.freed_bytes[layer]
        self.finished.grow(layer + 1)


def _loader(inference: _Inference) -> Process:
    env, work, finished = inference.env, inference.work, inference.finished
    names = [LOADER] if len(work.load_ns) == 1 else [f"{LOADER}{lane}" for lane in range(len(work.load_ns))]
    free = [env.now] * len(names)
    reads: list[Event | None] = [None] * len(names)
    for index, load in enumerate(work.loads):
        lane = free.index(min(free))
        read, layer = reads[lane], work.load_layers[index][0]
        if read is not None and not read.processed:
            yield read
        since = env.now
        while inference.buffered + work.buffer_bytes[index] > inference.room:
            yield finished.next()
        inference.span(names[lane], "blocked", layer, since, env.now)
        since = env.now
        while finished.value <= work.after[index]:
            yield finished.next()
        inference.span(names[lane], "held", layer, since, env.now)
        now = env.now
        duration = work.load_ns[sum(end > now for end in free)][index]
        free[lane] = now + duration
        inference.buffered += work.buffer_bytes[index]
        inference.span(names[lane], "load", layer, now, free[lane], load.bytes)
        read = reads[lane] = env.timeout(duration, index)
        read.callbacks.append(inference.arrive)  # before the loader itself may wait for it


def _executor(inference: _Inference) -> Process:
    env, work, resident = inference.env, inference.work, inference.resident
    for layer, (unpack, compute) in enumerate(zip(work.decompress_ns, work.compute_ns, strict=True)):
        since = env.now
        while resident.value <= layer:
            yield resident.next()
        now = env.now
        inference.span(EXECUTOR, "stall", layer, since, now)
        inference.span(EXECUTOR, "decompress", layer, now, now + unpack)
        inference.span(EXECUTOR, "compute", layer, now + unpack, now + unpack + compute)
        yield env.timeout(unpack + compute)
        inference.finish(layer)


def _decompressor(inference: _Inference) -> Process:
    env, resident, started = inference.env, inference.resident, inference.started
    for layer, unpack in enumerate(inference.work.decompress_ns):
        while resident.value <= layer:
            yield resident.next()
        while started.value < layer:
            yield started.next()
        inference.span(DECOMPRESSOR, "decompress", layer, env.now, env.now + unpack)
        yield env.timeout(unpack)
        inference.unpacked.grow(layer + 1)


def _overlapped_executor(inference: _Inference) -> Process:
    env, unpacked = inference.env, inference.unpacked
    for layer, compute in enumerate(inference.work.compute_ns):
        since = env.now
        while unpacked.value <= layer:
            yield unpacked.next()
        inference.started.grow(layer + 1)
        inference.span(EXECUTOR, "stall", layer, since, env.now)
        inference.span(EXECUTOR, "compute", layer, env.now, env.now + compute)
        yield env.timeout(compute)
        inference.finish(layer)


def execute(plan: Plan, model: Model, device: Device, session: Session) -> Iterator[Timeline]:
    """Execute a legal plan in virtual time.

    Parameters
    ----------
    plan, model, device
        What to do, with what, on what.
    session
        Processor, load buffer, number of inferences and how the first one starts.

    Yields
    ------
    Timeline
        One for each inference, as soon as it has finished; nothing is kept, so memory does not grow.

    Raises
    ------
    ValueError
        If the device has no time for something the plan does.
    """
    first, later = first_and_later(plan, model, device, session)
    room = math.inf if session.load_buffer_bytes is None else session.load_buffer_bytes
    room = math.inf if plan.ignores_buffers else room
    env = Environment()
    for number in range(session.inferences):
        started = env.now
        work = later if number else first
        inference = _Inference(env, work, room, plan.layers, number)
        env.process(_loader(inference))
        if work.overlap:
            env.process(_decompressor(inference))
        env.run(until=env.process((_overlapped_executor if work.overlap else _executor)(inference)))
        request = Request(started, started, env.now)
        yield Timeline((request,), tuple(map(Span._make, inference.spans)))
