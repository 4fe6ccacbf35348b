"""What one inference makes the loader and the executor do: nanoseconds and bytes, priced once for each plan."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from edgesim.cost import (
    bits_of,
    compute_ns,
    decompress_ns,
    hand_off_ns,
    layers_differ,
    load_ns,
    overlaps,
    request,
    sizes_of,
    start_up_ns,
    wakes_ns,
)
from edgesim.device import Device
from edgesim.model import Model
from edgesim.plans import Load, Plan, Shard
from edgesim.session import Session

Layers = tuple[tuple[int, ...], tuple[int, ...]]
"""Decompression and compute time of each layer [ns], (n,) each."""
NEVER = -1
"""Stands for 'no such layer'."""


class Traffic(NamedTuple):
    """What one inference moves, whatever it takes: the fields of `Work` that need no device."""

    loads: tuple[Load, ...]
    buffer_bytes: tuple[int, ...]
    load_layers: tuple[tuple[int, ...], ...]
    after: tuple[int, ...]
    freed_bytes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Work:
    """One inference of a plan, with K loads and n layers; layers are positions in the plan.

    Parameters
    ----------
    loads
        The loads performed, (K,).
    load_ns
        Service time of each load by queue depth at its issue, (lanes, K).
    buffer_bytes
        What each load puts in the load buffer, (K,); the rest goes to the preload buffer.
    load_layers
        Layers that each load serves, (K,).
    after
        Layer that each load is held back for, or `NEVER`, (K,).
    freed_bytes
        What each layer frees in the load buffer when it finishes, (n,).
    decompress_ns, compute_ns
        Executor time of each layer, (n,).
    decompress_after_wait_ns, compute_after_wait_ns
        The same of a layer that the executor had to wait for, (n,). With `overlap` the first has no meaning.
    hand_off_ns
        How long after the shards' arrival an executor that waits for them goes on.
    overlap
        Decompression runs on a lane of its own, one layer ahead.
    """

    loads: tuple[Load, ...]
    load_ns: tuple[tuple[int, ...], ...]
    buffer_bytes: tuple[int, ...]
    load_layers: tuple[tuple[int, ...], ...]
    after: tuple[int, ...]
    freed_bytes: tuple[int, ...]
    decompress_ns: tuple[int, ...]
    compute_ns: tuple[int, ...]
    decompress_after_wait_ns: tuple[int, ...]
    compute_after_wait_ns: tuple[int, ...]
    hand_off_ns: int
    overlap: bool

    @property
    def loads_needed(self) -> list[int]:
        """How many loads each layer needs, (n,)."""
        needed = [0] * len(self.compute_ns)
        for served in self.load_layers:
            for layer in served:
                needed[layer] += 1
        return needed


def first_and_later(plan: Plan, model: Model, device: Device, session: Session) -> tuple[Work, Work]:
    """Price the first inference of a session and the later ones.

    The first finds the preload set resident (warm) or nothing (cold), the later ones what the plan retains.

    Returns
    -------
    tuple of Work
        First and later; the same object where they do not differ.
    """
    first = price(plan, model, device, session.processor, plan.preload if session.start == "warm" else ())
    if session.inferences == 1 or (session.start == "warm" and set(plan.preload) == set(plan.retain)):
        return first, first
    return first, price(plan, model, device, session.processor, plan.retain)


def price(plan: Plan, model: Model, device: Device, processor: str, resident: Collection[Shard]) -> Work:
    """Price one inference that starts with some shards resident.

    Raises
    ------
    ValueError
        If the device has no time for something the plan does.
    """
    moved = traffic(plan, model, resident)
    usual = late = _executor_ns(plan, model, device, processor)
    if layers_differ(device, processor, model):
        late = _executor_ns(plan, model, device, processor, after_wait=True)
        usual, late = _started(usual, late, start_up_ns(device, processor))
    return Work(
        **moved._asdict(),
        load_ns=tuple(_loads_ns(moved.loads, device, depth) for depth in range(1, plan.lanes + 1)),
        decompress_ns=usual[0],
        compute_ns=usual[1],
        decompress_after_wait_ns=late[0],
        compute_after_wait_ns=late[1],
        hand_off_ns=hand_off_ns(device, processor),
        overlap=overlaps(device, processor, model),
    )


def _loads_ns(loads: Sequence[Load], device: Device, depth: int) -> tuple[int, ...]:
    """Return the time of each load [ns], (K,), when so many requests are in service; the first wakes the storage."""
    woken = [wakes_ns(device.storage), *[0] * len(loads)]
    return tuple(more + load_ns(load.extents, device.storage, depth) for more, load in zip(woken, loads, strict=False))


def _started(usual: Layers, late: Layers, start_up_ns: int) -> tuple[Layers, Layers]:
    """Let the first layer take longer; a wait before it then costs the more of the two, not both.

    Its caches are cold because the inference starts, and cannot be made colder by a wait.
    """
    (unpack, compute), (late_unpack, late_compute) = usual, late
    first = compute[0] + start_up_ns
    late_first = max(late_compute[0], unpack[0] + first - late_unpack[0])
    return (unpack, (first, *compute[1:])), (late_unpack, (late_first, *late_compute[1:]))


def _executor_ns(plan: Plan, model: Model, device: Device, processor: str, *, after_wait: bool = False) -> Layers:
    """Return decompression and compute time of each layer [ns], (n,)."""
    widths = {width for row in plan.bitwidths for width in row}
    compute = compute_ns(device, processor, model, after_wait=after_wait)
    unpack = {width: decompress_ns(device, processor, model, width, after_wait=after_wait) for width in widths}
    unpacking = tuple(sum(unpack[width] for width in row) for row in plan.bitwidths)
    return unpacking, tuple(compute[len(row)] for row in plan.shards)


def traffic(plan: Plan, model: Model, resident: Collection[Shard]) -> Traffic:
    """Return what one inference that starts with some shards resident reads, and what its layers free."""
    position = {layer: index for index, layer in enumerate(plan.layers)}
    loads = loads_from(plan, model, resident)
    kept = {*plan.preload, *plan.retain}
    sizes = sizes_of(model, bits_of(plan))
    freed = [0] * len(plan.layers)
    buffered = []
    for load in loads:
        brought = [(position[shard[0]], sizes[shard]) for shard in load.shards if shard not in kept]
        buffered.append(sum(size for _, size in brought))
        for index, size in brought:
            freed[index] += size
    return Traffic(
        loads=loads,
        buffer_bytes=tuple(buffered),
        load_layers=tuple(tuple(sorted({position[layer] for layer, _ in load.shards})) for load in loads),
        after=tuple(NEVER if load.after is None else load.after for load in loads),
        freed_bytes=tuple(freed),
    )


def loads_from(plan: Plan, model: Model, resident: Collection[Shard]) -> tuple[Load, ...]:
    """Return the loads of an inference that starts with other shards resident than the plan's preload set.

    A load leaves out what is resident already, and the first load of a layer also reads that layer's preload shards
    that are missing. A layer without a load gets one, in layer order.
    """
    present = set(resident)
    if present == set(plan.preload):
        return plan.loads
    missing: dict[int, list[Shard]] = {}
    for shard in plan.preload:
        if shard not in present:
            missing.setdefault(shard[0], []).append(shard)
    bits = bits_of(plan)
    adapted = (_adapted(load, present, missing, model, bits) for load in plan.loads)
    loads = [load for load in adapted if load is not None]
    for layer in (layer for layer in plan.layers if layer in missing):
        load = request(model, ((shard, bits[shard]) for shard in missing[layer]))
        loads.insert(_place(loads, plan.layers, layer), load)
    return tuple(loads)


def _adapted(
    load: Load, present: set[Shard], missing: dict[int, list[Shard]], model: Model, bits: dict[Shard, int]
) -> Load | None:
    wanted = [shard for shard in load.shards if shard not in present]
    for layer in dict.fromkeys(layer for layer, _ in load.shards):
        wanted += missing.pop(layer, ())
    if not wanted or wanted == list(load.shards):
        return load if wanted else None
    return request(model, ((shard, bits[shard]) for shard in sorted(wanted)), load.after)


def _place(loads: Sequence[Load], layers: tuple[int, ...], layer: int) -> int:
    order = {executed: index for index, executed in enumerate(layers)}
    later = (index for index, load in enumerate(loads) if min(order[other] for other, _ in load.shards) > order[layer])
    return next(later, len(loads))
