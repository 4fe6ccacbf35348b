"""WRX's first stage: the submodels that can be computed in time, the largest first, with what reading them costs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from edgesim.cost import read_ns, shard_bytes
from edgesim.device import Device
from edgesim.errors import InfeasibleError, InputError
from edgesim.model import Model
from edgesim.planners.submodels import Rows, dearest_layer_ns, layers_of, shapes, slices_of
from edgesim.scenario import Budget
from edgesim.units import show_ns

Granularity = Literal["layer", "shard"] | dict[Literal["group"], int]


@dataclass(frozen=True, slots=True)
class Frame:
    """What does not change while bitwidths rise: an n x m submodel, its costs and its limits.

    `layer_ns` is t(m), `slack_ns` the part of the target that the layers leave over, `size` the bytes of a shard
    by bitwidth, and `read` the time of one request by bytes (0 for 0). `load_of` says which load brings each shard,
    in layer order, (n * m,).
    """

    model: Model
    layers: tuple[int, ...]
    slices: Rows
    layer_ns: int
    slack_ns: int
    size: dict[int, int]
    read: Callable[[int], int]
    load_of: tuple[int, ...]
    load_buffer_bytes: int | None
    target_ns: int
    sure: bool
    """Valid budgets guarantee the target; else the recurrence has to be asked."""


def frames(model: Model, device: Device, budget: Budget, granularity: Granularity, use_slack: bool) -> Iterator[Frame]:
    """Yield every submodel that can be computed in time, the largest first, of equals the deepest.

    Raises
    ------
    InfeasibleError
        If there is none.
    """
    times = dearest_layer_ns(model, device, budget)
    size: dict[int, int] = {bits: shard_bytes(model, bits) for bits in model.bitwidths}
    read = _cached_read(device)
    target, every = budget.target_latency_ns, shapes(model, device, budget)
    in_time = [(n, m) for n, m in every if n * times[m] <= target]
    if not in_time:
        shortest, n, m = min((n * times[m], n, m) for n, m in every)
        raise InfeasibleError(f"computing the smallest submodel, {n} x {m}, takes {show_ns(shortest)}: the target of"
                              f" {show_ns(target)} is short by {show_ns(shortest - target)}")  # fmt: skip
    plain = granularity == "layer" and budget.load_buffer_bytes is None
    for n, m in in_time:
        layers = layers_of(model, n)
        slack = target - n * times[m]
        yield Frame(
            model=model,
            layers=layers,
            slices=slices_of(model, layers, m),
            layer_ns=times[m],
            slack_ns=slack if use_slack else 0,
            size=size,
            read=read,
            load_of=_load_of(n, m, granularity),
            load_buffer_bytes=budget.load_buffer_bytes,
            target_ns=target,
            sure=plain,
        )


def _cached_read(device: Device) -> Callable[[int], int]:
    known, storage = {0: 0}, device.storage

    def read(n_bytes: int) -> int:
        time = known.get(n_bytes)
        if time is None:
            time = known[n_bytes] = read_ns(n_bytes, storage)
        return time

    return read


def _load_of(n: int, m: int, granularity: Granularity) -> tuple[int, ...]:
    if granularity == "shard":
        return tuple(range(n * m))
    group = granularity["group"] if isinstance(granularity, dict) else 1
    if group < 1:
        raise InputError(f"granularity: a group needs at least 1 layer, got {group}")
    return tuple(shard // (group * m) for shard in range(n * m))
