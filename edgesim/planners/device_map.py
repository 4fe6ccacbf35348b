"""Whole layers stay resident while there is room; the others are read when their turn comes.

Source: Hugging Face Accelerate (S. Gugger and contributors, github.com/huggingface/accelerate, 2022): `device_map` as
`infer_auto_device_map` fills it, with `disk_offload` and its hooks for the rest.
"""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from edgesim.cost import stored_bytes
from edgesim.device import Device
from edgesim.model import FULL, Model
from edgesim.planners.search import Submodel, best
from edgesim.planners.streamed import streamed
from edgesim.plans import Plan
from edgesim.scenario import Budget


def device_map(model: Model, device: Device, budget: Budget, *, bitwidth: int = FULL) -> Plan:
    """Preload whole layers, from the first to the last that fits, and read the rest without looking ahead.

    Parameters
    ----------
    model, device, budget
        What to plan, for what, with what.
    bitwidth
        Bits per weight of every shard.

    Raises
    ------
    InfeasibleError
        If no submodel meets the target within the load buffer.
    InputError
        If the model is not stored at that bitwidth.
    """

    def hooked(submodel: Submodel) -> Iterator[Plan]:
        sizes = (sum(stored_bytes(model, *pair) for pair in row) for row in submodel.rows)
        whole = bisect_right(list(accumulate(sizes)), budget.preload_bytes)
        kept = [shard for row in submodel.rows[:whole] for shard, _ in row]
        yield streamed(model, submodel, kept, ahead=0)

    return best(model, device, budget, bitwidth, hooked)
