"""A stored encoder that executes any submodel with any bitwidths, layer by layer over many texts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from edgesim.errors import InputError
from edgesim.nets.encoder import Encoder, Texts, mean_pool
from edgesim.nets.extra import needs_extra
from edgesim.nets.tokens import Tokenizer, batches
from edgesim.plans import Plan
from edgesim.shards.manifest import TOKENIZER
from edgesim.shards.record import decompress
from edgesim.shards.slicing import LayerBuffer
from edgesim.shards.store import Store, read_resident

Embeddings = NDArray[np.float32]
BATCH = 32


@dataclass(frozen=True, slots=True)
class Pool:
    """Some tokenised texts in batches of similar length; `places` says which text each row of a batch is."""

    size: int
    places: tuple[list[int], ...]
    batches: tuple[Texts, ...]


def load_encoder(store: Store, device: str) -> Encoder:
    """Return the encoder of a store with what stays resident of it.

    Raises
    ------
    InputError
        If that is missing or damaged.
    """
    with needs_extra("safetensors"):
        from safetensors.torch import load
    return Encoder(store.manifest.architecture, load(read_resident(store)), device)


class ElasticEncoder:
    """An encoder that takes its layers' weights from a shard store.

    Parameters
    ----------
    store
        Where the shards are.
    device
        Where to compute: ``cpu`` or ``cuda``.
    longest
        Tokens after which a text is cut, if the model has as many positions.
    """

    def __init__(self, store: Store, device: str = "cpu", longest: int = 128) -> None:
        shape = store.manifest.architecture
        self.store, self.encoder = store, load_encoder(store, device)
        positions = len(self.encoder.resident["embeddings.positions"]) - shape.first_position
        self.tokenizer = Tokenizer(store.folder / TOKENIZER, min(longest, positions))
        self.buffer = LayerBuffer(shape.hidden, shape.ffn, shape.heads)

    def pool(self, texts: Sequence[str]) -> Pool:
        """Tokenise texts and put them in batches.

        Raises
        ------
        InputError
            If the tokenizer is another model's.
        """
        ids, words = self.tokenizer.ids(texts), len(self.encoder.resident["embeddings.words"])
        if (largest := max(map(max, ids))) >= words:
            raise InputError(f"{self.store.folder / TOKENIZER}: gives token {largest}, the model knows {words}; take"
                             " the checkpoint's own tokenizer")  # fmt: skip
        grouped = list(batches(ids, BATCH))
        return Pool(len(texts), tuple(places for places, _ in grouped), tuple(batch for _, batch in grouped))

    def weights(self, layer: int, slices: Sequence[int], bits: Sequence[int]) -> Mapping[str, Tensor]:
        """Read and decompress one layer; the result is valid until the next call.

        Raises
        ------
        InputError
            If a shard is missing or damaged.
        """
        for position, (shard, width) in enumerate(zip(slices, bits, strict=True)):
            decompress(self.store.read(layer, shard, width), self.buffer.places(len(slices), position))
        pieces = self.buffer.pieces(len(slices))
        return {name: torch.from_numpy(piece).to(self.encoder.device) for name, piece in pieces.items()}

    def start(self, pool: Pool) -> list[Tensor]:
        """Return the input of the first layer for each batch."""
        with torch.inference_mode():
            return [self.encoder.embed(batch) for batch in pool.batches]

    def advance(
        self, pool: Pool, states: Sequence[Tensor], layer: int, slices: Sequence[int], bits: Sequence[int]
    ) -> list[Tensor]:
        """Execute one layer on every batch and return its outputs."""
        weights = self.weights(layer, slices, bits)
        with torch.inference_mode():
            return [
                self.encoder.layer(layer, tuple(slices), state, self.encoder.mask(batch), weights)
                for state, batch in zip(states, pool.batches, strict=True)
            ]

    def pooled(self, pool: Pool, states: Sequence[Tensor]) -> Embeddings:
        """Return the mean over each text's tokens, (N, H)."""
        found = np.empty((pool.size, self.store.manifest.architecture.hidden), np.float32)
        for places, state, batch in zip(pool.places, states, pool.batches, strict=True):
            found[places] = mean_pool(state, batch).cpu().numpy()
        if not np.isfinite(found).all():
            raise InputError(f"{self.store.folder}: gives embeddings that are not finite; check the checkpoint")
        return found

    def depths(self, pool: Pool, plan: Plan) -> Iterator[Embeddings]:
        """Yield the texts' embeddings after each layer of a plan, (N, H): those of every shallower submodel too."""
        states = self.start(pool)
        for layer, slices, bits in zip(plan.layers, plan.shards, plan.bitwidths, strict=True):
            states = self.advance(pool, states, layer, slices, bits)
            yield self.pooled(pool, states)

    def embed(self, pool: Pool, plan: Plan) -> Embeddings:
        """Return the texts' embeddings under a plan, (N, H)."""
        *_, last = self.depths(pool, plan)
        return last


def uniform(layers: Sequence[int], slices: Sequence[Sequence[int]], bits: int) -> Plan:
    """Return what to execute when every shard has the same bitwidth."""
    rows = tuple(tuple(row) for row in slices)
    return Plan(tuple(layers), rows, tuple((bits,) * len(row) for row in rows))


def first(n: int, m: int, bits: int) -> Plan:
    """Return the submodel of the first n layers and m slices at one bitwidth."""
    return uniform(range(n), [range(m)] * n, bits)
