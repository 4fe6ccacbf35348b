"""What checkpoints call an encoder's tensors, by this package's own names."""

from collections.abc import Collection
from pathlib import Path

from edgesim.errors import InputError
from edgesim.shards.architecture import Architecture

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
_WORDS = "embeddings.word_embeddings.weight"
_TENSORFLOW = {"LayerNorm.weight": "LayerNorm.gamma", "LayerNorm.bias": "LayerNorm.beta"}


def resident_names(architecture: Architecture) -> list[str]:
    """Return the names of the tensors that are not cut in slices."""
    names = [f"embeddings.{table}" for table in _tables(architecture)]
    names += ["embeddings.norm.weight", "embeddings.norm.bias"]
    for layer in range(architecture.layers):
        names += [f"layers.{layer}.{piece}.bias" for piece in MATRICES]
        names += [f"layers.{layer}.{norm}.{part}" for norm in NORMS for part in ("weight", "bias")]
    return names


def their_names(architecture: Architecture, names: Collection[str], path: Path) -> dict[str, str]:
    """Return what a checkpoint calls each of our tensors.

    Parameters
    ----------
    architecture
        Says which tensors there must be.
    names
        Of the tensors in the checkpoint: they may share a prefix, and call the norms as TensorFlow does.
    path
        The checkpoint's file, for messages.

    Raises
    ------
    InputError
        If a tensor is missing.
    """
    tables = sorted((name for name in names if name.endswith(_WORDS)), key=lambda name: (len(name), name))
    if not tables:
        raise InputError(f"{path}: has no tensor {_WORDS}, so it is no {architecture.family} encoder")
    prefix = tables[0].removesuffix(_WORDS)
    theirs = {ours: _present(prefix + name, names) for ours, name in _plain_names(architecture).items()}
    missing = [name for name in theirs.values() if name not in names]
    if missing:
        raise InputError(f"{path}: lacks {len(missing)} of the tensors that config.json promises, such as {missing[0]}")
    return theirs


def _plain_names(architecture: Architecture) -> dict[str, str]:
    """Return what the family calls each of our tensors, before any prefix."""
    stem, inside = _LAYERS[architecture.family]
    plain = {f"embeddings.{ours}": f"embeddings.{name}.weight" for ours, name in _tables(architecture).items()}
    for part in ("weight", "bias"):
        plain[f"embeddings.norm.{part}"] = f"embeddings.LayerNorm.{part}"
        for layer in range(architecture.layers):
            for ours, name in inside.items():
                plain[f"layers.{layer}.{ours}.{part}"] = f"{stem}.{layer}.{name}.{part}"
    return plain


def _tables(architecture: Architecture) -> dict[str, str]:
    return {ours: name for ours, name in _TABLES.items() if ours != "types" or architecture.family != "distilbert"}


def _present(name: str, names: Collection[str]) -> str:
    """Return the name that is there of the two that a norm's tensor may have."""
    for new, old in _TENSORFLOW.items():
        if name not in names and name.endswith(new):
            return name.removesuffix(new) + old
    return name


def shape_of(name: str, architecture: Architecture) -> tuple[int | None, ...]:
    """Return the shape that one of our tensors must have; None where any number of rows will do."""
    piece, part = name.split(".")[-2:]
    outputs = architecture.ffn if piece == "up" else architecture.hidden
    if name.startswith("embeddings."):
        return (architecture.hidden,) if piece == "norm" else (None, architecture.hidden)
    if part == "bias" or piece in NORMS:
        return (outputs,)
    return outputs, architecture.ffn if piece == "down" else architecture.hidden
