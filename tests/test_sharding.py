"""A checkpoint becomes a store and the model file that belongs to it, whatever its family, names and file format."""

import hashlib
import sys
from pathlib import Path

import numpy as np
import pytest
from checkpoints import write_checkpoint
from tiny import contents, flipped

from edgesim.errors import InputError
from edgesim.files import read_model
from edgesim.model import FULL
from edgesim.nets.checkpoint import open_checkpoint
from edgesim.sharding import BITWIDTHS, check_store, shard
from edgesim.shards.architecture import Recipe
from edgesim.shards.build import BUILDING
from edgesim.shards.manifest import MANIFEST, MODEL, RECORDS, RESIDENT, TOKENIZER, layer_file
from edgesim.shards.slicing import cut
from edgesim.shards.store import Store, read_resident

pytest.importorskip("safetensors")
pytestmark = pytest.mark.real

NAMINGS = [{}, {"prefix": True}, {"tensorflow": True}, {"pickled": True, "prefix": True, "tensorflow": True}]
FAMILIES = ["bert", "roberta", "distilbert"]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a checkpoint that no test changes."""
    return write_checkpoint(tmp_path_factory.mktemp("checkpoints") / "small")


@pytest.fixture(scope="module")
def store(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Make a store that every test leaves as it was."""
    return shard(checkpoint, tmp_path_factory.mktemp("stores") / "small")


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("naming", NAMINGS, ids=["plain", "prefix", "tensorflow", "pickled"])
def test_every_family_and_naming_is_stored_as_it_is(
    tmp_path: Path, store: Store, family: str, naming: dict[str, bool]
) -> None:
    """Slices at full fidelity, and everything that is not cut, are the checkpoint's weights bit for bit."""
    if naming.get("pickled"):
        pytest.importorskip("torch")
    from safetensors.numpy import load

    made = shard(write_checkpoint(tmp_path / "c", family, layers=2, **naming), tmp_path / "s")
    assert check_store(tmp_path / "s") == "edgesim.store/1"
    assert made.manifest.architecture.family == family
    with open_checkpoint(write_checkpoint(tmp_path / "plain", family, layers=2)) as opened:
        resident = load(read_resident(made))
        assert resident.keys() == opened.resident().keys()
        assert all(np.array_equal(tensor, opened.resident()[name]) for name, tensor in resident.items())
        for layer in range(2):
            slices = cut(opened.matrices(layer), 4)
            assert all(np.array_equal(made.read(layer, s, FULL).values, slices[s].reshape(-1)) for s in range(4))


def test_the_store_has_every_file(store: Store, checkpoint: Path) -> None:
    """Three layers, the index, what stays resident, the tokenizer as it was, the manifest and the model file."""
    found = contents(store.folder)
    assert set(found) == {MANIFEST, MODEL, RECORDS, RESIDENT, TOKENIZER, *map(layer_file, range(3))}
    assert found[TOKENIZER] == (checkpoint / TOKENIZER).read_bytes()
    names = ("config.json", "model.safetensors", TOKENIZER)
    assert store.manifest.source == {
        name: hashlib.sha256((checkpoint / name).read_bytes()).hexdigest() for name in names
    }


def test_the_model_file_says_what_is_stored(store: Store, checkpoint: Path) -> None:
    """Shape, places, sizes and distortion are exact; importance is not measured, and says so."""
    model = read_model(store.folder / MODEL)
    assert (model.name, model.layers, model.shards_per_layer) == ("small-3x4", 3, 4)
    assert (model.geometry.hidden, model.geometry.ffn, model.geometry.heads) == (32, 64, 4)
    assert model.parameters_per_shard == (4 * 32 * 32 + 2 * 32 * 64) // 4
    assert model.bitwidths == BITWIDTHS
    assert model.records is not None
    assert model.records.placed == store.records.placed
    assert model.distortion is not None
    assert model.distortion.values == pytest.approx(store.manifest.distortion, rel=1e-5)
    assert model.outlier_fraction == pytest.approx(store.outlier_fraction, abs=1e-6)
    assert model.importance.kind == "uniform"
    with open_checkpoint(checkpoint) as opened:
        sizes = {name: tensor.nbytes for name, tensor in opened.resident().items()}
        cut_bytes = sum(matrix.nbytes for layer in range(3) for matrix in opened.matrices(layer).values())
    resident = model.resident_bytes.values
    assert resident["embeddings"] == sum(size for name, size in sizes.items() if name.startswith("embeddings."))
    assert sum(resident.values()) == sum(sizes.values())
    assert cut_bytes == 12 * 4 * model.parameters_per_shard


def test_a_finished_store_is_opened(store: Store, checkpoint: Path) -> None:
    """The same checkpoint and recipe again give the same store; its layers are not written again."""
    paths = [path for path in store.folder.iterdir() if path.name != MODEL]
    before = {path: path.stat().st_mtime_ns for path in paths}
    found = contents(store.folder)
    assert shard(checkpoint, store.folder).manifest == store.manifest
    assert {path: path.stat().st_mtime_ns for path in paths} == before
    assert contents(store.folder) == found


def test_a_build_that_was_stopped_is_taken_up_again(tmp_path: Path, store: Store, checkpoint: Path) -> None:
    """Stopped in the second layer: the first is kept, and in the end every file is the same."""

    def stop(done: int, every: int) -> None:
        assert every == 12
        if done == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shard(checkpoint, tmp_path, progress=stop)
    assert set(contents(tmp_path)) == {BUILDING, layer_file(0)}
    kept = (tmp_path / layer_file(0)).stat().st_mtime_ns
    shard(checkpoint, tmp_path)
    assert (tmp_path / layer_file(0)).stat().st_mtime_ns == kept
    assert contents(tmp_path) == contents(store.folder)


def test_importance_orders_what_is_stored(tmp_path: Path, store: Store, checkpoint: Path) -> None:
    """The most important slice comes first among those of one bitwidth; equal ones by index."""
    table = [[1, 3, 2, 0], [0, 0, 0, 0], [0, 0, 0, 9]]
    made = shard(checkpoint, tmp_path, order=table)
    assert made.manifest.order == ((1, 2, 0, 3), (0, 1, 2, 3), (3, 0, 1, 2))
    rows = sorted(row for row in made.records.values or () if row.layer == 0 and row.bits == 6)
    assert [row.shard for row in sorted(rows, key=lambda row: row.offset)] == [1, 2, 0, 3]
    assert made.manifest.distortion == pytest.approx(store.manifest.distortion)
    raised = [(0, 1, 6), (0, 2, 6), (0, 0, 2), (0, 3, 2)]
    assert len(made.records.extents(raised)) == 2
    assert len(store.records.extents(raised)) == 3


@pytest.mark.parametrize("table", [[[1, 2, 3, 4]], [[1, 2, 3]] * 3, []])
def test_importance_of_another_shape_is_refused(tmp_path: Path, checkpoint: Path, table: list[list[float]]) -> None:
    """Before anything is written."""
    with pytest.raises(InputError, match="importance: must be 3 rows of 4 values"):
        shard(checkpoint, tmp_path, order=table)
    assert contents(tmp_path) == {}


def test_another_recipe_needs_another_folder(store: Store, checkpoint: Path) -> None:
    """A store is never changed into another one."""
    with pytest.raises(InputError, match="holds another store"):
        shard(checkpoint, store.folder, recipe=Recipe(refine=0))
    with pytest.raises(InputError, match="holds another store"):
        shard(checkpoint, store.folder, order=[[0, 0, 0, 1]] * 3)


def test_another_checkpoint_needs_another_folder(tmp_path: Path, store: Store) -> None:
    """The weights differ, so their SHA-256 does."""
    with pytest.raises(InputError, match="holds another store"):
        shard(write_checkpoint(tmp_path / "small", seed=1), store.folder)


def test_refinement_lowers_the_distortion(tmp_path: Path, store: Store, checkpoint: Path) -> None:
    """At every bitwidth."""
    plain = shard(checkpoint, tmp_path, recipe=Recipe(refine=0))
    assert all(value > store.manifest.distortion[bits] for bits, value in plain.manifest.distortion.items())


def test_a_wider_dictionary_takes_less_room(tmp_path: Path, store: Store, checkpoint: Path) -> None:
    """One dictionary for a slice instead of six: five of 64 FP32 centroids less at 6 bits."""
    one = shard(checkpoint, tmp_path, recipe=Recipe(dictionary="slice"))
    shared, own = (made.read(0, 0, 6).header for made in (one, store))
    assert (shared.dictionaries, own.dictionaries) == (1, 6)
    assert own.body_bytes - 8 * own.outliers == shared.body_bytes - 8 * shared.outliers + 5 * 64 * 4


@pytest.mark.parametrize("name", [RECORDS, RESIDENT, TOKENIZER, layer_file(1), MANIFEST])
def test_a_damaged_file_is_found(tmp_path: Path, store: Store, name: str) -> None:
    """One bit in the middle of any file."""
    for file, content in contents(store.folder).items():
        (tmp_path / file).write_bytes(flipped(content, 4 * len(content)) if file == name else content)
    with pytest.raises(InputError) as caught:
        check_store(tmp_path)
    assert all(line.startswith(f"{tmp_path / name}: ") for line in str(caught.value).split("\n"))


def test_all_mistakes_of_a_store_come_at_once(tmp_path: Path, store: Store) -> None:
    """Two layers, the tokenizer and the model file."""
    damaged = {layer_file(0), layer_file(2), TOKENIZER, MODEL}
    for file, content in contents(store.folder).items():
        (tmp_path / file).write_bytes(b"x" + content[1:] if file in damaged else content)
    with pytest.raises(InputError) as caught:
        check_store(tmp_path)
    assert {Path(line.split(": ")[0]).name.split(":")[0] for line in str(caught.value).split("\n")} == damaged


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("piece", ["attention.self.query", "attention.output.dense", "output.dense"])
def test_weights_that_are_not_finite_are_refused(tmp_path: Path, piece: str, value: float) -> None:
    """With one sentence that names the layer."""
    from safetensors.numpy import load_file, save_file

    path = write_checkpoint(tmp_path / "c", layers=2) / "model.safetensors"
    tensors = load_file(path)
    tensors[f"encoder.layer.1.{piece}.weight"][0, 0] = value
    save_file(tensors, path)
    with pytest.raises(InputError, match=r"^layer 1: has weights that are not finite; the checkpoint is damaged$"):
        shard(tmp_path / "c", tmp_path / "s")


@pytest.mark.parametrize("name", ["embeddings.word_embeddings.weight", "encoder.layer.0.output.dense.bias"])
def test_resident_weights_that_are_not_finite_are_refused(tmp_path: Path, name: str) -> None:
    """Embeddings and biases too."""
    from safetensors.numpy import load_file, save_file

    path = write_checkpoint(tmp_path / "c", layers=1) / "model.safetensors"
    tensors = load_file(path)
    tensors[name].flat[0] = np.nan
    save_file(tensors, path)
    with pytest.raises(InputError, match="not finite"):
        shard(tmp_path / "c", tmp_path / "s")


@pytest.mark.parametrize(("folder", "name"), [("a: b", "a-b-1x4"), ("1e5", "1e5-1x4"), ("x" * 90, "x" * 60 + "-1x4")])
def test_a_model_is_named_after_its_folder(tmp_path: Path, folder: str, name: str) -> None:
    """With dashes for what a name must not have."""
    made = shard(write_checkpoint(tmp_path / folder, layers=1), tmp_path / "s")
    assert made.manifest.name == read_model(tmp_path / "s" / MODEL).name == name


@pytest.mark.parametrize("folder", ["_x", ".hidden", "é", "-"])
def test_any_folder_gives_a_name(tmp_path: Path, folder: str) -> None:
    """Also one whose name no model may have."""
    shard(write_checkpoint(tmp_path / folder, layers=1), tmp_path / "s")
    assert read_model(tmp_path / "s" / MODEL).layers == 1


def test_what_was_measured_is_not_overwritten(tmp_path: Path, checkpoint: Path) -> None:
    """A model file that the user edited since is kept when the finished store is asked for again."""
    made = shard(checkpoint, tmp_path)
    path = made.folder / MODEL
    edited = path.read_text().replace("min_layers: 1", "min_layers: 2")
    path.write_text(edited)
    shard(checkpoint, tmp_path)
    assert path.read_text() == edited


def test_a_checkpoint_without_a_tokenizer(tmp_path: Path) -> None:
    """It can be stored and planned for; the tokenizer is only needed to read texts."""
    folder = write_checkpoint(tmp_path / "c", layers=1)
    (folder / TOKENIZER).unlink()
    made = shard(folder, tmp_path / "s")
    assert TOKENIZER not in made.manifest.files
    assert check_store(tmp_path / "s") == "edgesim.store/1"


def test_a_checkpoint_that_is_not_there_leaves_no_folder(tmp_path: Path) -> None:
    """What is wrong is said before anything is made."""
    with pytest.raises(InputError, match=r"no such folder; a checkpoint is a folder with config.json"):
        shard(tmp_path / "none", tmp_path / "s")
    assert not (tmp_path / "s").exists()


def test_without_safetensors_the_extra_is_named(
    tmp_path: Path, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence with the command that installs it."""
    monkeypatch.setitem(sys.modules, "safetensors", None)
    with pytest.raises(InputError, match=r"safetensors is needed for this; install it with: pip install 'edgesim"):
        shard(checkpoint, tmp_path / "s")
