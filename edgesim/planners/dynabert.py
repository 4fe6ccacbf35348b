"""Only the submodel adapts, in width and depth; every shard has full fidelity.

Source: L. Hou, Z. Huang, L. Shang, X. Jiang, X. Chen, Q. Liu, DynaBERT: Dynamic BERT with Adaptive Width and Depth,
NeurIPS 2020; with a pipeline and a preload buffer, as it is compared in L. Guo, W. Choe, F. X. Lin, arXiv 2207.05022.
"""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from edgesim.cost import stored_bytes
from edgesim.device import Device
from edgesim.model import FULL, Model
from edgesim.planners.search import Submodel, best
from edgesim.planners.streamed import streamed
from edgesim.planners.submodels import names_of
from edgesim.plans import Plan
from edgesim.scenario import Budget


def dynabert(model: Model, device: Device, budget: Budget) -> Plan:
    """Keep the bottom-most shards resident and load the others layer by layer, all at 32 bits: WRX without bitwidths.

    Parameters
    ----------
    model, device, budget
        What to plan, for what, with what.

    Raises
    ------
    InfeasibleError
        If no submodel meets the target within the load buffer.
    InputError
        If the model is not stored at 32 bits.
    """

    def pipelined(submodel: Submodel) -> Iterator[Plan]:
        names = names_of(submodel.layers, submodel.slices)
        ends = list(accumulate(stored_bytes(model, shard, submodel.bits) for shard in names))
        yield streamed(model, submodel, names[: bisect_right(ends, budget.preload_bytes)])

    return best(model, device, budget, FULL, pipelined)
