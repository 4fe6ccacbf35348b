"""The planners that WRX is compared with: uniform bitwidth, and no choice but the submodel.

Each takes, of the submodels that meet the target under the recurrence, the one of best fidelity, then most shards,
then deepest. They are the baselines of L. Guo, W. Choe, F. X. Lin, arXiv 2207.05022.
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
def load_exec(model: Model, device: Device, budget: Budget, *, bitwidth: int = FULL) -> Search:
    """Load the whole submodel with one request, then execute it.

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

    def one(submodel: Submodel) -> Iterator[Streamed]:
        yield Streamed(submodel, ends=(len(submodel.layers),))

    return Search(model, device, budget, bitwidth, one)


@searched()
def std_pipeline(model: Model, device: Device, budget: Budget, *, bitwidth: int = FULL) -> Search:
    """Load layer by layer while the layers before are executed; nothing is preloaded.

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

    def each(submodel: Submodel) -> Iterator[Streamed]:
        yield Streamed(submodel)

    return Search(model, device, budget, bitwidth, each)


@searched()
def preload_model(model: Model, device: Device, budget: Budget, *, bitwidth: int = FULL) -> Search:
    """Keep every shard resident, whatever the preload buffer is, and load nothing.

    Parameters
    ----------
    model, device, budget
        What to plan, for what, with what.
    bitwidth
        Bits per weight of every shard.

    Raises
    ------
    InfeasibleError
        If no submodel meets the target.
    InputError
        If the model is not stored at that bitwidth.
    """

    def resident(submodel: Submodel) -> Iterator[Streamed]:
        yield Streamed(submodel, tuple(map(len, submodel.slices)), ignores_buffers=True)

    return Search(model, device, budget, bitwidth, resident)
