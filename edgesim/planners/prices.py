"""What the shards of a submodel weigh and cost to read: shards that are all alike, or records of a store."""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import getitem

from edgesim.cost import read_ns, shard_bytes
from edgesim.device import Device
from edgesim.model import Model
from edgesim.plans import Shard
from edgesim.records import Records

Read = Callable[[int, Sequence[int], int, int], int]
"""Time of one request [ns] for some bytes: those of the shards from one position to before another, at the bitwidths
of all shards; 0 for none."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Bytes and nanoseconds of the N shards of a submodel, by their position in layer order."""

    size: Sequence[Mapping[int, int]]
    """Bytes of each shard by bitwidth, (N,)."""
    read: Read
    by_bytes: bool
    """A request's time depends on its bytes alone, and never falls when they grow."""

    def fitting(self, bits: Sequence[int], room_bytes: int) -> int:
        """Return how many shards, from the first on and at given bitwidths, a buffer holds."""
        return bisect_right(list(accumulate(map(getitem, self.size, bits))), room_bytes)


def pricing(model: Model, device: Device) -> Callable[[Sequence[Shard]], Prices]:
    """Return what prices any shards of a model, in layer order; the time of each size is computed once."""
    times, records = _Times(device), model.records
    if records is None:
        size: dict[int, int] = {bits: shard_bytes(model, bits) for bits in model.bitwidths}
        return lambda names: Prices(
            [size] * len(names), lambda n_bytes, _bits, _start, _stop: times[n_bytes], by_bytes=True
        )
    return lambda names: _of_records(records, model.bitwidths, names, times)


def _of_records(records: Records, bitwidths: Sequence[int], names: Sequence[Shard], times: "_Times") -> Prices:
    def read(_: int, bits: Sequence[int], start: int, stop: int) -> int:
        versions = [(*names[position], bits[position]) for position in range(start, stop)]
        return sum(times[n_bytes] for _, _, n_bytes in records.extents(versions))

    size = [{bits: records.placed[*name, bits][1] for bits in bitwidths} for name in names]
    return Prices(size, read, by_bytes=False)


class _Times(dict[int, int]):
    """Time of one extent by its bytes [ns]."""

    def __init__(self, device: Device) -> None:
        super().__init__({0: 0})
        self.storage = device.storage

    def __missing__(self, n_bytes: int) -> int:
        time = self[n_bytes] = read_ns(n_bytes, self.storage)
        return time
