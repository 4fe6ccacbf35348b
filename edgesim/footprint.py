"""What an app takes in memory, as the system sees it."""

from collections.abc import Sequence
from typing import NamedTuple

from edgesim.device import Device
from edgesim.memory import kept_bytes, working_bytes
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

    An inference counts with what it may take: all that is read and does not stay, as far as the load buffer has room
    for it, and the largest layer's working bytes.

    Parameters
    ----------
    plan, model, device, session
        What is executed, on what, and how large the load buffer is.
    resident
        Shards in the preload buffer between inferences.
    """
    always = sum(model.resident_bytes.values.values())
    kept = max(kept_bytes(plan, model, plan.preload), kept_bytes(plan, model, plan.retain))
    passing = [shard for load in plan.loads for shard in load.shards if shard not in {*plan.preload, *plan.retain}]
    read = kept_bytes(plan, model, passing)
    if session.load_buffer_bytes is not None and not plan.ignores_buffers:
        read = min(read, session.load_buffer_bytes)
    working = max(working_bytes(plan, model, device, session.processor)) + cache_bytes(model, session.generation)
    return Footprint(always + kept_bytes(plan, model, resident), always + kept + read + working)


def cache_bytes(model: Model, generation: Generation | None) -> int:
    """Return what the attention cache takes at the end of the longest reply [B]; nothing where none is generated."""
    return 0 if generation is None else kv_bytes(model, sum(longest(generation)) - 1)
