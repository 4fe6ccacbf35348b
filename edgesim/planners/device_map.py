"""Whole layers stay resident while there is room; the others are read when their turn comes.

Source: Hugging Face Accelerate (S. Gugger and contributors, github.com/huggingface/accelerate, 2022): `device_map` as
`infer_auto_device_map` fills it, with `disk_offload` and its hooks for the rest.
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
def device_map(model: Model, device: Device, budget: Budget, *, bitwidth: int = FULL) -> Search:
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

    def hooked(submodel: Submodel) -> Iterator[Streamed]:
        n, m = len(submodel.layers), len(submodel.slices[0])
        whole = fitting(model, submodel, lambda: submodel.names, budget.preload_bytes) // m
        yield Streamed(submodel, (m,) * whole + (0,) * (n - whole), ahead=0)

    return Search(model, device, budget, bitwidth, hooked)
