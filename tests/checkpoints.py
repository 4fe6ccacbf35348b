"""Tiny checkpoints of every family with random weights, and the matrices of tiny layers: what tests cut in shards."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Tensors = dict[str, NDArray[np.float32]]
MATRICES = ("query", "key", "value", "output", "up", "down")
PREFIXES = {"bert": "bert.", "roberta": "roberta.", "distilbert": "distilbert."}
_BERT = (
    "attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense",
    "intermediate.dense", "output.dense", "attention.output.LayerNorm", "output.LayerNorm",
)  # fmt: skip
_DISTILBERT = (
    "attention.q_lin", "attention.k_lin", "attention.v_lin", "attention.out_lin", "ffn.lin1", "ffn.lin2",
    "sa_layer_norm", "output_layer_norm",
)  # fmt: skip
_SPECIAL = {
    "bert": ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"),
    "distilbert": ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"),
    "roberta": ("<s>", "<pad>", "</s>", "<unk>", "<mask>"),
}
_WORDS = ("a", "the", "and", "not", "is", "it", "of", "to", "in", "good", "bad", "film", "##s", "##ed", *".,!?'")
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def gaussian(generator: np.random.Generator, *shape: int, deviation: float = 0.1) -> NDArray[np.float32]:
    """Return Gaussian weights of which one in 200 is eight times too large."""
    weights = generator.normal(0, deviation, shape)
    return np.where(generator.random(shape) < 1 / 200, 8 * weights, weights).astype(np.float32)


def layer_matrices(hidden: int, ffn: int, seed: int) -> Tensors:
    """Return the six matrices of one layer, (outputs, inputs) each."""
    generator = np.random.default_rng(seed)
    sizes = {"up": (ffn, hidden), "down": (hidden, ffn)}
    return {piece: gaussian(generator, *sizes.get(piece, (hidden, hidden))) for piece in MATRICES}


def write_checkpoint(
    folder: Path,
    family: str = "bert",
    *,
    layers: int = 3,
    hidden: int = 32,
    heads: int = 4,
    ffn: int = 64,
    vocab: int = 128,
    positions: int = 64,
    activation: str = "gelu",
    seed: int = 0,
    prefix: bool = False,
    tensorflow: bool = False,
    pickled: bool = False,
    changes: Mapping[str, object] | None = None,
) -> Path:
    """Write a checkpoint that transformers could have written, and return its folder.

    Parameters
    ----------
    folder
        Where to; made if it is not there.
    family
        ``bert``, ``roberta`` or ``distilbert``.
    layers, hidden, heads, ffn, vocab, positions, activation, seed
        Shape of the encoder, and what its random weights begin with.
    prefix
        Name the tensors as a model with a head does: ``bert.encoder...``.
    tensorflow
        Call the norms' weights and biases gamma and beta.
    pickled
        Write ``pytorch_model.bin``, not ``model.safetensors``.
    changes
        Keys of ``config.json`` that are to be otherwise.
    """
    folder.mkdir(parents=True, exist_ok=True)
    config = _config(family, layers, hidden, heads, ffn) | {
        "vocab_size": vocab, "max_position_embeddings": positions, "torch_dtype": "float32",
        ("activation" if family == "distilbert" else "hidden_act"): activation,
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config | dict(changes or {}), indent=1))
    (folder / "tokenizer.json").write_text(json.dumps(_tokenizer(family, vocab), indent=1))
    tensors = dict(_tensors(family, (layers, hidden, ffn), vocab, positions, np.random.default_rng(seed)))
    start = PREFIXES[family] if prefix else ""
    _save(folder, {start + (_as_tensorflow(name) if tensorflow else name): t for name, t in tensors.items()}, pickled)
    return folder


def _config(family: str, layers: int, hidden: int, heads: int, ffn: int) -> dict[str, object]:
    if family == "distilbert":
        return {
            "model_type": family, "architectures": ["DistilBertModel"], "n_layers": layers, "dim": hidden,
            "n_heads": heads, "hidden_dim": ffn, "pad_token_id": 0, "sinusoidal_pos_embds": False,
        }  # fmt: skip
    return {
        "model_type": family, "architectures": ["BertModel" if family == "bert" else "RobertaModel"],
        "num_hidden_layers": layers, "hidden_size": hidden, "num_attention_heads": heads, "intermediate_size": ffn,
        "layer_norm_eps": 1e-12 if family == "bert" else 1e-5, "type_vocab_size": 2 if family == "bert" else 1,
        "pad_token_id": 0 if family == "bert" else 1,
    }  # fmt: skip


def _tensors(
    family: str, sizes: tuple[int, int, int], vocab: int, positions: int, generator: np.random.Generator
) -> Iterator[tuple[str, NDArray[np.float32]]]:
    layers, hidden, ffn = sizes
    types = {"bert": 2, "roberta": 1, "distilbert": 0}[family]
    for table, rows in (("word", vocab), ("position", positions), ("token_type", types)):
        if rows:
            yield f"embeddings.{table}_embeddings.weight", gaussian(generator, rows, hidden)
    yield from _norm("embeddings.LayerNorm", hidden, generator)
    stem, names = ("transformer.layer", _DISTILBERT) if family == "distilbert" else ("encoder.layer", _BERT)
    for layer in range(layers):
        matrices = layer_matrices(hidden, ffn, int(generator.integers(2**32)))
        for name, matrix in zip(names, matrices.values(), strict=False):
            yield f"{stem}.{layer}.{name}.weight", matrix
            yield f"{stem}.{layer}.{name}.bias", gaussian(generator, len(matrix), deviation=0.02)
        for name in names[len(MATRICES) :]:
            yield from _norm(f"{stem}.{layer}.{name}", hidden, generator)


def _norm(name: str, hidden: int, generator: np.random.Generator) -> Iterator[tuple[str, NDArray[np.float32]]]:
    yield f"{name}.weight", 1 + gaussian(generator, hidden, deviation=0.05)
    yield f"{name}.bias", gaussian(generator, hidden, deviation=0.02)


def _as_tensorflow(name: str) -> str:
    return name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")


def _save(folder: Path, tensors: Tensors, pickled: bool) -> None:
    if pickled:
        import torch

        torch.save({name: torch.from_numpy(tensor) for name, tensor in tensors.items()}, folder / "pytorch_model.bin")
    else:
        from safetensors.numpy import save_file

        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def _tokenizer(family: str, vocab: int) -> dict[str, object]:
    """Return a WordPiece tokenizer that knows some words and every letter, so that other words differ too."""
    tokens = [*_SPECIAL[family], *_WORDS, *_LETTERS, *(f"##{letter}" for letter in _LETTERS)]
    tokens = tokens[:vocab] + [f"[unused{number}]" for number in range(vocab - len(tokens))]
    unknown = next(token for token in tokens if "unk" in token.lower())
    start, end = ("<s>", "</s>") if family == "roberta" else ("[CLS]", "[SEP]")
    ids = {token: number for number, token in enumerate(tokens)}
    special = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    return {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [special | {"id": ids[token], "content": token} for token in _SPECIAL[family]],
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True,
                       "strip_accents": None, "lowercase": True},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [_template("SpecialToken", start), _template("Sequence", "A"), _template("SpecialToken", end)],
            "pair": [_template("SpecialToken", start), _template("Sequence", "A"), _template("SpecialToken", end),
                     _template("Sequence", "B"), _template("SpecialToken", end)],
            "special_tokens": {token: {"id": token, "ids": [ids[token]], "tokens": [token]} for token in (start, end)},
        },
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {"type": "WordPiece", "unk_token": unknown, "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": 100, "vocab": ids},
    }  # fmt: skip


def _template(kind: str, name: str) -> dict[str, dict[str, object]]:
    return {kind: {"id": name, "type_id": 0}}
