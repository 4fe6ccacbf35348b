"""A planner in a file of its own; the scenario beside it names it as ``./plugin_planner.py:all_or_nothing``."""

from collections.abc import Iterator
from itertools import accumulate, chain

from edgesim import Budget, Device, Model, Plan
from edgesim.cost import compute_ns, stored_bytes
from edgesim.planners.search import Submodel, best
from edgesim.planners.streamed import streamed


def all_or_nothing(model: Model, device: Device, budget: Budget, *, bitwidth: int = 4) -> Plan:
    """Execute layers of full width only, read one after the other; what fits of the first stays in memory."""
    widest = max(compute_ns(device, budget.processor, model))

    def plans(submodel: Submodel) -> Iterator[Plan]:
        shards = list(chain(*submodel.rows))
        ends = accumulate(stored_bytes(model, shard, bits) for shard, bits in shards)
        kept = [shard for (shard, _), end in zip(shards, ends, strict=True) if end <= budget.preload_bytes]
        if len(submodel.slices[0]) == widest:
            yield streamed(model, submodel, kept)

    return best(model, device, budget, bitwidth, plans)
