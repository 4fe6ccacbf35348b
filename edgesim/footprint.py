"""What an app takes in memory, as the system sees it."""

from collections.abc import Sequence
from typing import NamedTuple

from edgesim.cost import bits_of, overlaps, sizes_of
from edgesim.device import Device
from edgesim.memory import kept_bytes, routes, working_bytes
from edgesim.model import Model
from edgesim.plans import Plan, Shard
from edgesim.roofline import kv_bytes
from edgesim.session import Session
from edgesim.tokens import Generation, longest


class Footprint(NamedTuple):
    """What an app's model takes in memory [B]: between inferences, and the most that an inference may."""

    idle_bytes: int
    serving_bytes: int


def footprint(plan: Plan, model: Model, device: Device, session: Session, resident: Sequence[Shard]) -> Footprint:
    """Return what an app's model takes in memory, as the system sees it.

    An inference counts with what it may take: all that is read and does not stay (of a mixture of experts, what one
    layer may read), as far as the load buffer has room for it, and the working bytes.

    Parameters
    ----------
    plan, model, device, session
        What is executed, on what, and how large the load buffer is.
    resident
        Shards in the preload buffer between inferences.
    """
    always = sum(model.resident_bytes.values.values())
    stays = {*plan.preload, *plan.retain}
    kept = kept_bytes(plan, model, stays)
    read = experts_bytes(plan, model, session.generation)
    if not routes(model):
        read = kept_bytes(plan, model, [shard for load in plan.loads for shard in load.shards if shard not in stays])
    if session.load_buffer_bytes is not None and not plan.ignores_buffers:
        read = min(read, session.load_buffer_bytes)
    working = _most_working(plan, model, device, session.processor) + cache_bytes(model, session.generation)
    return Footprint(always + kept_bytes(plan, model, resident), always + kept + read + working)


def _most_working(plan: Plan, model: Model, device: Device, processor: str) -> int:
    """Return the working bytes of the largest layer [B], or of two where the next is decompressed meanwhile."""
    layers = working_bytes(plan, model, device, processor)
    ahead = [*layers[1:], 0] if overlaps(device, processor, model) else [0] * len(layers)
    return max(now + following for now, following in zip(layers, ahead, strict=True))


def cache_bytes(model: Model, generation: Generation | None) -> int:
    """Return what the attention cache takes at the end of the longest reply [B]; nothing where none is generated."""
    return 0 if generation is None else kv_bytes(model, sum(longest(generation)) - 1)


def experts_bytes(plan: Plan, model: Model, generation: Generation | None) -> int:
    """Return the most that one layer of a mixture of experts may read, for which the load buffer must have room [B].

    Every expert of a layer may be missing that one token, or any token of the prompt, is routed to. 0 for other models.
    """
    experts = model.decoder.experts if model.decoder else None
    if experts is None or generation is None:
        return 0
    sizes, most = sizes_of(model, bits_of(plan)), min(experts.count, experts.active * longest(generation).prompt)
    by_layer = ([sizes[layer, shard] for shard in row] for layer, row in zip(plan.layers, plan.shards, strict=True))
    return max(sum(sorted(row, reverse=True)[:most]) for row in by_layer)
