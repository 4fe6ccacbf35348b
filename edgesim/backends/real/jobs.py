"""What the loader is to do in one inference: which bytes go where, and what must have finished before."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from edgesim.backends.real.reader import ALIGNMENT
from edgesim.cost import bits_of, load_ns
from edgesim.device import Storage
from edgesim.errors import InputError
from edgesim.model import Model
from edgesim.plans import Load, Plan, Shard
from edgesim.work import Traffic

Place = tuple[int, int]
"""Where some bytes lie in the arena: offset and size [B]."""
Slots = Mapping[Shard, Place]


class Read(NamedTuple):
    """One extent: bytes of one layer's file, and the places in the arena that they go to."""

    layer: int
    offset: int
    places: tuple[Place, ...]


class Step(NamedTuple):
    """One load: how many layers must have finished before it has room, and before it may start; what it reads."""

    room_layers: int
    after_layers: int
    reads: tuple[Read, ...]
    emulated_ns: tuple[int, ...]
    """How long it is to last by requests in service, (lanes,); empty: as long as it takes."""


class Inference(NamedTuple):
    """What one inference executes and reads, and the layers that have finished when each load has room, (K,)."""

    plan: Plan
    model: Model
    moved: Traffic
    room_layers: tuple[int, ...]


class Job(NamedTuple):
    """All loads of one inference, in order."""

    steps: tuple[Step, ...]
    lanes: int


def inference(plan: Plan, model: Model, moved: Traffic, room_bytes: int | None) -> Inference:
    """Find out how many layers must have finished until the load buffer has room for each load.

    Parameters
    ----------
    plan, model, moved
        What is executed, and what it reads.
    room_bytes
        Room of the load buffer [B]; None is unlimited.
    """
    found, layers, buffered = [], 0, 0
    for n_bytes in moved.buffer_bytes:
        buffered += n_bytes
        while room_bytes is not None and not plan.ignores_buffers and buffered > room_bytes:
            buffered -= moved.freed_bytes[layers]
            layers += 1
        found.append(layers)
    return Inference(plan, model, moved, tuple(found))


def kept_slots(plan: Plan, model: Model) -> tuple[dict[Shard, Place], int]:
    """Give every shard that stays between inferences a place of its own; return the places and their end [B]."""
    slots: dict[Shard, Place] = {}
    end = 0
    bits = bits_of(plan)
    for shard in sorted({*plan.preload, *plan.retain}):
        size = _record(model, shard, bits[shard])[1]
        slots[shard] = (end, size)
        end += size
    return slots, end


def load_slots(what: Inference, start: int) -> dict[Shard, Place]:
    """Give every shard that is read and executed a place that is free when its load is issued.

    Parameters
    ----------
    what
        What is read.
    start
        First byte of the arena that may be taken [B].

    Returns
    -------
    dict
        Places; the lowest ones that fit, so that the memory taken is near what is buffered.
    """
    plan, moved = what.plan, what.moved
    bits, kept = bits_of(plan), {*plan.preload, *plan.retain}
    position = {layer: index for index, layer in enumerate(plan.layers)}
    slots: dict[Shard, Place] = {}
    taken: list[tuple[Place, int]] = []  # places by offset, each with the position of its layer
    finished = 0
    for load, layers, after in zip(moved.loads, what.room_layers, moved.after, strict=True):
        finished = max(finished, layers, after + 1)
        taken = [item for item in taken if item[1] >= finished]
        for shard in (shard for shard in sorted(load.shards) if shard not in kept):
            size = _record(what.model, shard, bits[shard])[1]
            slots[shard] = (_lowest(taken, size, start), size)
            taken = sorted([*taken, (slots[shard], position[shard[0]])])
    return slots


def _lowest(taken: Sequence[tuple[Place, int]], size: int, start: int) -> int:
    ends = [start, *(at + length for (at, length), _ in taken)]
    starts = [at for (at, _), _ in taken]
    gaps = zip(ends, starts, strict=False)
    return next((end for end, begin in gaps if begin - end >= size), ends[-1])


def make_job(what: Inference, slots: Slots, emulated: Storage | None) -> Job:
    """Write down what the loader is to do.

    Parameters
    ----------
    what
        What is read.
    slots
        Where each shard goes.
    emulated
        Storage whose times the reads take; None for their own.
    """
    plan, moved, bits = what.plan, what.moved, bits_of(what.plan)
    steps = []
    for load, layers, after in zip(moved.loads, what.room_layers, moved.after, strict=True):
        depths = range(1, plan.lanes + 1) if emulated else ()
        durations = tuple(load_ns(load.extents, emulated, depth) for depth in depths if emulated)
        reads = tuple(_cut(tuple(_reads(load, what.model, bits, slots)), load.extents))
        steps.append(Step(layers, after + 1, reads, durations))
    return Job(tuple(steps), plan.lanes)


def _reads(load: Load, model: Model, bits: Mapping[Shard, int], slots: Slots) -> Iterator[Read]:
    assert model.records is not None  # `_record` saw to it
    at = {(shard[0], _record(model, shard, bits[shard])[0]): slots[shard] for shard in load.shards}
    for layer, offset, size in model.records.extents([(*shard, bits[shard]) for shard in load.shards]):
        inside = sorted(place for place in at if place[0] == layer and offset <= place[1] < offset + size)
        yield Read(layer, offset, tuple(_joined([at[place] for place in inside])))


def _cut(reads: Sequence[Read], extents: Sequence[int]) -> Iterator[Read]:
    """Cut reads into as small requests as the plan has, where it has more of them; what it reads in vain is not read.

    A cut is where an extent ends, were the plan's end to end, rounded down to a block: others are refused by O_DIRECT.
    """
    ends = list(accumulate(extents)) if len(extents) > len(reads) else []
    begin = 0
    for read in reads:
        size = sum(length for _, length in read.places)
        cuts = {(end - begin) // ALIGNMENT * ALIGNMENT for end in ends}
        inside = sorted(cut for cut in cuts if 0 < cut < size)
        for first, stop in pairwise([0, *inside, size]):
            yield Read(read.layer, read.offset + first, tuple(_part(read.places, first, stop)))
        begin += size


def _part(places: Sequence[Place], first: int, stop: int) -> Iterator[Place]:
    """Yield what lies between two bytes of some places, were they end to end."""
    begin = 0
    for at, size in places:
        low, high = max(first - begin, 0), min(stop - begin, size)
        if low < high:
            yield at + low, high - low
        begin += size


def _joined(places: Sequence[Place]) -> Iterator[Place]:
    """Join places that adjoin."""
    start, length = places[0]
    for (at, size), (next_at, next_size) in pairwise(places):
        if at + size == next_at:
            length += next_size
        else:
            yield start, length
            start, length = next_at, next_size
    yield start, length


def _record(model: Model, shard: Shard, bits: int) -> Place:
    if model.records is None:
        raise InputError(f"{model.name}: has no records, so nothing of it can be read from a store; take the store's"
                         " own model.yaml")  # fmt: skip
    return model.records.placed[*shard, bits]
