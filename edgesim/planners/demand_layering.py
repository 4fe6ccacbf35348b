"""Demand layering: a layer is read when it is about to be needed, into a buffer of as few layers as will do.

Source: M. Ji, S. Yi, C. Koo, S. Ahn, D. Seo, N. Dutt, J.-C. Kim, Demand Layering for Real-Time DNN Inference with
Minimized Memory Usage, RTSS 2022.
"""

from collections.abc import Iterator

from edgesim.device import Device
from edgesim.errors import InputError
from edgesim.model import FULL, Model
from edgesim.planners.search import Search
from edgesim.planners.searched import searched
from edgesim.planners.streamed import Streamed
from edgesim.planners.submodels import Submodel
from edgesim.scenario import Budget


@searched()
def demand_layering(
    model: Model, device: Device, budget: Budget, *, bitwidth: int = FULL, max_depth: int | None = None
) -> Search:
    """Read one layer at a time into a buffer of the fewest layers that meet the target.

    Parameters
    ----------
    model, device, budget
        What to plan, for what, with what; nothing is preloaded.
    bitwidth
        Bits per weight of every shard.
    max_depth
        Most layers in memory at once, the one in execution included; None is as many as there are. With 1, a layer is
        read when the one before has finished; with 2, while it is executed.

    Raises
    ------
    InfeasibleError
        If no submodel meets the target within the load buffer.
    InputError
        If the model is not stored at that bitwidth, or no layer may be in memory.

    Notes
    -----
    The source copies what was read to the GPU in a stage of its own; here shards are executed where they were read.
    """
    if max_depth is not None and max_depth < 1:
        raise InputError(f"max_depth: at least 1 layer must be in memory, got {max_depth}")

    def deeper(submodel: Submodel) -> Iterator[Streamed]:
        n = len(submodel.layers)
        for depth in range(1, min(n, max_depth or n) + 1):
            yield Streamed(submodel, ahead=depth - 1)

    return Search(model, device, budget, bitwidth, deeper)
