"""The encoder equals Hugging Face's on the same files, and any submodel equals its definition."""

import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("safetensors")
pytest.importorskip("tokenizers")
os.environ["HF_HUB_OFFLINE"] = "1"

from checkpoints import write_checkpoint  # noqa: E402

from edgesim.errors import InputError  # noqa: E402
from edgesim.model import FULL  # noqa: E402
from edgesim.nets.checkpoint import open_checkpoint  # noqa: E402
from edgesim.nets.elastic import ElasticEncoder, first  # noqa: E402
from edgesim.nets.encoder import Encoder, Texts, mean_pool, stacked  # noqa: E402
from edgesim.nets.minilm import minilm_folder  # noqa: E402
from edgesim.nets.tokens import Tokenizer, padded  # noqa: E402
from edgesim.plans import Plan  # noqa: E402
from edgesim.sharding import shard  # noqa: E402
from edgesim.shards.distortion import decompressed  # noqa: E402
from edgesim.shards.slicing import cut, piece_rows  # noqa: E402

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("torch")]
SENTENCES = [
    "A model that does not fit in memory can be read from flash while it runs.",
    "Is that fast enough?",
    "The loader issues the plan's loads in order; before each it waits until the load buffer has room, and a layer "
    "starts when the one before has finished and all of its shards are resident.",
]


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def hidden_states(folder: Path, texts: Texts) -> "torch.Tensor":
    """Return the last hidden state at full precision, (N, T, H), from the checkpoint itself."""
    with open_checkpoint(folder) as checkpoint:
        shape = checkpoint.architecture
        rows = piece_rows(shape.hidden, shape.ffn, shape.heads)
        slices = [torch.from_numpy(cut(checkpoint.matrices(layer), shape.heads)) for layer in range(shape.layers)]
        encoder = Encoder(shape, {name: torch.from_numpy(tensor) for name, tensor in checkpoint.resident().items()})
    with torch.inference_mode():
        x = encoder.embed(texts)
        every = tuple(range(shape.heads))
        for layer in range(shape.layers):
            x = encoder.layer(layer, every, x, encoder.mask(texts), stacked(slices[layer], rows, every))
    return x


def reference(model: Any, texts: Texts) -> "torch.Tensor":  # noqa: ANN401  (transformers has no types)
    """Return what Hugging Face computes."""
    with torch.inference_mode():
        return model.eval()(input_ids=texts.ids, attention_mask=texts.real).last_hidden_state


def difference(ours: "torch.Tensor", theirs: "torch.Tensor", texts: Texts) -> float:
    """Return the largest difference at real tokens."""
    return float((ours - theirs).abs()[texts.real.bool()].max())


def of_family(family: str, activation: str) -> Any:  # noqa: ANN401  (transformers has no types)
    """Return a small model of Hugging Face with seeded weights."""
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(3)
    shape = {"vocab_size": 60, "max_position_embeddings": 40}
    if family == "distilbert":
        config = transformers.DistilBertConfig(
            dim=32, n_heads=4, n_layers=3, hidden_dim=64, activation=activation, **shape
        )
        return transformers.DistilBertModel(config)
    sizes = {"hidden_size": 32, "num_attention_heads": 4, "num_hidden_layers": 3, "intermediate_size": 64}
    kind = {"bert": ("BertConfig", "BertModel"), "roberta": ("RobertaConfig", "RobertaModel")}[family]
    config = getattr(transformers, kind[0])(hidden_act=activation, **sizes, **shape)
    return getattr(transformers, kind[1])(config)


@pytest.mark.parametrize(
    ("family", "activation"),
    [("bert", "gelu"), ("bert", "gelu_new"), ("distilbert", "gelu"), ("distilbert", "relu"), ("roberta", "gelu")],
)
@pytest.mark.parametrize("pickled", [False, True])
def test_each_family_equals_hugging_face(tmp_path: Path, family: str, activation: str, pickled: bool) -> None:
    """On a padded batch, from both kinds of files, within 1e-5."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = of_family(family, activation)
        model.save_pretrained(tmp_path)
    if pickled:
        (tmp_path / "model.safetensors").unlink()
        torch.save(model.state_dict(), tmp_path / "pytorch_model.bin")
    texts = padded([[5, 9, 33, 2, 41], [7, 8, 59], [4]], padding=1)
    assert difference(hidden_states(tmp_path, texts), reference(model, texts), texts) < 1e-5


def minilm() -> Path:
    """Return the folder of MiniLM, or skip."""
    try:
        return minilm_folder()
    except InputError as error:
        pytest.skip(str(error))


def test_minilm_equals_hugging_face() -> None:
    """Hidden states and embeddings of real sentences, from the same files, within 1e-5."""
    transformers, folder = pytest.importorskip("transformers"), minilm()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = transformers.BertModel.from_pretrained(folder, add_pooling_layer=False, attn_implementation="eager")
    texts = padded(Tokenizer(folder / "tokenizer.json", 128).ids(SENTENCES))
    ours, theirs = hidden_states(folder, texts), reference(model, texts)
    assert difference(ours, theirs, texts) < 1e-5
    assert float((mean_pool(ours, texts) - mean_pool(theirs, texts)).abs().max()) < 1e-5


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> ElasticEncoder:
    """Return a small stored encoder: 3 layers, 4 slices, 32 hidden units."""
    folder = tmp_path_factory.mktemp("tiny")
    return ElasticEncoder(shard(write_checkpoint(folder / "c"), folder / "s"), longest=16)


def by_definition(  # noqa: PLR0915  (a layer in one piece, to be read beside its definition)
    encoder: ElasticEncoder, plan: Plan, ids: list[int]
) -> np.ndarray:  # type: ignore[type-arg]
    """Return the mean token of one text, in plain numpy, one head and one group of neurons after another."""
    shape, known = encoder.store.manifest.architecture, encoder.encoder.resident
    get = {name: tensor.numpy().astype(np.float64) for name, tensor in known.items()}

    def norm(x: np.ndarray, name: str) -> np.ndarray:  # type: ignore[type-arg]
        centred = x - x.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + shape.norm_eps)
        return scaled * get[f"{name}.weight"] + get[f"{name}.bias"]

    rows = piece_rows(shape.hidden, shape.ffn, shape.heads)
    ends = np.cumsum(list(rows.values()))[:-1]
    x = get["embeddings.words"][ids] + get["embeddings.positions"][: len(ids)] + get["embeddings.types"][0]
    x = norm(x, "embeddings.norm")
    sizes = [count * shape.hidden for count in rows.values()]
    head, neurons = shape.hidden // shape.heads, shape.ffn // shape.heads
    for layer, slices, bits in zip(plan.layers, plan.shards, plan.bitwidths, strict=True):
        stored = [decompressed(encoder.store, layer, s, b, sizes) for s, b in zip(slices, bits, strict=True)]
        parts = [np.split(one.astype(np.float64).reshape(-1, shape.hidden), ends) for one in stored]
        bias = {name: get[f"layers.{layer}.{name}.bias"] for name in rows}
        mixed = np.broadcast_to(bias["output"], x.shape).copy()
        for s, (query, key, value, output, *_) in zip(slices, parts, strict=True):
            own = slice(s * head, (s + 1) * head)
            score = (x @ query.T + bias["query"][own]) @ (x @ key.T + bias["key"][own]).T / np.sqrt(head)
            share = np.exp(score - score.max(-1, keepdims=True))
            share /= share.sum(-1, keepdims=True)
            mixed += share @ (x @ value.T + bias["value"][own]) @ output
        x = norm(x + mixed, f"layers.{layer}.attention_norm")
        added = np.broadcast_to(bias["down"], x.shape).copy()
        for s, (*_, up, down) in zip(slices, parts, strict=True):
            inner = torch.from_numpy(x @ up.T + bias["up"][s * neurons : (s + 1) * neurons])
            added += torch.nn.functional.gelu(inner).numpy() @ down
        x = norm(x + added, f"layers.{layer}.ffn_norm")
    return x.mean(0)


@pytest.mark.parametrize(
    "plan",
    [
        first(3, 4, FULL),
        first(3, 4, 2),
        first(1, 1, 3),
        Plan((0, 1), ((0, 1, 2), (0, 1, 2)), ((2, 6, 32), (5, 4, 3))),
        Plan((0, 2), ((0, 3), (2, 1)), ((2, 32), (6, 4))),
    ],
)
def test_any_submodel_at_any_bitwidths_equals_its_definition(tiny: ElasticEncoder, plan: Plan) -> None:
    """Also slices and layers that are not the first ones, in batches with padding."""
    texts = ["w1 w2 w3 w4 w5", "w7", "w3 w3 w9"]
    ids = tiny.tokenizer.ids(texts)
    found = tiny.embed(tiny.pool(texts), plan)
    for row, own in zip(found, ids, strict=True):
        np.testing.assert_allclose(row, by_definition(tiny, plan, own), atol=2e-5)


def test_a_damaged_shard_is_not_executed(tmp_path: Path) -> None:
    """The message names file, layer and shard."""
    store = shard(write_checkpoint(tmp_path / "c"), tmp_path / "s")
    encoder = ElasticEncoder(store, longest=16)
    offset, _ = store.records.placed[1, 2, 4]
    path = tmp_path / "s" / "layer-01.bin"
    content = bytearray(path.read_bytes())
    content[offset + 1000] ^= 4
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"layer-01\.bin: layer 1, shard 2 at 4 bits is damaged"):
        encoder.embed(encoder.pool(["w1"]), first(2, 3, 4))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="PyTorch sees no GPU here")
def test_a_gpu_computes_the_same(tiny: ElasticEncoder) -> None:
    """Up to the rounding of its products."""
    there, texts = ElasticEncoder(tiny.store, "cuda", longest=16), ["w1 w2 w3", "w4"]
    ours = tiny.embed(tiny.pool(texts), first(3, 4, 6))
    np.testing.assert_allclose(there.embed(there.pool(texts), first(3, 4, 6)), ours, atol=1e-3)
