"""What the shards of a model weigh and are worth, in whole units of bytes: how `wrx_plus` counts."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edgesim.cost import shard_bytes, stored_bytes
from edgesim.model import FULL, Model
from edgesim.plans import Shard
from edgesim.quality import weights

MOST_UNITS = 8192
"""Up to so many units for the whole model, bytes are counted exactly."""
PARTS = 4
"""Units in a step of one bit, where records differ and nothing divides them."""


@dataclass(frozen=True, slots=True)
class Stock:
    """All shards of a model, by name.

    A shard's smallest version has `base` bytes; another has at most ``unit * steps[bits]`` more. It is worth
    ``weight * worth[bits]``. `bitwidths` rise in size.
    """

    model: Model
    bitwidths: tuple[int, ...]
    unit: int
    base: Mapping[Shard, int]
    steps: Mapping[Shard, Mapping[int, int]]
    weight: NDArray[np.float64]
    worth: Mapping[int, float]
    by_bits: dict[int, NDArray[np.int64]] = field(default_factory=dict)

    @property
    def flat(self) -> NDArray[np.float64]:
        """The weight of all shards of the model, (L * S,)."""
        return self.weight.reshape(-1)

    def counted(self, shard: Shard, allowed: tuple[int, ...]) -> tuple[int, list[int]]:
        """Return the bytes of the first of some versions, which rise in size, and the units that each has above it."""
        steps = self.steps[shard]
        if allowed[0] == self.bitwidths[0]:
            return self.base[shard], [steps[bits] for bits in allowed]
        sizes = [stored_bytes(self.model, shard, bits) for bits in allowed]
        return sizes[0], [-(-max(size - sizes[0], 0) // self.unit) for size in sizes]

    def sizes(self, bits: int) -> NDArray[np.int64]:
        """Return at most how many bytes each shard of the model has at some bitwidth, (L * S,)."""
        if bits not in self.by_bits:
            rows = zip(self.base.values(), self.steps.values(), strict=True)
            self.by_bits[bits] = np.array([base + self.unit * steps[bits] for base, steps in rows], np.int64)
        return self.by_bits[bits]


def stock(model: Model, worth: Mapping[int, float]) -> Stock:
    """Weigh a model's shards.

    Notes
    -----
    The unit depends on the model alone: what is rounded away must not change with the target or the buffers, or a plan
    could get worse where there is more of them.
    """
    names = [(layer, index) for layer in range(model.layers) for index in range(model.shards_per_layer)]
    sizes = _sizes(model, names)
    by_size = sorted(model.bitwidths, key=lambda bits: (min(size[bits] for size in sizes), bits))
    base = [size[by_size[0]] for size in sizes]
    more: list[Mapping[int, int]] = [
        {bits: max(size[bits] - least, 0) for bits in by_size} for size, least in zip(sizes, base, strict=True)
    ]
    unit = _unit(model, more if model.records else more[:1], len(more) if model.records is None else 1)
    alike: dict[int, Mapping[int, int]] = {}
    steps = [
        alike.setdefault(id(size), {bits: -(-n_bytes // unit) for bits, n_bytes in grown.items()})
        for size, grown in zip(sizes, more, strict=True)
    ]
    return Stock(
        model, tuple(by_size), unit, dict(zip(names, base, strict=True)), dict(zip(names, steps, strict=True)),
        np.array(weights(model)), worth,
    )  # fmt: skip


def _sizes(model: Model, names: Sequence[Shard]) -> list[Mapping[int, int]]:
    if model.records is None:
        return [{bits: shard_bytes(model, bits) for bits in model.bitwidths}] * len(names)
    placed = model.records.placed
    return [{bits: placed[*name, bits][1] for bits in model.bitwidths} for name in names]


def _unit(model: Model, more: Sequence[Mapping[int, int]], alike: int) -> int:
    """Return bytes that divide all differences in size, or nearly so where that would make too many units.

    Each row of `more` stands for so many shards that are `alike`.
    """
    divisor = math.gcd(*(n_bytes for grown in more for n_bytes in grown.values())) or 1
    if alike * sum(max(grown.values()) for grown in more) // divisor <= MOST_UNITS:
        return divisor
    compressed: list[int] = [bits for bits in model.bitwidths if bits != FULL] or [FULL]
    lowest = compressed[0]
    step = math.gcd(*(bits - lowest for bits in compressed)) or 1
    by_step = [
        -(-grown[bits] * step // (bits - lowest)) for grown in more for bits in compressed if bits != lowest
    ] or [max(max(grown.values()) for grown in more)]  # fmt: skip
    return max(by_step) if model.records is None else -(-max(by_step) // PARTS)
