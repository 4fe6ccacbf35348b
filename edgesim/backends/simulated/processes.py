"""Loader, decompressor and executor: SimPy processes that share one inference."""

from collections.abc import Callable, Generator
from typing import Any

from simpy import Event

from edgesim.backends.simulated.inference import APP, Inference
from edgesim.timeline import DECOMPRESSOR, EXECUTOR, LOADER
from edgesim.work import Work

Process = Generator[Event, Any, None]


def processes(work: Work) -> list[Callable[[Inference], Process]]:
    """Return what loads and executes an inference, the executor last."""
    loader = _loader if len(work.load_ns) == 1 else _loaders
    return [loader, _decompressor, _overlapped_executor] if work.overlap else [loader, _executor]


def _loader(inference: Inference) -> Process:
    """Issue the loads in order, each when the one before is done."""
    env, work, layers, append = inference.env, inference.work, inference.layers, inference.spans.append
    rows = zip(work.loads, work.load_layers, work.buffer_bytes, work.after, work.load_ns[0], strict=True)
    for index, (load, served, n_bytes, after, duration) in enumerate(rows):
        if inference.buffered + n_bytes > inference.room or after >= inference.finished.value:
            yield from _admission(inference, index, LOADER)
        inference.buffered += n_bytes
        now = env.now
        append((inference.number, APP, LOADER, "load", layers[served[0]], now, now + duration, load.bytes))
        inference.resident.source = read = env.timeout(duration)
        yield read
        inference.arrive(index)


def _loaders(inference: Inference) -> Process:
    """Issue the loads in order, each when a lane is free; what a load takes depends on how many are in service."""
    env, work, layers, append = inference.env, inference.work, inference.layers, inference.spans.append
    free = [env.now] * len(work.load_ns)
    reads: list[Event | None] = [None] * len(free)
    for index, (load, served) in enumerate(zip(work.loads, work.load_layers, strict=True)):
        lane = free.index(min(free))
        name = f"{LOADER}{lane}"
        if (read := reads[lane]) is not None:
            yield read
        yield from _admission(inference, index, name)
        inference.buffered += work.buffer_bytes[index]
        now = env.now
        duration = work.load_ns[sum(end > now for end in free)][index]
        free[lane] = now + duration
        append((inference.number, APP, name, "load", layers[served[0]], now, now + duration, load.bytes))
        reads[lane] = env.process(_read(inference, index, duration))


def _read(inference: Inference, index: int, duration: int) -> Process:
    yield inference.env.timeout(duration)
    inference.arrive(index)


def _admission(inference: Inference, index: int, lane: str) -> Process:
    """Wait until the load buffer has room for a load, then until the layer it is held back for has finished."""
    finished, layer = inference.finished, inference.work.load_layers[index][0]
    for kind, layers in (
        ("blocked", inference.layers_for_room(index)),
        ("held", inference.work.after[index] + 1),
    ):
        if finished.value < layers:
            since = inference.env.now
            while finished.value < layers:
                yield finished.reach(layers)
            inference.span(lane, kind, layer, since, inference.env.now)


def _executor(inference: Inference) -> Process:
    """Decompress and compute the layers in order, each when its shards are resident and that was noticed."""
    env, work, resident, finished = inference.env, inference.work, inference.resident, inference.finished
    number, append = inference.number, inference.spans.append
    rows = zip(inference.layers, work.decompress_ns, work.compute_ns, work.freed_bytes, strict=True)
    for index, (layer, usual_unpack, usual_compute, n_bytes) in enumerate(rows):
        now = start = env.now
        unpack, compute = usual_unpack, usual_compute
        if resident.value <= index:
            while resident.value <= index:
                yield resident.reach(index + 1)
            since, now = now, env.now
            if now > since:
                start = inference.notice(index, since)
                unpack, compute = work.decompress_after_wait_ns[index], work.compute_after_wait_ns[index]
        unpacked = start + unpack
        if unpack:
            append((number, APP, EXECUTOR, "decompress", layer, start, unpacked, 0))
        append((number, APP, EXECUTOR, "compute", layer, unpacked, unpacked + compute, 0))
        finished.source = end = env.timeout(unpacked + compute - now)
        yield end
        inference.buffered -= n_bytes
        finished.grow(index + 1)


def _decompressor(inference: Inference) -> Process:
    """Decompress the layers in order, each when its shards are resident and the layer before is computed."""
    env, resident, started = inference.env, inference.resident, inference.started
    for layer, unpack in enumerate(inference.work.decompress_ns):
        while resident.value <= layer:
            yield resident.reach(layer + 1)
        while started.value < layer:
            yield started.reach(layer)
        inference.span(DECOMPRESSOR, "decompress", layer, env.now, env.now + unpack)
        yield env.timeout(unpack)
        inference.unpacked.grow(layer + 1)


def _overlapped_executor(inference: Inference) -> Process:
    """Compute the layers in order, each when it is decompressed and that was noticed."""
    env, work, unpacked = inference.env, inference.work, inference.unpacked
    for layer, (usual, late) in enumerate(zip(work.compute_ns, work.compute_after_wait_ns, strict=True)):
        since = env.now
        while unpacked.value <= layer:
            yield unpacked.reach(layer + 1)
        compute = usual
        if env.now > since:
            compute, start = late, inference.notice(layer, since)
            if start > env.now:
                yield env.timeout(start - env.now)
        inference.started.grow(layer + 1)
        inference.span(EXECUTOR, "compute", layer, env.now, env.now + compute)
        yield env.timeout(compute)
        inference.buffered -= work.freed_bytes[layer]
        inference.finished.grow(layer + 1)
