"""The system's page cache: what is read when a mapped shard is touched, and what stays cached until it is again."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from edgesim.cost import shard_bytes
from edgesim.model import Model
from edgesim.planners.submodels import Submodel
from edgesim.plans import Shard

Window = tuple[int, int]
"""What is read when one of its pages is missing: an aligned part of a layer's file, by layer and number."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """One layer of a submodel, mapped into memory: the windows of its shards, and their sizes [B] in file order."""

    windows: dict[Shard, list[Window]]
    sizes: dict[Window, int]


def mapped(model: Model, submodel: Submodel, page_bytes: int, window_bytes: int) -> list[Mapped]:
    """Map the layers of a submodel, (n,).

    With records a shard lies where its record does, and a window ends with its layer's file, whatever else is in it;
    without, the slices that are executed fill a file of their own, from its start.

    Parameters
    ----------
    model, submodel
        What is mapped.
    page_bytes
        Files are read in whole pages of this size [B].
    window_bytes
        Distance of windows [B], a multiple of the pages.
    """
    layers = []
    for layer, row in zip(submodel.layers, submodel.slices, strict=True):
        places, end = _places(model, layer, row, submodel.bits)
        end = -(-end // page_bytes) * page_bytes
        windows = {
            shard: [(layer, at) for at in range(offset // window_bytes, (offset + size - 1) // window_bytes + 1)]
            for shard, offset, size in places
        }
        touched = sorted({window for each in windows.values() for window in each})
        layers.append(Mapped(windows, {each: min(window_bytes, end - each[1] * window_bytes) for each in touched}))
    return layers


def _places(model: Model, layer: int, row: Sequence[int], bits: int) -> tuple[list[tuple[Shard, int, int]], int]:
    """Return offset and size of each shard of a layer in its file, and the end of the file [B]."""
    if model.records is None:
        size = shard_bytes(model, bits)
        return [((layer, index), at * size, size) for at, index in enumerate(row)], len(row) * size
    placed = model.records.placed
    return [((layer, index), *placed[layer, index, bits]) for index in row], model.records.ends[layer]


def steady_hits(scan: Sequence[tuple[Window, int]], capacity_bytes: int) -> set[Window]:
    """Return what an LRU cache still holds when its turn comes, in one scan after the other.

    Parameters
    ----------
    scan
        Windows in the order in which they are touched, each once, and their sizes [B].
    capacity_bytes
        Room of the cache [B]; what has not been touched for longest makes room.

    Notes
    -----
    A scan that the cache holds always hits; of a longer one, everything has gone when it is touched again.
    """
    cache: OrderedDict[Window, int] = OrderedDict()
    hits: set[Window] = set()
    used, before = 0, None
    while list(cache) != before:  # until a scan ends as it began
        before, hits = list(cache), set()
        for window, size in scan:
            if window in cache:
                hits.add(window)
                cache.move_to_end(window)
                continue
            cache[window] = size
            used += size
            while used > capacity_bytes:
                used -= cache.popitem(last=False)[1]
    return hits
