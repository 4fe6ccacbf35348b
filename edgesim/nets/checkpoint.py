"""Read the weights of BERT, DistilBERT, RoBERTa, MiniLM and DynaBERT encoders from a local folder."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from edgesim.errors import InputError
from edgesim.nets.architecture import read_architecture
from edgesim.nets.extra import needs_extra
from edgesim.shards.architecture import Architecture

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Read = Callable[[str], NDArray[np.float32]]

MATRICES = ("query", "key", "value", "output", "up", "down")
NORMS = ("attention_norm", "ffn_norm")
_BERT_LAYER = {
    "query": "attention.self.query", "key": "attention.self.key", "value": "attention.self.value",
    "output": "attention.output.dense", "attention_norm": "attention.output.LayerNorm",
    "up": "intermediate.dense", "down": "output.dense", "ffn_norm": "output.LayerNorm",
}  # fmt: skip
_DISTILBERT_LAYER = {
    "query": "attention.q_lin", "key": "attention.k_lin", "value": "attention.v_lin",
    "output": "attention.out_lin", "attention_norm": "sa_layer_norm",
    "up": "ffn.lin1", "down": "ffn.lin2", "ffn_norm": "output_layer_norm",
}  # fmt: skip
_LAYERS = {
    "bert": ("encoder.layer", _BERT_LAYER),
    "roberta": ("encoder.layer", _BERT_LAYER),
    "distilbert": ("transformer.layer", _DISTILBERT_LAYER),
}
_TABLES = {"words": "word_embeddings", "positions": "position_embeddings", "types": "token_type_embeddings"}
_OF_ANY_LENGTH = tuple(f"embeddings.{table}" for table in _TABLES)
_PARTS = ("weight", "bias")
_WORDS = "embeddings.word_embeddings.weight"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """An encoder's weights: the matrices of each layer, and what stays resident.

    `read` returns a tensor by the names of this package: ``layers.3.query.weight``, ``layers.3.ffn_norm.bias``,
    ``embeddings.words``.
    """

    folder: Path
    architecture: Architecture
    read: "Read"

    def matrices(self, layer: int) -> "dict[str, NDArray[np.float32]]":
        """Return the six matrices of a layer, (outputs, inputs) each."""
        return {piece: self.read(f"layers.{layer}.{piece}.weight") for piece in MATRICES}

    def resident(self) -> "dict[str, NDArray[np.float32]]":
        """Return everything that is not cut in slices: embeddings, biases and norms."""
        return {name: self.read(name) for name in resident_names(self.architecture)}


def resident_names(architecture: Architecture) -> list[str]:
    """Return the names of the tensors that are not cut in slices."""
    tables = [table for table in _TABLES if table != "types" or architecture.family != "distilbert"]
    names = [f"embeddings.{table}" for table in tables] + ["embeddings.norm.weight", "embeddings.norm.bias"]
    for layer in range(architecture.layers):
        names += [f"layers.{layer}.{piece}.bias" for piece in MATRICES]
        names += [f"layers.{layer}.{norm}.{part}" for norm in NORMS for part in ("weight", "bias")]
    return names


@contextmanager
def open_checkpoint(folder: Path) -> "Iterator[Checkpoint]":
    """Open the checkpoint in a folder: ``config.json`` and ``model.safetensors`` or ``pytorch_model.bin``.

    Raises
    ------
    InputError
        If a file is missing or damaged, or a tensor is missing or has another shape than the configuration says.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; a checkpoint is a folder with config.json, model.safetensors and"
                         " tokenizer.json")  # fmt: skip
    shape = read_architecture(folder / "config.json")
    with _open_tensors(folder) as (path, names, read):
        theirs = _their_names(shape, names, path)
        sizes = _shapes(shape)

        def by_our_name(ours: str) -> "NDArray[np.float32]":
            tensor = read(theirs[ours])
            wanted = sizes.get(ours.split(".", 2)[-1] if ours.startswith("layers.") else ours, tensor.shape[:-1])
            if ours in _OF_ANY_LENGTH:
                wanted = (*tensor.shape[:1], shape.hidden)
            if tensor.shape != wanted:
                raise InputError(f"{path}: {theirs[ours]}: must have the shape {wanted}, got {tensor.shape}")
            return tensor

        yield Checkpoint(folder, shape, by_our_name)


@contextmanager
def _open_tensors(folder: Path) -> "Iterator[tuple[Path, set[str], Read]]":
    path = folder / "model.safetensors"
    if path.is_file():
        with needs_extra("safetensors"):
            from safetensors import SafetensorError, safe_open
        try:
            with safe_open(path, framework="numpy") as tensors:
                yield path, set(tensors.keys()), lambda name: _as_fp32(tensors.get_tensor(name))
        except SafetensorError as error:
            raise InputError(f"{path}: is damaged, {error}") from error
        return
    path = folder / "pytorch_model.bin"
    if not path.is_file():
        raise InputError(f"{folder}: has no model.safetensors and no pytorch_model.bin")
    state = _read_pickled(path)
    yield path, set(state), lambda name: _as_fp32(state[name])


def _read_pickled(path: Path) -> "Mapping[str, NDArray[np.float32]]":
    """Read a PyTorch checkpoint without executing what it may contain."""
    with needs_extra("torch"):
        import torch
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        return {name: tensor.float().numpy() for name, tensor in state.items()}
    except Exception as error:  # pickle's and torch's own errors have no common base
        reason = str(error).split("\n", 1)[0]
        raise InputError(f"{path}: cannot be read as plain weights, {reason}") from error


def _as_fp32(tensor: "NDArray[np.float32]") -> "NDArray[np.float32]":
    import numpy as np

    return np.ascontiguousarray(tensor, dtype=np.float32)


def _their_names(shape: Architecture, names: set[str], path: Path) -> dict[str, str]:
    """Return a checkpoint's name of each of our tensors."""
    word_table = min((name for name in names if name.endswith(_WORDS)), key=len, default=None)
    if word_table is None:
        raise InputError(f"{path}: has no tensor {_WORDS}, so it is no {shape.family} encoder")
    prefix = word_table.removesuffix(_WORDS)
    stem, inside = _LAYERS[shape.family]
    theirs = {f"embeddings.{ours}": f"{prefix}embeddings.{table}.weight" for ours, table in _TABLES.items()}
    theirs |= {f"embeddings.norm.{part}": f"{prefix}embeddings.LayerNorm.{part}" for part in _PARTS}
    for layer, (ours, name), part in product(range(shape.layers), inside.items(), _PARTS):
        theirs[f"layers.{layer}.{ours}.{part}"] = f"{prefix}{stem}.{layer}.{name}.{part}"
    theirs = {ours: _present(name, names) for ours, name in theirs.items()}
    needed = {ours for ours in theirs if ours != "embeddings.types" or shape.family != "distilbert"}
    missing = sorted(theirs[ours] for ours in needed if theirs[ours] not in names)
    if missing:
        raise InputError(f"{path}: lacks {len(missing)} tensors that config.json promises, such as {missing[0]}")
    return {ours: theirs[ours] for ours in needed}


def _present(name: str, names: set[str]) -> str:
    """Return a tensor's name, or the one that TensorFlow gave it where only that is there."""
    old = name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
    return old if name not in names and old in names else name


def _shapes(shape: Architecture) -> dict[str, tuple[int, ...]]:
    hidden, ffn = shape.hidden, shape.ffn
    sizes: dict[str, tuple[int, ...]] = {f"{piece}.weight": (hidden, hidden) for piece in MATRICES[:4]}
    sizes |= {"up.weight": (ffn, hidden), "down.weight": (hidden, ffn), "up.bias": (ffn,), "down.bias": (hidden,)}
    sizes |= {f"{piece}.bias": (hidden,) for piece in MATRICES[:4]}
    sizes |= {f"embeddings.norm.{part}": (hidden,) for part in _PARTS}
    return sizes | {f"{norm}.{part}": (hidden,) for norm in NORMS for part in _PARTS}
