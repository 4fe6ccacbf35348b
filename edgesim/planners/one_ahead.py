"""One layer in memory at a time, and the next one read ahead.

Source: AirLLM (G. Li and contributors, github.com/lyogavin/airllm, 2023), whose `prefetching` starts to read a layer
when the one before starts to execute.
"""

from collections.abc import Iterator

from edgesim.device import Device
from edgesim.model import FULL, Model
from edgesim.planners.search import Search
from edgesim.planners.searched import searched
from edgesim.planners.streamed import Streamed
from edgesim.planners.submodels import Submodel
from edgesim.scenario import Budget


@searched()
def one_ahead(model: Model, device: Device, budget: Budget, *, bitwidth: int = FULL, prefetch: bool = True) -> Search:
    """Read each layer while the one before is executed, or after it.

    Parameters
    ----------
    model, device, budget
        What to plan, for what, with what; nothing is preloaded.
    bitwidth
        Bits per weight of every shard.
    prefetch
        Read one layer ahead, so that two are in memory; false reads a layer when the one before has finished.

    Raises
    ------
    InfeasibleError
        If no submodel meets the target within the load buffer.
    InputError
        If the model is not stored at that bitwidth.
    """

    def ahead(submodel: Submodel) -> Iterator[Streamed]:
        yield Streamed(submodel, ahead=int(prefetch))

    return Search(model, device, budget, bitwidth, ahead)
