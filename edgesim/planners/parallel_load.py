"""Parallel loading: k loaders, one executor, and layers that are freed as soon as they are executed.

Source: X. Han, Z. Cai, Y. Zhang, C. Fan, J. Liu, R. Ma, R. Buyya, Hermes: Memory-Efficient Pipeline Inference for Large
Models on Edge Devices, ICCD 2024 (its pipeline is PIPELOAD).
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


@searched("lanes")
def parallel_load(
    model: Model, device: Device, budget: Budget, *, bitwidth: int = FULL, loaders: int | None = None
) -> Search:
    """Let k loaders read layers side by side, at most k of them behind the one in execution.

    Parameters
    ----------
    model, device, budget
        What to plan, for what, with what; nothing is preloaded.
    bitwidth
        Bits per weight of every shard.
    loaders
        How many, k; by default the fewest that meet the target, which are those with the least in memory: at most
        k + 1 layers.

    Raises
    ------
    InfeasibleError
        If no submodel meets the target within the load buffer.
    InputError
        If the model is not stored at that bitwidth, or the device has fewer lanes than loaders.
    """
    lanes = device.storage.lanes
    if loaders is not None and not 1 <= loaders <= lanes:
        raise InputError(f"loaders: must be 1 to {lanes}, the lanes of {device.name}, got {loaders}")

    def parallel(submodel: Submodel) -> Iterator[Streamed]:
        # one for each layer is as many as have something to do
        choices = [loaders] if loaders else range(1, min(lanes, len(submodel.layers)) + 1)
        for k in choices:
            yield Streamed(submodel, ahead=k, lanes=k)

    return Search(model, device, budget, bitwidth, parallel)
