"""Only the submodel adapts, in width and depth; every shard has full fidelity.

Source: L. Hou, Z. Huang, L. Shang, X. Jiang, X. Chen, Q. Liu, DynaBERT: Dynamic BERT with Adaptive Width and Depth,
NeurIPS 2020; with a pipeline and a preload buffer, as it is compared in L. Guo, W. Choe, F. X. Lin, arXiv 2207.05022.
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
def dynabert(model: Model, device: Device, budget: Budget) -> Search:
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

    def pipelined(submodel: Submodel) -> Iterator[Streamed]:
        n, m = len(submodel.layers), len(submodel.slices[0])
        count = fitting(model, submodel, lambda: submodel.names, budget.preload_bytes)
        yield Streamed(submodel, tuple(min(max(count - m * position, 0), m) for position in range(n)))

    return Search(model, device, budget, FULL, pipelined)
