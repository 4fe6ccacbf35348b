"""The simulated backend: loader and executor as SimPy processes, in exact integer nanoseconds."""

import math
from collections.abc import Callable, Generator, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from simpy import Environment, Event

from edgesim.device import Device
from edgesim.model import Model
from edgesim.plans import Plan
from edgesim.scenario import Session
from edgesim.timeline import DECOMPRESSOR, EXECUTOR, LOADER, Request, Span, Timeline
from edgesim.work import Work, first_and_later

Process = Generator[Event, Any, None]
APP = "app"
_as_span = partial(tuple.__new__, Span)  # `Span._make` in C: a third of the time


class Clock(Environment):
    """Virtual time in whole nanoseconds: SimPy would take fractions, but every delay here is an integer."""

    if TYPE_CHECKING:
        now: int


class _Count:
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


class _Inference:
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
        self.resident, self.unpacked = _Count(env), _Count(env)
        self.started, self.finished = _Count(env), _Count(env)
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


def _loader(inference: _Inference) -> Process:
    """Issue the loads in order, each when the one before is done."""
    env, work = inference.env, inference.work
    for index, (load, served, duration) in enumerate(zip(work.loads, work.load_layers, work.load_ns[0], strict=True)):
        if not inference.admits(index):
            yield from _admission(inference, index, LOADER)
        inference.buffered += work.buffer_bytes[index]
        now, layer = env.now, inference.layers[served[0]]
        inference.spans.append((inference.number, APP, LOADER, "load", layer, now, now + duration, load.bytes))
        yield env.timeout(duration)
        inference.arrive(index)


def _loaders(inference: _Inference) -> Process:
    """Issue the loads in order, each when a lane is free; what a load takes depends on how many are in service."""
    env, work = inference.env, inference.work
    free = [env.now] * len(work.load_ns)
    reads: list[Event | None] = [None] * len(free)
    for index, (load, served) in enumerate(zip(work.loads, work.load_layers, strict=True)):
        lane = free.index(min(free))
        if (read := reads[lane]) is not None:
            yield read
        yield from _admission(inference, index, f"{LOADER}{lane}")
        inference.buffered += work.buffer_bytes[index]
        now, layer = env.now, inference.layers[served[0]]
        duration = work.load_ns[sum(end > now for end in free)][index]
        free[lane] = now + duration
        inference.spans.append(
            (inference.number, APP, f"{LOADER}{lane}", "load", layer, now, now + duration, load.bytes)
        )
        reads[lane] = env.process(_read(inference, index, duration))


def _read(inference: _Inference, index: int, duration: int) -> Process:
    yield inference.env.timeout(duration)
    inference.arrive(index)


def _admission(inference: _Inference, index: int, lane: str) -> Process:
    """Wait until the load buffer has room for a load, then until the layer it is held back for has finished."""
    env, work, finished = inference.env, inference.work, inference.finished
    since, layer = env.now, work.load_layers[index][0]
    while inference.buffered + work.buffer_bytes[index] > inference.room:
        yield finished.next()
    inference.span(lane, "blocked", layer, since, env.now)
    since = env.now
    while finished.value <= work.after[index]:
        yield finished.next()
    inference.span(lane, "held", layer, since, env.now)


def _executor(inference: _Inference) -> Process:
    """Decompress and compute the layers in order, each when its shards are resident."""
    env, work, resident = inference.env, inference.work, inference.resident
    number, append = inference.number, inference.spans.append
    rows = zip(inference.layers, work.decompress_ns, work.compute_ns, strict=True)
    for index, (layer, unpack, compute) in enumerate(rows):
        if resident.value <= index:
            since = env.now
            while resident.value <= index:
                yield resident.next()
            inference.span(EXECUTOR, "stall", index, since, env.now)
        now = env.now
        unpacked = now + unpack
        if unpack:
            append((number, APP, EXECUTOR, "decompress", layer, now, unpacked, 0))
        append((number, APP, EXECUTOR, "compute", layer, unpacked, unpacked + compute, 0))
        yield env.timeout(unpack + compute)
        inference.finish(index)


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
    env = Clock()
    for number in range(session.inferences):
        started = env.now
        inference = _Inference(env, later if number else first, plan, room, number)
        executor = [env.process(process(inference)) for process in _processes(inference.work)][-1]
        env.run(until=executor)
        request = Request(started, started, env.now)
        yield Timeline((request,), tuple(map(_as_span, inference.spans)))


def _processes(work: Work) -> list[Callable[[_Inference], Process]]:
    loader = _loader if len(work.load_ns) == 1 else _loaders
    return [loader, _decompressor, _overlapped_executor] if work.overlap else [loader, _executor]
