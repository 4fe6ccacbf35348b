"""Shares of the weights by a linear program: what stays resident and what is streamed, alike in every layer.

Source: Y. Sheng, L. Zheng, B. Yuan, Z. Li, M. Ryabinin et al., FlexGen: High-Throughput Generative Inference of Large
Language Models with a Single GPU, ICML 2023, section 4.3.
"""

from collections.abc import Iterator
from typing import NamedTuple

from edgesim.cost import compute_ns, decompress_ns, load_ns, overlaps, request, stored_bytes
from edgesim.device import Device
from edgesim.errors import InputError
from edgesim.model import Model
from edgesim.nets.extra import needs_extra
from edgesim.planners.search import Search
from edgesim.planners.searched import searched
from edgesim.planners.streamed import Streamed
from edgesim.planners.submodels import Submodel
from edgesim.scenario import Budget

_NEARLY = 1e-6
"""What a solution may be off by, and what a share is worth beside time: of equal times, the largest is taken."""


class Policy(NamedTuple):
    """What the program is told: a layer's time on each channel, and the memory for `n` of them, in layers."""

    n: int
    read_ns: float
    busy_ns: float
    preload: float
    load_buffer: float | None


@searched("preload", "room", "device", dear=True)
def flexgen(model: Model, device: Device, budget: Budget, *, memory_slack: float = 0.8) -> Search:
    """Keep the same share of every layer resident and stream the rest, one layer ahead of the one in execution.

    The program minimises the time of a layer, which is the longer of reading and computing. Bitwidth and submodel are
    enumerated outside, as its authors enumerate the batch: of those that meet the target, the best fidelity is taken.

    Parameters
    ----------
    model, device, budget
        What to plan, for what, with what.
    memory_slack
        Share of each buffer that the program may fill, above 0, at most 1: the authors' alpha.

    Raises
    ------
    InfeasibleError
        If nothing meets the target within the load buffer.
    InputError
        If the slack is out of range, or SciPy is not installed.
    """
    if not 0 < memory_slack <= 1:
        raise InputError(f"memory_slack: must be above 0 and at most 1, got {memory_slack}")
    room = int(memory_slack * budget.preload_bytes + _NEARLY)

    def shared(submodel: Submodel) -> Iterator[Streamed]:
        share = resident_share(_policy(model, device, budget, submodel, memory_slack))
        if share is not None:
            count = _kept(model, submodel, int(share * len(submodel.slices[0]) + _NEARLY), room)
            yield Streamed(submodel, (count,) * len(submodel.layers), ahead=1)

    return Search(model, device, budget, model.bitwidths, shared)


def _policy(model: Model, device: Device, budget: Budget, submodel: Submodel, slack: float) -> Policy:
    """Describe the mean layer: the policy is one for all of them."""
    n, m = len(submodel.layers), len(submodel.slices[0])
    unpack = m * decompress_ns(device, budget.processor, model, submodel.bits)
    compute = compute_ns(device, budget.processor, model)[m]
    busy = max(unpack, compute) if overlaps(device, budget.processor, model) else unpack + compute
    layer_bytes = sum(stored_bytes(model, *pair) for row in submodel.rows for pair in row) / n
    read = sum(load_ns(request(model, row).extents, device.storage) for row in submodel.rows) / n
    room = None if budget.load_buffer_bytes is None else slack * budget.load_buffer_bytes / layer_bytes
    return Policy(n, read, busy, slack * budget.preload_bytes / layer_bytes, room)


def resident_share(policy: Policy) -> float | None:
    """Solve the program for the share of the weights that stays resident; None if no share fits.

    Its unknowns are the resident share w, the streamed share s and the time of a layer T = max(s * read, busy):
    minimise T such that ``w + s = 1``, ``s * read <= T``, ``busy <= T``, ``n w <= preload`` and ``2 s <= load_buffer``,
    because a layer is executed while the next one is read.

    Raises
    ------
    InputError
        If SciPy is not installed.
    """
    with needs_extra("SciPy", "oracle"):
        from scipy.optimize import linprog

    unit = max(policy.read_ns, policy.busy_ns)
    room = 2.0 if policy.load_buffer is None else policy.load_buffer
    found = linprog(
        [-_NEARLY, 0, 1],
        A_eq=[[1, 1, 0]],
        b_eq=[1],
        A_ub=[[0, policy.read_ns / unit, -1], [policy.n, 0, 0], [0, min(2, policy.n), 0]],
        b_ub=[0, policy.preload, room],
        bounds=[(0, 1), (0, 1), (policy.busy_ns / unit, None)],
    )
    return float(found.x[0]) if found.success else None


def _kept(model: Model, submodel: Submodel, count: int, n_bytes: int) -> int:
    """Return how many shards of each layer stay: so many; fewer where records are unequal and these are larger."""
    for kept in range(count, 0, -1):
        pairs = [pair for row in submodel.rows for pair in row[:kept]]
        if sum(stored_bytes(model, *pair) for pair in pairs) <= n_bytes:
            return kept
    return 0
