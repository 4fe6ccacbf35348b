"""No plan at all: weights are mapped into memory, and the system reads a page when it is touched.

Source: what llama.cpp does by default (G. Gerganov and contributors, github.com/ggml-org/llama.cpp, 2023: `mmap` of
the model file); pages, read-around and LRU are those of Linux (mm/filemap.c, `do_sync_mmap_readahead`), simplified.
"""

from collections.abc import Collection, Iterator

from edgesim.cost import stored_bytes
from edgesim.device import Device
from edgesim.errors import InputError
from edgesim.model import FULL, Model
from edgesim.planners.page_cache import Mapped, mapped, steady_hits
from edgesim.planners.search import Search
from edgesim.planners.searched import searched
from edgesim.planners.submodels import Submodel
from edgesim.plans import Load, Plan, Shard
from edgesim.scenario import Budget


@searched("preload", dear=True)
def mmap_lru(  # noqa: PLR0913  (the options are keyword-only, so that a YAML file can name them)
    model: Model,
    device: Device,
    budget: Budget,
    *,
    bitwidth: int = FULL,
    page_bytes: int = 4096,
    read_ahead_bytes: int = 131072,
) -> Search:
    """Let an LRU page cache as large as the preload buffer decide what is read, when a layer is executed.

    Parameters
    ----------
    model, device, budget
        What to plan, for what, with what.
    bitwidth
        Bits per weight of every shard.
    page_bytes
        Unit of the page cache [B].
    read_ahead_bytes
        What one missing page reads: the aligned part of the file that it lies in [B], whole pages.

    Raises
    ------
    InfeasibleError
        If no submodel meets the target within the load buffer.
    InputError
        If the model is not stored at that bitwidth, or what is read ahead is not whole pages.

    Notes
    -----
    The plan is about inference after inference: what is preloaded is what the cache still holds then. Simplified: the
    cache evicts whole windows, and windows are aligned. Read pages count as load buffer until their layer has finished;
    that a full cache then still holds them, to no use, is not counted. The first inference of a cold session reads what
    the cache will hold as it would for any plan, with one request a layer, ahead of its need.
    """
    if page_bytes < 1 or read_ahead_bytes < 1 or read_ahead_bytes % page_bytes:
        raise InputError(
            f"read_ahead_bytes: must be whole pages, at least one, got {read_ahead_bytes} B for pages of {page_bytes} B"
        )

    def touched(submodel: Submodel) -> Iterator[Plan]:
        layers = mapped(model, submodel, page_bytes, read_ahead_bytes)
        cached = steady_hits([item for layer in layers for item in layer.sizes.items()], budget.preload_bytes)
        kept = tuple(shard for layer in layers for shard, windows in layer.windows.items() if cached >= set(windows))
        reads = (_load(model, submodel.bits, at, layer, kept) for at, layer in enumerate(layers))
        loads = tuple(load for load in reads if load.shards)
        yield Plan(submodel.layers, submodel.slices, submodel.bitwidths, kept, loads, kept)

    return Search(model, device, budget, bitwidth, touched)


def _load(model: Model, bits: int, position: int, layer: Mapped, kept: Collection[Shard]) -> Load:
    """Read every window of the shards that are not cached, when the layer before has finished."""
    shards = tuple(shard for shard in layer.windows if shard not in kept)
    windows = {window for shard in shards for window in layer.windows[shard]}
    n_bytes = sum(stored_bytes(model, shard, bits) for shard in shards)
    extents = tuple(size for window, size in layer.sizes.items() if window in windows)
    return Load(shards, n_bytes, extents, position - 1 if position else None)
