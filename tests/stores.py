"""Random shard stores, and what reading from one takes, told from its description and not by `Records.extents`."""

from collections.abc import Iterable, Mapping

from edgesim.cost import read_ns, shard_bytes
from edgesim.device import Device
from edgesim.model import Model
from edgesim.plans import Shard
from edgesim.records import Version

Row = tuple[int, int, int, int, int]
Pairs = Iterable[tuple[Shard, int]]


def records_of(placed: Mapping[Version, tuple[int, int]]) -> dict[str, list[Row]]:
    """Return records, given as offset and bytes of each (layer, slice, bits), as a model has them."""
    return {"values": [(*version, *place) for version, place in placed.items()]}


SCATTERED = records_of({
    (0, 0, 2): (0, 12), (0, 1, 2): (12, 10), (0, 2, 2): (22, 18), (0, 3, 2): (50, 11),
    (1, 0, 2): (40, 10), (1, 1, 2): (30, 10), (1, 2, 2): (0, 14), (1, 3, 2): (14, 16),
})  # fmt: skip
"""Two layers of four shards of 40 weights at 2 bits: layer 0 lies in its order with a hole before the last shard,
layer 1 in the order 2, 3, 1, 0 without one."""


def told_bytes(model: Model, shard: Shard, bits: int) -> int:
    """Return the size of a shard: its row's, or the formula's where there are none."""
    if model.records is None:
        return shard_bytes(model, bits)
    return model.records.placed[*shard, bits][1]


def told_ns(model: Model, device: Device, pairs: Pairs) -> int:
    """Return the time of one request: a maximal run of bytes of one file is one read, and nothing takes no time."""
    wanted = list(pairs)
    if model.records is None:
        runs = [total] if (total := sum(told_bytes(model, shard, bits) for shard, bits in wanted)) else []
    else:
        files: dict[int, dict[int, int]] = {}
        for (layer, index), bits in wanted:
            offset, n_bytes = model.records.placed[layer, index, bits]
            files.setdefault(layer, {})[offset] = offset + n_bytes
        runs = [run for ends in files.values() for run in _runs(ends)]
    return sum(read_ns(run, device.storage) for run in runs)


def _runs(ends: dict[int, int]) -> list[int]:
    """Follow each run from a start that is no other record's end."""
    found = []
    for start in set(ends) - set(ends.values()):
        end = start
        while end in ends:
            end = ends[end]
        found.append(end - start)
    return found
