"""Caches of experts: which of them are still in memory when a token is routed to them."""

from collections.abc import Collection, Iterable, Iterator
from typing import Literal, Protocol

from edgesim.plans import Shard
from edgesim.tokens import CacheKind


class Experts(Protocol):
    """Experts that are in memory."""

    def __contains__(self, shard: Shard) -> bool:
        """Tell whether an expert is there."""

    def use(self, shard: Shard) -> bool:
        """Note that an expert is used, and tell whether it was there."""

    def held(self) -> Iterator[Shard]:
        """Yield those that are there, of a cache the least recently used first."""


def cache_of(kept: Collection[Shard], sizes: dict[Shard, int], resident: Iterable[Shard], kind: CacheKind) -> Experts:
    """Return the experts in the preload buffer.

    Parameters
    ----------
    kept
        Those that the plan keeps; no more bytes are held than they have.
    sizes
        Bytes of each expert.
    resident
        Those that are there at first, the least recently used first.
    kind
        ``lru`` holds those used last, ``layer_lru`` those used last in each layer, in the bytes that the plan keeps of
        it; ``fixed`` holds those that the plan keeps, once they have been read.
    """
    if kind != "layer_lru":
        return Cache(kept, sizes, resident, kind)
    return _ByLayer(kept, sizes, resident)


class Cache:
    """One cache for all layers, or the plan's own experts; its parameters are those of `cache_of`."""

    def __init__(
        self, kept: Collection[Shard], sizes: dict[Shard, int], resident: Iterable[Shard], kind: Literal["lru", "fixed"]
    ) -> None:
        self._kept, self._sizes, self._kind = set(kept), sizes, kind
        self.room = sum(sizes[shard] for shard in self._kept)
        self._held = dict.fromkeys(shard for shard in resident if kind == "lru" or shard in self._kept)
        self._bytes = sum(sizes[shard] for shard in self._held)
        self._evict()

    def __contains__(self, shard: Shard) -> bool:
        """Tell whether an expert is there."""
        return shard in self._held

    def use(self, shard: Shard) -> bool:
        """Note that an expert is used, and tell whether it was there."""
        found = shard in self._held
        if found:
            del self._held[shard]
            self._held[shard] = None
        elif shard in self._kept if self._kind == "fixed" else self._sizes[shard] <= self.room:
            self._held[shard] = None
            self._bytes += self._sizes[shard]
            self._evict()
        return found

    def _evict(self) -> None:
        while self._bytes > self.room:
            oldest = next(iter(self._held))
            del self._held[oldest]
            self._bytes -= self._sizes[oldest]

    def held(self) -> Iterator[Shard]:
        """Yield those that are there."""
        return iter(self._held)


class _ByLayer:
    """A cache for each layer.

    One for all layers evicts what a layer will need again before its turn comes, wherever it is smaller than what one
    token uses: layers come in turn, and what was used longest ago is what is needed next.
    """

    def __init__(self, kept: Collection[Shard], sizes: dict[Shard, int], resident: Iterable[Shard]) -> None:
        there = list(resident)
        self._caches = {
            layer: Cache([shard for shard in kept if shard[0] == layer], sizes,
                         [shard for shard in there if shard[0] == layer], "lru")
            for layer in {layer for layer, _ in sizes}
        }  # fmt: skip

    def __contains__(self, shard: Shard) -> bool:
        """Tell whether an expert is there."""
        return shard in self._caches[shard[0]]

    def use(self, shard: Shard) -> bool:
        """Note that an expert is used, and tell whether it was there."""
        return self._caches[shard[0]].use(shard)

    def held(self) -> Iterator[Shard]:
        """Yield those that are there, layer by layer."""
        for cache in self._caches.values():
            yield from cache.held()
