"""Loader, decompressor and executor: SimPy processes that share one inference."""

from collections.abc import Callable, Generator
from typing import Any

from simpy import AnyOf, Event

from edgesim.backends.simulated.inference import Inference
from edgesim.backends.simulated.lanes import ProcessorLane, StorageLanes, User
from edgesim.backends.simulated.storage import Job
from edgesim.timeline import DECOMPRESSOR, EXECUTOR, LOADER
from edgesim.work import Work

Process = Generator[Event, Any, None]


def processes(work: Work, user: User) -> list[Callable[[Inference], Process]]:
    """Return what loads and executes an inference, the executor last."""
    storage = user.storage
    several = _loaders if storage is None else lambda inference: _shared_loaders(inference, storage)
    loader = _loader if len(work.load_ns) == 1 else several
    return [loader, _decompressor, _overlapped_executor] if work.overlap else [loader, _executor]


def _loader(inference: Inference) -> Process:
    """Issue the loads in order, each when the one before is done."""
    env, work, storage = inference.env, inference.work, inference.user.storage
    rows = zip(work.buffer_bytes, work.after, work.load_ns[0], strict=True)
    for index, (n_bytes, after, duration) in enumerate(rows):
        if inference.buffered + n_bytes > inference.room or after >= inference.finished.value:
            yield from _admission(inference, index, LOADER)
        inference.buffered += n_bytes
        if storage is None:
            inference.load(index, LOADER, env.now, env.now + duration)
            inference.resident.source = read = env.timeout(duration)
            yield read
        else:
            inference.resident.source = job = storage.submit(work, index, inference.user.priority)
            yield job
            inference.job(index, LOADER, job)
        inference.arrive(index)


def _loaders(inference: Inference) -> Process:
    """Issue the loads in order, each when a lane is free; what a load takes depends on how many are in service."""
    env, work = inference.env, inference.work
    free = [env.now] * len(work.load_ns)
    reads: list[Event | None] = [None] * len(free)
    for index in range(len(work.loads)):
        lane = free.index(min(free))
        if (read := reads[lane]) is not None:
            yield read
        yield from _admission(inference, index, f"{LOADER}{lane}")
        inference.buffered += work.buffer_bytes[index]
        duration = work.load_ns[sum(end > env.now for end in free)][index]
        free[lane] = env.now + duration
        inference.load(index, f"{LOADER}{lane}", env.now, free[lane])
        reads[lane] = env.process(_read(inference, index, duration))


def _read(inference: Inference, index: int, duration: int) -> Process:
    yield inference.env.timeout(duration)
    inference.arrive(index)


def _shared_loaders(inference: Inference, storage: StorageLanes) -> Process:
    """Issue the loads in order, each when one of the plan's lanes is free, to a storage that others use as well."""
    env, work, priority = inference.env, inference.work, inference.user.priority
    jobs: list[Job | None] = [None] * len(work.load_ns)
    since = env.now
    for index in range(len(work.loads)):
        reading = [job for job in jobs if job is not None and not job.processed]
        if len(reading) == len(jobs):
            yield AnyOf(env, reading)
        free = {number: job.end_ns if job else since for number, job in enumerate(jobs) if not job or job.processed}
        lane = min(free, key=free.__getitem__)
        yield from _admission(inference, index, f"{LOADER}{lane}")
        inference.buffered += work.buffer_bytes[index]
        jobs[lane] = job = storage.submit(work, index, priority)
        env.process(_shared_read(inference, index, f"{LOADER}{lane}", job))


def _shared_read(inference: Inference, index: int, lane: str, job: Job) -> Process:
    yield job
    inference.job(index, lane, job)
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
    rows = zip(work.decompress_ns, work.compute_ns, work.freed_bytes, strict=True)
    for index, (usual_unpack, usual_compute, n_bytes) in enumerate(rows):
        now = start = env.now
        unpack, compute = usual_unpack, usual_compute
        if resident.value <= index:
            while resident.value <= index:
                yield resident.reach(index + 1)
            since, now = now, env.now
            if now > since:
                start = inference.notice(index, since)
                unpack, compute = work.decompress_after_wait_ns[index], work.compute_after_wait_ns[index]
        if (processor := inference.user.processor) is None:
            inference.layer(index, start, start + unpack, start + unpack + compute)
            finished.source = end = env.timeout(start + unpack + compute - now)
            yield end
        else:
            yield from _shared_layer(inference, processor, index, start, (unpack, compute))
        inference.buffered -= n_bytes
        finished.grow(index + 1)


def _shared_layer(
    inference: Inference, processor: ProcessorLane, index: int, start: int, usual: tuple[int, int]
) -> Process:
    """Decompress and compute a layer on a processor that others use as well, or that may be slow."""
    env = inference.env
    yield from _processor(inference, index, start)
    unpacked, done = inference.run(index, env.now, *usual)
    inference.layer(index, env.now, unpacked, done)
    yield env.timeout(done - env.now)
    processor.leave()


def _processor(inference: Inference, index: int, start_ns: int) -> Process:
    """Wait until the executor has noticed that a layer's shards are there, then until no other app computes."""
    env, user = inference.env, inference.user
    if start_ns > env.now:
        yield env.timeout(start_ns - env.now)
    if user.processor is not None and (turn := user.processor.enter(user.priority)) is not None:
        yield turn
        inference.span(EXECUTOR, "queued", index, start_ns, env.now)


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
    env, work, unpacked, processor = inference.env, inference.work, inference.unpacked, inference.user.processor
    for layer, (usual, late) in enumerate(zip(work.compute_ns, work.compute_after_wait_ns, strict=True)):
        since = start = env.now
        while unpacked.value <= layer:
            yield unpacked.reach(layer + 1)
        compute = usual
        if env.now > since:
            compute, start = late, inference.notice(layer, since)
        yield from _processor(inference, layer, start)
        inference.started.grow(layer + 1)
        start = env.now
        done = inference.run(layer, start, 0, compute)[1]
        inference.span(EXECUTOR, "compute", layer, start, done)
        yield env.timeout(done - start)
        if processor is not None:
            processor.leave()
        inference.buffered -= work.freed_bytes[layer]
        inference.finished.grow(layer + 1)
