"""What was decided before the clock starts: which shards, at which bitwidth, read in which order."""

from dataclasses import dataclass
from typing import NamedTuple

Shard = tuple[int, int]
"""A shard of the model: (layer, slice), both counted from 0 in the full model."""


@dataclass(frozen=True, slots=True)
class Load:
    """One read request of the loader."""

    shards: tuple[Shard, ...]
    """Which shards are read."""
    bytes: int
    """Their size as they are stored [B]."""
    extents: tuple[int, ...]
    """The contiguous reads [B] that it consists of, one after the other; their sum exceeds `bytes` where a store pads
    its records, or whole pages are read."""
    after: int | None = None
    """The loader holds it back until the layer at this position of `Plan.layers` has finished; None is as early as
    possible."""


class Upgrade(NamedTuple):
    """One step of a planner that raised a shard's bitwidth; kept so that a plan explains itself."""

    shard: Shard
    """Which shard was raised."""
    from_bits: int
    """Bits per weight before."""
    to_bits: int
    """Bits per weight since."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Every decision about one app's inferences; n layers of m shards are executed."""

    layers: tuple[int, ...]
    """Model layers in execution order, (n,)."""
    shards: tuple[tuple[int, ...], ...]
    """Slices of each of them, (n, m)."""
    bitwidths: tuple[tuple[int, ...], ...]
    """Bits per weight of each shard, (n, m), as `shards`."""
    preload: tuple[Shard, ...] = ()
    """Shards resident before time 0, in compressed form."""
    loads: tuple[Load, ...] = ()
    """What is read during one inference that starts with `preload` resident, in order."""
    retain: tuple[Shard, ...] = ()
    """Shards that stay for the next inference."""
    lanes: int = 1
    """Read requests that may be in service at once."""
    ignores_buffers: bool = False
    """The plan takes the memory it needs, whatever the buffers are; reports say so."""
    io_budget_initial_ns: tuple[int, ...] = ()
    """Accumulated IO budget of each layer before any charge [ns], (n,); empty for planners without."""
    io_budget_ns: tuple[int, ...] = ()
    """The same after all charges [ns], (n,): what is left, not below 0 in a valid plan."""
    upgrades: tuple[Upgrade, ...] = ()
    """Bitwidths raised while planning, in order."""
