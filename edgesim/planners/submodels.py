"""Which submodels n x m there are to choose from, and which layers and slices they keep."""

from edgesim.cost import compute_ns, decompress_ns
from edgesim.device import Device
from edgesim.model import Model
from edgesim.plans import Shard
from edgesim.quality import importances
from edgesim.scenario import Budget

Rows = tuple[tuple[int, ...], ...]


def shapes(model: Model, device: Device, budget: Budget) -> list[tuple[int, int]]:
    """Return every (n, m) that the model allows and the device was measured for: largest first, of equals deepest."""
    allowed = compute_ns(device, budget.processor, model)
    every = [(n * m, n, m) for n in range(model.min_layers, model.layers + 1) for m in allowed]
    return [(n, m) for _, n, m in sorted(every, reverse=True)]


def layers_of(model: Model, n: int) -> tuple[int, ...]:
    """Return the n layers that the model's rule keeps, rising."""
    if model.submodel.layers == "uniform":
        return tuple(index * model.layers // n for index in range(n))
    if model.submodel.layers == "importance":
        rows = importances(model)
        return tuple(sorted(sorted(range(model.layers), key=lambda layer: -sum(rows[layer]))[:n]))
    return tuple(range(n))


def slices_of(model: Model, layers: tuple[int, ...], m: int) -> Rows:
    """Return the m slices of each layer that the model's rule keeps, rising."""
    if model.submodel.shards == "importance":
        rows = importances(model)
        every = range(model.shards_per_layer)
        return tuple(tuple(sorted(sorted(every, key=lambda s: -rows[layer][s])[:m])) for layer in layers)
    return (tuple(range(m)),) * len(layers)


def names_of(layers: tuple[int, ...], slices: Rows) -> tuple[Shard, ...]:
    """Return the shards of a submodel in layer order, (n * m,)."""
    return tuple((layer, index) for layer, row in zip(layers, slices, strict=True) for index in row)


def dearest_layer_ns(model: Model, device: Device, budget: Budget) -> dict[int, int]:
    """Return by m the executor time of a layer of m shards at the bitwidth dearest to decompress, t(m) [ns]."""
    unpack = max(decompress_ns(device, budget.processor, model, bits) for bits in model.bitwidths)
    return {m: time + m * unpack for m, time in compute_ns(device, budget.processor, model).items()}
