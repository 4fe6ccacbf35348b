"""What a checkpoint's ``config.json`` says of a BERT-family encoder."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from edgesim.errors import InputError, choose
from edgesim.shards.architecture import Activation, Architecture

_ACTIVATIONS: dict[str, Activation] = {
    "gelu": "gelu", "gelu_new": "gelu_tanh", "gelu_pytorch_tanh": "gelu_tanh", "relu": "relu",
}  # fmt: skip
_BERT = {
    "layers": "num_hidden_layers",
    "hidden": "hidden_size",
    "heads": "num_attention_heads",
    "ffn": "intermediate_size",
    "activation": "hidden_act",
}
_KEYS = {
    "bert": _BERT,
    "roberta": _BERT,
    "distilbert": {"layers": "n_layers", "hidden": "dim", "heads": "n_heads", "ffn": "hidden_dim",
                   "activation": "activation"},
}  # fmt: skip
FAMILIES = tuple(_KEYS)
"""Values of ``model_type`` that can be read; MiniLM and DynaBERT call themselves bert."""


def read_architecture(path: Path) -> Architecture:
    """Read a ``config.json`` of a BERT, DistilBERT or RoBERTa checkpoint.

    Raises
    ------
    InputError
        If it is missing, no JSON, of another family, lacks a key, or describes layers that cannot be cut.
    """
    try:
        config = json.loads(path.read_text())
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; a checkpoint is a folder with config.json, model.safetensors and"
                         " tokenizer.json") from None  # fmt: skip
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: is not a JSON file, {error}") from error
    if not isinstance(config, dict):
        raise InputError(f"{path}: must be a mapping of keys, got {type(config).__name__}")
    return architecture(config, str(path))


def architecture(config: Mapping[str, Any], shown: str) -> Architecture:
    """Return the architecture that a configuration describes; messages call it `shown`.

    Raises
    ------
    InputError
        As `read_architecture`.
    """
    family = str(config.get("model_type"))
    if family not in _KEYS:
        raise InputError(f"{shown}: model_type: must be a BERT-family encoder, got {family}; {choose(family, _KEYS)}")
    keys = _KEYS[family]
    sizes = {ours: _count(config, theirs, shown) for ours, theirs in keys.items() if ours != "activation"}
    activation = str(config.get(keys["activation"]))
    if activation not in _ACTIVATIONS:
        raise InputError(f"{shown}: {keys['activation']}: unknown activation, got {activation};"
                         f" {choose(activation, _ACTIVATIONS)}")  # fmt: skip
    _check_form(config, sizes, shown)
    derived = {
        "family": family,
        "activation": _ACTIVATIONS[activation],
        "norm_eps": config.get("layer_norm_eps", 1e-12),
        "first_position": config.get("pad_token_id", 1) + 1 if family == "roberta" else 0,
    }
    try:
        return Architecture.model_validate(sizes | derived)
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"{shown}: {first['loc'][0]}: {first['msg']}") from error


def _count(config: Mapping[str, Any], key: str, shown: str) -> int:
    value = config.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InputError(f"{shown}: {key}: must be a positive integer, got {value}")
    return value


def _check_form(config: Mapping[str, Any], sizes: Mapping[str, int], shown: str) -> None:
    """Refuse what this encoder would compute wrongly."""
    if config.get("position_embedding_type", "absolute") != "absolute":
        raise InputError(f"{shown}: position_embedding_type: must be absolute, got {config['position_embedding_type']}")
    for name in ("hidden", "ffn"):
        if sizes[name] % sizes["heads"]:
            raise InputError(f"{shown}: {name} size {sizes[name]} cannot be cut in {sizes['heads']} equal slices")
