"""WRX with its budgets spent as well as they can be: the same pipeline and IO budgets, other choices.

Where WRX takes the largest submodel that can be computed and raises shards by importance, `wrx_plus` lets what can be
read choose the submodel too, finds the bitwidths that are worth most within the IO budgets by dynamic programming
(`edgesim.planners.plus.knapsack`), preloads shards at whatever bitwidths are best, and shortens the executor's time
with shards that need less decompression or none (`edgesim.planners.plus.paces`). Where the load buffer keeps the loader
from running ahead, a preload set that is spread over all layers may be better than the first layers: so it tries what
`balanced_lock` does, too.
"""

from contextlib import suppress
from typing import TYPE_CHECKING

from edgesim.device import Device
from edgesim.errors import InfeasibleError
from edgesim.model import FULL, Model
from edgesim.planners.balanced_lock import balanced_lock
from edgesim.planners.machine import Machine, machine
from edgesim.planners.wrx import wrx
from edgesim.plans import Plan
from edgesim.quality import faithfulness
from edgesim.quantile import MEDIAN, at_quantile
from edgesim.scenario import Budget

if TYPE_CHECKING:
    from edgesim.planners.plus.best import Best
    from edgesim.planners.plus.stock import Stock


def wrx_plus(model: Model, device: Device, budget: Budget, *, quantile: float = MEDIAN) -> Plan:
    """Choose submodel, preload set and bitwidths together, so that fidelity is as high as the IO budgets allow.

    Parameters
    ----------
    model, device, budget
        What to plan, for what, with what.
    quantile
        Plan for times that this share of those measured does not exceed, 0.95 for one; the profile's own are medians.

    Raises
    ------
    InfeasibleError
        If no submodel can be computed in time, or none can be read in time even at the lowest bitwidth.
    InputError
        If the profile gives no such quantile.

    Notes
    -----
    It is never worse than `wrx`, any pipeline of one bitwidth or, with a bounded load buffer, `balanced_lock`. A later
    target, a larger preload buffer or faster storage never lowers its fidelity by more than a ten-thousandth, not at
    all for small models, where storage is a line, waits cost only their own time, compressed bitwidths are decompressed
    alike and the load buffer is not bounded. Where the model gives no distortion, it is `wrx`.
    """
    device, worth = at_quantile(device, quantile), faithfulness(model)
    if worth is None:
        return wrx(model, device, budget)
    # with NumPy: not to be loaded by whoever only lists planners
    from edgesim.planners.plus.best import Best
    from edgesim.planners.plus.polish import offer_uniform, polish
    from edgesim.planners.plus.search import Search
    from edgesim.planners.plus.stock import stock

    best, goods, limits = Best(model, device, budget), stock(model, worth), machine(model, device, budget)
    with suppress(InfeasibleError):
        best.offer(wrx(model, device, budget))
    Search(best, goods, limits).run()
    if not _exact(model, limits):
        polish(best, goods, limits)
        offer_uniform(best, goods, limits)
    if budget.load_buffer_bytes is not None:
        _offer_spread(best, goods)
    return best.plan or wrx(model, device, budget)  # which says what is short


def _offer_spread(best: "Best", goods: "Stock") -> None:
    """Offer the plans of `balanced_lock`, at every bitwidth that could be better."""
    for bits in best.model.bitwidths:
        if goods.worth[bits] * float(goods.flat.sum()) > best.worth:
            with suppress(InfeasibleError):
                best.offer(balanced_lock(best.model, best.device, best.budget, bitwidth=bits))


def _exact(model: Model, limits: Machine) -> bool:
    """Tell whether IO budgets say all there is to say."""
    unpack = {limits.unpack_ns[bits] for bits in model.bitwidths if bits != FULL}
    line = limits.storage.read.bandwidth is not None and limits.budget.load_buffer_bytes is None
    return line and model.records is None and not limits.layers_differ and len(unpack) <= 1
