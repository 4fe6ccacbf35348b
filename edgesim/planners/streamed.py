"""The form that most planners of the field share: some shards stay resident, the others come one load a layer."""

from collections.abc import Collection

from edgesim.cost import request
from edgesim.model import Model
from edgesim.planners.search import Submodel
from edgesim.plans import Plan, Shard


def streamed(
    model: Model, submodel: Submodel, kept: Collection[Shard] = (), ahead: int | None = None, lanes: int = 1
) -> Plan:
    """Keep some shards between inferences and read the others with one load a layer, in order.

    Parameters
    ----------
    model, submodel
        What is executed.
    kept
        Shards that are resident before time 0 and stay.
    ahead
        How many layers behind the one in execution may be in memory at once; None is no limit.
    lanes
        Loads that may be in service at once.
    """
    resident, stays = set(kept), tuple(sorted(kept))
    loads = []
    for position, row in enumerate(submodel.rows):
        missing = [pair for pair in row if pair[0] not in resident]
        after = None if ahead is None or position <= ahead else position - ahead - 1
        if missing:
            loads.append(request(model, missing, after))
    return Plan(submodel.layers, submodel.slices, submodel.bitwidths, stays, tuple(loads), stays, lanes)
