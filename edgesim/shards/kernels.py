"""The inner loops, in numba where it is installed and in numpy elsewhere; both give the same bits."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgesim.compiling import compiler

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]
Places = Sequence[Floats]
_PAIRED = 6
"""Highest bitwidth that is looked up in pairs: beyond it the table is larger than the first-level cache."""


def nearest(weights: Floats, bounds: Floats) -> Bytes:
    """Return in which of the intervals between rising bounds each weight lies, (P,)."""
    compiled = _compiled_nearest()
    if compiled is None:
        return np.searchsorted(bounds, weights).astype(np.uint8)
    found = np.empty(weights.size, np.uint8)
    compiled(weights, bounds, found)
    return found


def pack(indexes: Bytes, bits: int) -> Bytes:
    """Pack indexes of `bits` each without gaps, the first in the lowest bits; their number is a multiple of 8."""
    words = np.zeros(indexes.size // 8, np.uint64)
    for place, column in enumerate(indexes.reshape(-1, 8).T):
        words |= column.astype(np.uint64) << np.uint64(place * bits)
    return words.astype("<u8").view(np.uint8).reshape(-1, 8)[:, :bits].reshape(-1)


def unpack(packed: Bytes, bits: int) -> Bytes:
    """Return the indexes that `pack` packed."""
    padded = np.zeros((packed.size // bits, 8), np.uint8)
    padded[:, :bits] = packed.reshape(-1, bits)
    words = padded.reshape(-1).view("<u8")
    mask = np.uint64((1 << bits) - 1)
    columns = [((words >> np.uint64(place * bits)) & mask).astype(np.uint8) for place in range(8)]
    return np.stack(columns, axis=1).reshape(-1)


def expand(packed: Bytes, bits: int, centroids: Floats, places: Places) -> None:
    """Write the weights that packed indexes stand for into a caller's buffer.

    Parameters
    ----------
    packed
        Indexes as `pack` leaves them.
    bits
        Bits of each, 1 to 8.
    centroids
        One dictionary for all, (1, 2^k), or one for each place, (places, 2^k).
    places
        Contiguous room for as many weights as there are indexes, each a multiple of 8.
    """
    compiled = _compiled_expand(bits, len(places))
    if compiled is not None:
        compiled(packed, centroids, tuple(places))
        return
    indexes, start = unpack(packed, bits), 0
    for number, place in enumerate(places):
        own = indexes[start : start + place.size]
        np.take(centroids[number % len(centroids)], own, out=place, mode="clip")  # clip: numpy buffers in mode raise
        start += place.size


def scatter(offsets: NDArray[np.uint32], values: Floats, places: Places) -> None:
    """Write outliers over what was expanded; `offsets` rise and count through all places."""
    compiled = _compiled_scatter(len(places))
    if compiled is not None:
        compiled(offsets, values, tuple(places))
        return
    bounds = np.searchsorted(offsets, np.cumsum([0, *(place.size for place in places)]))
    start = 0
    for place, first, end in zip(places, bounds, bounds[1:], strict=False):
        place[offsets[first:end] - np.uint32(start)] = values[first:end]
        start += place.size


@cache
def _compiled_nearest() -> Callable[..., None] | None:
    compile_and_keep = compiler()
    if compile_and_keep is None:
        return None

    def function(weights: Floats, bounds: Floats, found: Bytes) -> None:
        for place in range(weights.size):
            low, high, weight = 0, bounds.size, weights[place]
            while low < high:
                middle = (low + high) >> 1
                if bounds[middle] < weight:
                    low = middle + 1
                else:
                    high = middle
            found[place] = low

    return compile_and_keep(function)  # type: ignore[no-any-return]


@cache
def _compiled_expand(bits: int, n_places: int) -> Callable[..., None] | None:  # noqa: C901  (one compiled loop)
    """Compile for one bitwidth and number of places: with constant shifts the loop over a word is unrolled.

    The dictionary is made one of pairs first: then half the look-ups do.
    """
    compile_and_keep = compiler()
    if compile_and_keep is None:
        return None
    paired = bits <= _PAIRED
    step = 2 if paired else 1
    shift, steps, size = step * bits, 8 // step, 1 << bits
    mask = np.uint64((1 << shift) - 1)
    highs = size if paired else 1

    def function(packed: Bytes, centroids: Floats, places: Any) -> None:  # noqa: ANN401  (a tuple of any length)
        start = 0
        table = np.empty((highs * size, step), np.float32)
        for number, place in enumerate(places):
            if number < len(centroids):
                row = centroids[number]
                for high in range(highs):
                    for low in range(size):
                        table[high * size + low, 0] = row[low]
                        table[high * size + low, step - 1] = row[high] if paired else row[low]
            words = table.reshape(-1).view(np.uint64) if paired else table.reshape(-1)
            out = place.view(np.uint64) if paired else place
            for group in range(place.size // 8):
                value = np.uint64(0)
                for byte in range(bits):
                    value |= np.uint64(packed[start + group * bits + byte]) << np.uint64(8 * byte)
                for item in range(steps):
                    out[group * steps + item] = words[(value >> np.uint64(shift * item)) & mask]
            start += place.size // 8 * bits

    return compile_and_keep(function)  # type: ignore[no-any-return]


@cache
def _compiled_scatter(n_places: int) -> Callable[..., None] | None:
    compile_and_keep = compiler()
    if compile_and_keep is None:
        return None

    def function(offsets: NDArray[np.uint32], values: Floats, places: Any) -> None:  # noqa: ANN401  (a tuple)
        at, start = 0, 0
        for place in places:
            end = start + place.size
            while at < offsets.size and offsets[at] < end:
                place[offsets[at] - start] = values[at]
                at += 1
            start = end

    return compile_and_keep(function)  # type: ignore[no-any-return]
