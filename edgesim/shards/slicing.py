"""Cut an encoder layer in S vertical slices: one attention head and 1/S of the feed-forward neurons each.

A slice is a matrix of R rows of H weights, R = 4 H/S + 2 F/S: the head's query, key and value projections and the
transpose of its output projection, then the incoming weights of its neurons and the transpose of their outgoing ones.
Every product of a layer of m slices is then one product with the stacked rows of a *piece* of all of them. Biases,
norms and embeddings are not cut; they stay resident (L. Guo, W. Choe, F. X. Lin, arXiv 2207.05022).
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

PIECES = ("query", "key", "value", "output", "up", "down")
_TRANSPOSED = ("output", "down")

Weights = NDArray[np.float32]


def piece_rows(hidden: int, ffn: int, slices: int) -> dict[str, int]:
    """Return the rows that each piece has in one slice, in the order of storage.

    Raises
    ------
    ValueError
        If the layer cannot be cut in that many equal slices, or rows are no multiple of 8 weights.
    """
    if hidden % slices or ffn % slices or hidden % 8:
        raise ValueError(f"hidden {hidden} and ffn {ffn} cannot be cut in {slices} slices of rows of 8 n weights")
    return {piece: (ffn if piece in ("up", "down") else hidden) // slices for piece in PIECES}


def cut(layer: Mapping[str, Weights], slices: int) -> Weights:
    """Cut the six matrices of a layer, each as a checkpoint has it (outputs, inputs).

    Returns
    -------
    array (S, R, H)
        The slices, FP32.
    """
    hidden, ffn = layer["up"].shape[1], layer["up"].shape[0]
    rows = piece_rows(hidden, ffn, slices)
    whole = [layer[piece].T if piece in _TRANSPOSED else layer[piece] for piece in PIECES]
    parts = [matrix.reshape(slices, rows[piece], hidden) for piece, matrix in zip(PIECES, whole, strict=True)]
    return np.ascontiguousarray(np.concatenate(parts, axis=1), dtype=np.float32)


class LayerBuffer:
    """Room for the decompressed weights of one layer of up to S slices: the working buffer.

    Parameters
    ----------
    hidden, ffn, slices
        Shape of the layer; S is the most slices it has.
    storage
        FP32 memory of S * R * H weights to use, (S * R * H,); new memory by default.
    """

    def __init__(self, hidden: int, ffn: int, slices: int, storage: Weights | None = None) -> None:
        self.hidden, self.rows = hidden, piece_rows(hidden, ffn, slices)
        self.storage = np.empty(slices * sum(self.rows.values()) * hidden, np.float32) if storage is None else storage

    def pieces(self, m: int) -> dict[str, Weights]:
        """Return the matrices of a layer of m slices, (m * rows, H) each, as views."""
        views, start = {}, 0
        for piece, rows in self.rows.items():
            end = start + m * rows * self.hidden
            views[piece] = self.storage[start:end].reshape(m * rows, self.hidden)
            start = end
        return views

    def places(self, m: int, position: int) -> list[Weights]:
        """Return where the weights of one slice of m go: one flat view for each piece, in the order of storage."""
        views = self.pieces(m)
        return [views[piece][position * rows : (position + 1) * rows].reshape(-1) for piece, rows in self.rows.items()]


def spread(weights: Weights, places: Sequence[Weights]) -> None:
    """Copy the weights of a slice, (P,), to their places."""
    for place, part in parts_of(weights, places):
        place[:] = part


def parts_of(weights: Weights, places: Sequence[Weights]) -> Iterator[tuple[Weights, Weights]]:
    """Yield each place with the part of a slice's weights, (P,), that belongs there."""
    start = 0
    for place in places:
        yield place, weights[start : start + place.size]
        start += place.size
