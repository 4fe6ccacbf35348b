"""WRX's first stage: the submodels that can be computed in time, the largest first, with what reading them costs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from edgesim.cost import wakes_ns
from edgesim.device import Device
from edgesim.errors import InputError
from edgesim.model import Model
from edgesim.planners.durations import Durations, durations
from edgesim.planners.prices import Prices, pricing
from edgesim.planners.refusals import too_slow
from edgesim.planners.submodels import Rows, dearest_layer_ns, layers_of, names_of, shapes, slices_of
from edgesim.plans import Shard
from edgesim.scenario import Budget

Granularity = Literal["layer", "shard"] | dict[Literal["group"], int]


@dataclass(frozen=True, slots=True)
class Frame:
    """What does not change while bitwidths rise: an n x m submodel, its costs and its limits.

    `layer_ns` is t(m), `slack_ns` the part of the target that the layers leave over. `names` are the shards in layer
    order, (n * m,), `prices` what they weigh and cost to read; one request brings the next `shards_a_load` of them.
    `durations` are what the recurrence is told of the layers.
    """

    model: Model
    layers: tuple[int, ...]
    slices: Rows
    layer_ns: int
    slack_ns: int
    names: tuple[Shard, ...]
    prices: Prices
    shards_a_load: int
    load_buffer_bytes: int | None
    target_ns: int
    durations: Durations
    wakes_ns: int
    """What the first request takes longer."""
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
    priced, taking = pricing(model, device), durations(model, device, budget, times)
    target, every = budget.target_latency_ns, shapes(model, device, budget)
    in_time = [(n, m) for n, m in every if n * times[m] <= target]
    if not in_time:
        shortest, n, m = min((n * times[m], n, m) for n, m in every)
        raise too_slow(n, m, shortest, target)
    most_layers, wakes = _layers_a_load(granularity), wakes_ns(device.storage)
    for n, m in in_time:
        layers = layers_of(model, n)
        slices = slices_of(model, layers, m)
        names = names_of(layers, slices)
        slack = target - n * times[m]
        yield Frame(
            model=model,
            layers=layers,
            slices=slices,
            layer_ns=times[m],
            slack_ns=slack if use_slack else 0,
            names=names,
            prices=priced(names),
            shards_a_load=m * most_layers or 1,
            load_buffer_bytes=budget.load_buffer_bytes,
            target_ns=target,
            durations=taking,
            wakes_ns=wakes,
            sure=most_layers == 1 and budget.load_buffer_bytes is None and not taking.exact and not wakes,
        )


def _layers_a_load(granularity: Granularity) -> int:
    """Return how many layers one request brings at most; 0 where it brings one shard."""
    if granularity == "shard":
        return 0
    group = granularity["group"] if isinstance(granularity, dict) else 1
    if group < 1:
        raise InputError(f"granularity: a group needs at least 1 layer, got {group}")
    return group
