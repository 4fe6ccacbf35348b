"""Balanced memory locking: a share of every layer stays resident, rather than all of some layers.

Source: H. Du, S. Wu, A. Kharlamova, N. Guan, C. J. Xue, FlexInfer: Breaking Memory Constraint via Flexible and
Efficient Offloading for On-Device LLM Inference, EuroMLSys 2025.
"""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate, chain

from edgesim.cost import stored_bytes
from edgesim.device import Device
from edgesim.model import FULL, Model
from edgesim.planners.search import Submodel, best
from edgesim.planners.streamed import streamed
from edgesim.plans import Plan, Shard
from edgesim.scenario import Budget


def balanced_lock(model: Model, device: Device, budget: Budget, *, bitwidth: int = FULL) -> Plan:
    """Lock equally many shards of every layer in the preload buffer, and prefetch the rest layer by layer.

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

    Notes
    -----
    It pays where the loader cannot run far ahead, as in the source: every load then hides behind a layer's computation.
    Where the load buffer lets it read from the start of an inference, the same bytes of the first layers serve as well.
    The choice among kinds of tensors that the source adds has no meaning for shards, which are all of one kind.
    """

    def locked(submodel: Submodel) -> Iterator[Plan]:
        yield streamed(model, submodel, _shares(model, submodel, budget.preload_bytes))

    return best(model, device, budget, bitwidth, locked)


def _shares(model: Model, submodel: Submodel, n_bytes: int) -> list[Shard]:
    """Take one shard of each layer in turn, as many as there is room for: no layer has two more than another."""
    turns = [shard for shard, _ in chain.from_iterable(zip(*submodel.rows, strict=True))]
    ends = list(accumulate(stored_bytes(model, shard, submodel.bits) for shard in turns))
    return turns[: bisect_right(ends, n_bytes)]
