"""What quantization costs: the weights of a shard as it is executed, and their error over a whole store."""

from collections.abc import Sequence

import numpy as np

from edgesim.model import FULL
from edgesim.shards.quantize import Floats, squared_error
from edgesim.shards.record import decompress
from edgesim.shards.slicing import piece_rows
from edgesim.shards.store import Store


def distortion(store: Store) -> dict[int, float]:
    """Return the relative squared error of what is stored by bitwidth, read back from flash, over all slices.

    Raises
    ------
    InputError
        If a shard cannot be read, or is not as it was written.
    """
    shape = store.manifest.architecture
    sizes = [rows * shape.hidden for rows in piece_rows(shape.hidden, shape.ffn, shape.heads).values()]
    widths = [bits for bits in store.manifest.bitwidths if bits != FULL]
    errors, power = dict.fromkeys(widths, 0.0), 0.0
    for layer in range(shape.layers):
        for shard in range(shape.heads):
            full = store.read(layer, shard, FULL).values
            power += squared_error(full, np.zeros_like(full))
            for bits in widths:
                errors[bits] += squared_error(full, decompressed(store, layer, shard, bits, sizes))
    return {bits: error / power if power else 0.0 for bits, error in errors.items()}


def decompressed(store: Store, layer: int, shard: int, bits: int, sizes: Sequence[int]) -> Floats:
    """Return the weights of one shard, whose pieces have those sizes, as it is executed, (P,).

    Raises
    ------
    InputError
        As `Store.read`.
    """
    weights = np.empty(sum(sizes), np.float32)
    decompress(store.read(layer, shard, bits), np.split(weights, np.cumsum(sizes)[:-1]))
    return weights
