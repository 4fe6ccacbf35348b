"""The planners that WRX is compared with: uniform bitwidth, and no choice but the submodel.

Each takes, of the submodels that meet the target under the recurrence, the one of best fidelity, then most shards,
then deepest. They are the baselines of L. Guo, W. Choe, F. X. Lin, arXiv 2207.05022.
"""

from collections.abc import Iterator

from edgesim.cost import request
from edgesim.device import Device
from edgesim.model import FULL, Model
from edgesim.planners.search import Submodel, best
from edgesim.plans import Plan
from edgesim.scenario import Budget


def load_exec(model: Model, device: Device, budget: Budget, *, bitwidth: int = FULL) -> Plan:
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

    def one(submodel: Submodel) -> Iterator[Plan]:
        whole = request(model, (pair for row in submodel.rows for pair in row))
        yield Plan(submodel.layers, submodel.slices, submodel.bitwidths, loads=(whole,))

    return best(model, device, budget, bitwidth, one)


def std_pipeline(model: Model, device: Device, budget: Budget, *, bitwidth: int = FULL) -> Plan:
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

    def each(submodel: Submodel) -> Iterator[Plan]:
        loads = tuple(request(model, row) for row in submodel.rows)
        yield Plan(submodel.layers, submodel.slices, submodel.bitwidths, loads=loads)

    return best(model, device, budget, bitwidth, each)


def preload_model(model: Model, device: Device, budget: Budget, *, bitwidth: int = FULL) -> Plan:
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

    def resident(submodel: Submodel) -> Iterator[Plan]:
        every = tuple(shard for row in submodel.rows for shard, _ in row)
        yield Plan(submodel.layers, submodel.slices, submodel.bitwidths, every, retain=every, ignores_buffers=True)

    return best(model, device, budget, bitwidth, resident)
