"""Grouped transmission: few requests where a request is costly, many where the executor would wait.

Source: Z. Bai, Z. Zhang, Y. Zhu, X. Jin, PipeSwitch: Fast Pipelined Context Switching for Deep Learning Applications,
OSDI 2020.
"""

from collections.abc import Iterator
from itertools import chain, combinations

from edgesim.cost import load_ns, request
from edgesim.device import Device
from edgesim.model import FULL, Model
from edgesim.planners.grouping import Group, fastest
from edgesim.planners.search import Search
from edgesim.planners.searched import searched
from edgesim.planners.streamed import Streamed
from edgesim.planners.submodels import Submodel
from edgesim.scenario import Budget
from edgesim.work import price


@searched("room", "device", dear=True)
def pipeswitch(model: Model, device: Device, budget: Budget, *, bitwidth: int = FULL) -> Search:
    """Load groups of consecutive layers, one request each, in the grouping that finishes first.

    Parameters
    ----------
    model, device, budget
        What to plan, for what, with what; nothing is preloaded.
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
    How the grouping is found: `edgesim.planners.grouping`. As in the source memory is not weighed: a group may be large
    for a gain of nanoseconds, unless the load buffer is bounded.
    """

    def grouped(submodel: Submodel) -> Iterator[Streamed]:
        work = price(Streamed(submodel).plan(model), model, device, budget.processor, ())
        groups = fastest(work, _groups(model, device, submodel), budget.load_buffer_bytes)
        yield Streamed(submodel, ends=tuple(group.stop for group in groups) or None)

    return Search(model, device, budget, bitwidth, grouped)


def _groups(model: Model, device: Device, submodel: Submodel) -> Iterator[Group]:
    """Yield every group of consecutive layers with its request; waking the storage delays all alike."""
    for start, stop in combinations(range(len(submodel.rows) + 1), 2):
        load = request(model, chain.from_iterable(submodel.rows[start:stop]))
        yield Group(start, stop, load, load_ns(load.extents, device.storage))
