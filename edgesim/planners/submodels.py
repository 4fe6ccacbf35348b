"""Which submodels n x m there are to choose from, and which layers and slices they keep."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import accumulate

from edgesim.cost import compute_ns, decompress_ns, shard_bytes, stored_bytes
from edgesim.device import Device
from edgesim.model import Model
from edgesim.plans import Shard
from edgesim.quality import importances
from edgesim.scenario import Budget

Rows = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Submodel:
    """n layers of m shards, all of one bitwidth."""

    layers: tuple[int, ...]
    slices: Rows
    bits: int

    @property
    def rows(self) -> tuple[tuple[tuple[Shard, int], ...], ...]:
        """Return each layer's shards with their bitwidth, (n, m)."""
        pairs = zip(self.layers, self.slices, strict=True)
        return tuple(tuple(((layer, index), self.bits) for index in row) for layer, row in pairs)

    @property
    def bitwidths(self) -> Rows:
        """Return the bitwidth of each shard, (n, m), as a plan has it."""
        return tuple((self.bits,) * len(row) for row in self.slices)

    @property
    def names(self) -> tuple[Shard, ...]:
        """Return the shards in layer order, (n * m,)."""
        return names_of(self.layers, self.slices)

    @property
    def turns(self) -> tuple[Shard, ...]:
        """Return the shards slice by slice: the first one of each layer, then the second, (n * m,)."""
        return tuple((layer, index) for column in zip(*self.slices, strict=True)
                     for layer, index in zip(self.layers, column, strict=True))  # fmt: skip


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


def fitting(model: Model, submodel: Submodel, order: Callable[[], Iterable[Shard]], n_bytes: int) -> int:
    """Return how many of a submodel's shards fit so many bytes together, taken in some order.

    Parameters
    ----------
    model, submodel
        Whose shards.
    order
        Names all of them; not asked where all are alike.
    n_bytes
        The room [B].
    """
    if model.records is None:
        every = len(submodel.layers) * len(submodel.slices[0])
        return min(every, n_bytes // shard_bytes(model, submodel.bits))
    sizes = (stored_bytes(model, shard, submodel.bits) for shard in order())
    return bisect_right(list(accumulate(sizes)), n_bytes)
