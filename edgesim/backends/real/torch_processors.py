"""What decompresses and computes the layers with PyTorch: this machine's CPU, or a GPU."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from edgesim.backends.real.processor import Activations, Processor
from edgesim.errors import ExecutionError, InputError, choose
from edgesim.nets.elastic import ElasticEncoder, load_encoder
from edgesim.nets.encoder import Encoder, Texts
from edgesim.plans import Plan
from edgesim.shards.record import decompress
from edgesim.shards.slicing import LayerBuffer
from edgesim.shards.store import Store


def input_texts(encoder: Encoder, tokens: int) -> Texts:
    """Return one text of so many tokens, always the same one: what it says has no effect on the time.

    Raises
    ------
    InputError
        If the model has fewer positions.
    """
    words = len(encoder.resident["embeddings.words"])
    positions = len(encoder.resident["embeddings.positions"]) - encoder.architecture.first_position
    if tokens > positions:
        raise InputError(f"the model has {positions} positions, its geometry says {tokens} tokens; correct seq_len")
    ids = np.random.default_rng(0).integers(words // 2, words, (1, tokens))
    return Texts(torch.from_numpy(ids), torch.ones(1, tokens, dtype=torch.long))


class Cpu:
    """Decompresses and computes on the calling thread."""

    device = "cpu"

    def __init__(self, store: Store, tokens: int) -> None:
        shape = store.manifest.architecture
        self.store, self.encoder = store, load_encoder(store, self.device)
        texts = input_texts(self.encoder, tokens)
        with torch.inference_mode():
            self.input, self.mask = self.encoder.embed(texts), self.encoder.mask(texts)
        room = self._room(shape.heads * shape.parameters_per_shard)
        self.buffer = LayerBuffer(shape.hidden, shape.ffn, shape.heads, room)
        every = range(1, shape.heads + 1)
        self.places = {(m, position): self.buffer.places(m, position) for m in every for position in range(m)}
        self.weights = {m: self._weights(self.buffer.pieces(m)) for m in every}
        self.state = self.input

    def _room(self, weights: int) -> Activations:
        return np.zeros(weights, np.float32)

    def _weights(self, pieces: Mapping[str, Activations]) -> dict[str, Tensor]:
        return {name: torch.from_numpy(piece) for name, piece in pieces.items()}

    def warm_up(self) -> None:
        """Do everything once: kernels are compiled or loaded when they are first used."""
        store, heads = self.store, self.store.manifest.architecture.heads
        for bits in store.manifest.bitwidths:
            decompress(store.read(0, 0, bits), self.places[heads, 0])
        for m in self.weights:
            self.begin()
            self.copy(m)
            self.compute(0, tuple(range(m)))

    def begin(self) -> None:
        """Take the first layer's input."""
        self.state = self.input

    def unpack(self, layer: int, slices: Sequence[int], bits: Sequence[int], records: Sequence[memoryview]) -> None:
        """Verify and decompress the shards of one layer into the working buffer."""
        m, store, places = len(slices), self.store, self.places
        for position in range(m):
            packed = store.verified(records[position], layer, slices[position], bits[position])
            decompress(packed, places[m, position])

    def copy(self, m: int) -> bool:
        """Weights are decompressed where they are computed with."""
        return False

    def compute(self, layer: int, slices: tuple[int, ...]) -> None:
        """Execute one layer."""
        with torch.inference_mode():
            self.state = self.encoder.layer(layer, slices, self.state, self.mask, self.weights[len(slices)])

    def output(self) -> Activations:
        """Return the last layer's output, (T, H)."""
        found: Activations = self.state[0].cpu().numpy()
        return found


class Cuda(Cpu):
    """Decompresses on the calling thread into pinned memory, copies to the GPU and computes there."""

    device = "cuda"

    def __init__(self, store: Store, tokens: int) -> None:
        super().__init__(store, tokens)
        shape = store.manifest.architecture
        room = torch.empty(shape.heads * shape.parameters_per_shard, device=self.device)
        self.remote = {m: _like(pieces, room) for m, pieces in self.weights.items()}
        self.done = torch.cuda.Event()

    def _room(self, weights: int) -> Activations:
        pinned: Activations = torch.zeros(weights, pin_memory=True).numpy()
        return pinned

    def copy(self, m: int) -> bool:
        """Copy the working buffer to the GPU."""
        for name, piece in self.weights[m].items():
            self.remote[m][name].copy_(piece, non_blocking=True)
        self._wait()
        return True

    def compute(self, layer: int, slices: tuple[int, ...]) -> None:
        """Execute one layer on the GPU."""
        with torch.inference_mode():
            self.state = self.encoder.layer(layer, slices, self.state, self.mask, self.remote[len(slices)])
        self._wait()

    def _wait(self) -> None:
        """Wait for the GPU by looking: a sleeping thread is woken too late."""
        self.done.record()
        while not self.done.query():
            pass


def _like(pieces: Mapping[str, Tensor], room: Tensor) -> dict[str, Tensor]:
    """Lay the pieces of a layer out in other memory as they are laid out in the working buffer."""
    views, start = {}, 0
    for name, piece in pieces.items():
        views[name] = room[start : start + piece.numel()].view(piece.shape)
        start += piece.numel()
    return views


PROCESSORS: dict[str, type[Cpu]] = {"cpu": Cpu, "cuda": Cuda}


def make_processor(name: str, store: Store, tokens: int) -> Processor:
    """Make the processor of some name for a store's model and texts of so many tokens.

    Raises
    ------
    InputError
        If there is no such processor, or the model has fewer positions.
    ExecutionError
        If PyTorch sees no GPU.
    """
    if name not in PROCESSORS:
        raise InputError(f"{name}: cannot be executed on here; {choose(name, PROCESSORS)}")
    if name == Cuda.device and not torch.cuda.is_available():
        raise ExecutionError("cuda: PyTorch sees no GPU here; take the processor cpu, or another machine")
    return PROCESSORS[name](store, tokens)


def reference(store: Store, plan: Plan, tokens: int) -> Activations:
    """Return what a plan's layers give for the same text, (T, H), by the encoder that accuracy is measured with.

    Raises
    ------
    InputError
        If a shard is missing or damaged.
    """
    elastic = ElasticEncoder(store, longest=tokens)
    encoder = elastic.encoder
    texts = input_texts(encoder, tokens)
    with torch.inference_mode():
        state, mask = encoder.embed(texts), encoder.mask(texts)
        for layer, slices, bits in zip(plan.layers, plan.shards, plan.bitwidths, strict=True):
            state = encoder.layer(layer, slices, state, mask, elastic.weights(layer, slices, bits))
    found: Activations = state[0].numpy()
    return found
