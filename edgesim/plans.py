"""What was decided before the clock starts: which shards, at which bitwidth, read in which order."""

from dataclasses import dataclass
from typing import NamedTuple

Shard = tuple[int, int]
"""A shard of the model: (layer, slice), both counted from 0 in the full model."""


@dataclass(frozen=True, slots=True)
class Load:
    """One read request of the loader.

    `extents` are the contiguous reads [B] it consists of, one after the other; their sum exceeds `bytes` where
    a store pads its records, or whole pages are read. With `after`, the loader holds it back until the layer at that
    position of `Plan.layers` has finished.
    """

    shards: tuple[Shard, ...]
    bytes: int
    extents: tuple[int, ...]
    after: int | None = None


class Upgrade(NamedTuple):
    """One step of a planner that raised a shard's bitwidth; kept so that a plan explains itself."""

    shard: Shard
    from_bits: int
    to_bits: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Every decision about one app's inferences; n layers of m shards are executed.

    Parameters
    ----------
    layers
        Model layers in execution order, (n,).
    shards
        Slices of each of them, (n, m).
    bitwidths
        Bits per weight of each shard, (n, m), as `shards`.
    preload
        Shards resident before time 0, in compressed form.
    loads
        What is read during one inference that starts with `preload` resident, in order.
    retain
        Shards that stay for the next inference.
    lanes
        Read requests that may be in service at once.
    ignores_buffers
        The plan takes the memory it needs, whatever the buffers are; reports say so.
    io_budget_initial_ns, io_budget_ns
        Accumulated IO budget of each layer before any charge and after all of them, (n,); or empty.
    upgrades
        Bitwidths raised while planning, in order.
    """

    layers: tuple[int, ...]
    shards: tuple[tuple[int, ...], ...]
    bitwidths: tuple[tuple[int, ...], ...]
    preload: tuple[Shard, ...] = ()
    loads: tuple[Load, ...] = ()
    retain: tuple[Shard, ...] = ()
    lanes: int = 1
    ignores_buffers: bool = False
    io_budget_initial_ns: tuple[int, ...] = ()
    io_budget_ns: tuple[int, ...] = ()
    upgrades: tuple[Upgrade, ...] = ()
