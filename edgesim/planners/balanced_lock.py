"""Balanced memory locking: a share of every layer stays resident, rather than all of some layers.

Source: H. Du, S. Wu, A. Kharlamova, N. Guan, C. J. Xue, FlexInfer: Breaking Memory Constraint via Flexible and
Efficient Offloading for On-Device LLM Inference, EuroMLSys 2025.
"""

from collections.abc import Iterator

from edgesim.device import Device
from edgesim.model import FULL, Model
from edgesim.planners.search import Search
from edgesim.planners.searched import searched
from edgesim.planners.streamed import Streamed
from edgesim.planners.submodels import Submodel, fitting
from edgesim.scenario import Budget


@searched("preload")
def balanced_lock(model: Model, device: Device, budget: Budget, *, bitwidth: int = FULL) -> Search:
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

    def locked(submodel: Submodel) -> Iterator[Streamed]:
        n, count = len(submodel.layers), fitting(model, submodel, lambda: submodel.turns, budget.preload_bytes)
        # one shard of each layer in turn: no layer has two more than another
        yield Streamed(submodel, tuple((count + n - 1 - position) // n for position in range(n)))

    return Search(model, device, budget, bitwidth, locked)
