"""A shard store gives exactly the weights that were stored, or says in one sentence which file and shard are wrong."""

import csv
import hashlib
import json
import mmap
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
import pytest
from checkpoints import Tensors, layer_matrices
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import SEEDS
from tiny import BITWIDTHS, OTHERS, build_tiny, contents, flipped, reseal, tiny_matrices, tiny_plan

from edgesim.errors import InputError
from edgesim.model import FULL
from edgesim.records import Version
from edgesim.shards.build import BUILDING, begin
from edgesim.shards.distortion import decompressed
from edgesim.shards.manifest import MANIFEST, RECORDS, RESIDENT, TOKENIZER, layer_file
from edgesim.shards.quantize import Floats, squared_error
from edgesim.shards.record import ALIGNMENT, decode
from edgesim.shards.slicing import cut, piece_rows
from edgesim.shards.store import Store, open_store, read_resident, verify

PLAN = tiny_plan()
SHAPE = PLAN.architecture
SIZES = [rows * SHAPE.hidden for rows in piece_rows(SHAPE.hidden, SHAPE.ffn, SHAPE.heads).values()]
LAYERS = [layer_file(layer) for layer in range(SHAPE.layers)]
FILES = (MANIFEST, RECORDS, *OTHERS, *LAYERS)
Truth = dict[Version, Floats]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Build a store that every test leaves as it was."""
    return build_tiny(tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="module")
def truth(store: Store) -> Truth:
    """Return the weights of every version."""
    return {row[:3]: decompressed(store, *row[:3], SIZES) for row in store.records.values or ()}


@contextmanager
def having(path: Path, content: bytes | None) -> Iterator[None]:
    """Let a file have another content, or be missing."""
    before = {name: (path.parent / name).read_bytes() for name in {path.name, MANIFEST}}
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    try:
        yield
    finally:
        for name, kept in before.items():
            (path.parent / name).write_bytes(kept)


def said(folder: Path, truth: Truth) -> list[str]:
    """Use a store in every way; return the sentences that came, having seen that no weight was wrong."""
    try:
        store = open_store(folder)
    except InputError as error:
        return str(error).split("\n")
    found = list(verify(store))
    for version, weights in truth.items():
        try:
            assert decompressed(store, *version, SIZES).tobytes() == weights.tobytes()
        except InputError as error:
            found += str(error).split("\n")
    try:
        assert read_resident(store) == OTHERS[RESIDENT]
    except InputError as error:
        found += str(error).split("\n")
    return found


def hit(store: Store, file: str, byte: int) -> str:
    """Say in which shard a byte of a layer's file lies."""
    layer = LAYERS.index(file)
    (row,) = [r for r in store.records.values or () if r.layer == layer and r.offset <= byte < r.end]
    return str(row)


def test_a_store_holds_what_was_cut(store: Store, truth: Truth) -> None:
    """At full fidelity the weights of the matrices, bit for bit; below, nearer to them with each bit."""
    assert said(store.folder, truth) == []
    assert set(contents(store.folder)) == set(FILES)
    for layer in range(SHAPE.layers):
        for shard, weights in enumerate(cut(tiny_matrices(PLAN)(layer), SHAPE.heads).reshape(SHAPE.heads, -1)):
            assert truth[layer, shard, FULL].tobytes() == weights.tobytes()
            errors = [squared_error(weights, truth[layer, shard, bits]) for bits in BITWIDTHS]
            assert all(after < before for before, after in pairwise(errors))


def test_the_distortion_is_that_of_all_weights(store: Store, truth: Truth) -> None:
    """What the manifest says is the relative squared error of what is read."""
    full = np.concatenate([weights for (_, _, bits), weights in truth.items() if bits == FULL])
    for bits in BITWIDTHS[:-1]:
        stored = np.concatenate([truth[layer, shard, bits] for layer, shard, width in truth if width == FULL])
        expected = squared_error(full, stored) / squared_error(full, np.zeros_like(full))
        assert store.manifest.distortion[bits] == pytest.approx(expected)


def test_the_outlier_fraction_is_that_of_all_weights(store: Store) -> None:
    """Outliers of all slices at one bitwidth, of all weights."""
    counts = [store.read(layer, shard, 2).offsets.size for layer in range(2) for shard in range(4)]
    assert sum(counts)
    assert store.outlier_fraction == sum(counts) / (8 * sum(SIZES))


@pytest.mark.parametrize("dictionary", ["piece", "slice", "layer"])
def test_a_dictionary_may_be_shared(tmp_path: Path, dictionary: str) -> None:
    """Six dictionaries a shard, one a shard, or the same one in all shards of a layer."""
    store = build_tiny(tmp_path, tiny_plan(dictionary=dictionary))
    assert list(verify(store)) == []
    rows = [store.read(0, shard, 3).centroids for shard in range(SHAPE.heads)]
    assert {len(row) for row in rows} == {6 if dictionary == "piece" else 1}
    assert len({row.tobytes() for row in rows}) == (1 if dictionary == "layer" else SHAPE.heads)


def test_what_is_not_there_is_named(store: Store) -> None:
    """A version that the store does not have."""
    with pytest.raises(InputError, match="has no layer 0, shard 4 at 2 bits"):
        store.read(0, 4, 2)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_or_empty_file_is_named(store: Store, truth: Truth, name: str) -> None:
    """Each of a store's files, gone or without content."""
    for content in (None, b""):
        with having(store.folder / name, content):
            found = said(store.folder, truth)
            assert found
            assert all(str(store.folder) in sentence and name in sentence for sentence in found)


@pytest.mark.parametrize("name", [MANIFEST, RECORDS, *OTHERS])
def test_a_flipped_bit_in_a_small_file_is_named(store: Store, truth: Truth, name: str) -> None:
    """One bit of each byte; a manifest that says the same in other letters, such as 1E-12, may be read."""
    content = (store.folder / name).read_bytes()
    for byte in range(len(content)):
        changed = flipped(content, 8 * byte + byte % 8)
        with having(store.folder / name, changed):
            found = said(store.folder, truth)
        if not found:
            assert name == MANIFEST
            assert json.loads(changed) == json.loads(content)
        assert all(sentence.startswith(f"{store.folder / name}: ") for sentence in found)


@pytest.mark.parametrize("name", LAYERS)
def test_a_flipped_bit_in_a_header_is_named(store: Store, name: str) -> None:
    """Every bit of the headers of all records, with the shard that it is in."""
    content = (store.folder / name).read_bytes()
    rows = [row for row in store.records.values or () if layer_file(row.layer) == name]
    for row in rows:
        record = content[row.offset : row.end]
        for place in range(8 * 32):
            with pytest.raises(InputError) as caught:
                store.verified(flipped(record, place), *row[:3])
            assert str(caught.value).startswith(f"{store.folder / name}: {row} ")


@given(st.sampled_from(LAYERS), st.integers(0, 2**60))
@settings(max_examples=150)
def test_a_flipped_bit_in_a_layer_is_named(store: Store, truth: Truth, name: str, place: int) -> None:
    """Anywhere in a layer's file: the one shard in which it is, and all others are read as they are."""
    content = (store.folder / name).read_bytes()
    place %= 8 * len(content)
    with having(store.folder / name, flipped(content, place)):
        found = set(said(store.folder, truth))
    assert len(found) == 1
    assert found.pop().startswith(f"{store.folder / name}: {hit(store, name, place // 8)} ")


@given(st.sampled_from(LAYERS), st.integers(0, 2**60))
@settings(max_examples=60)
def test_a_layer_that_was_cut_off_is_named(store: Store, truth: Truth, name: str, length: int) -> None:
    """Every shard that lost something, and the file's length; what is whole is read as it is."""
    content = (store.folder / name).read_bytes()
    length %= len(content)
    with having(store.folder / name, content[:length]):
        found = set(said(store.folder, truth))
    layer = LAYERS.index(name)
    lost = {str(row) for row in store.records.values or () if row.layer == layer and row.end > length}
    assert len(found) == 1 + len(lost)
    assert f"{store.folder / name}: must have {len(content)} B, got {length}" in found
    assert all(any(f"{name}: {shard} " in sentence for sentence in found) for shard in lost)


def test_a_layer_that_is_longer_is_named(store: Store, truth: Truth) -> None:
    """Nothing is taken for a shard that the index does not name, but it is not silent."""
    path = store.folder / LAYERS[0]
    content = path.read_bytes()
    with having(path, content + content[:ALIGNMENT]):
        assert said(store.folder, truth) == [f"{path}: must have {len(content)} B, got {len(content) + ALIGNMENT}"]


def test_a_layer_that_is_a_directory_is_named(store: Store, truth: Truth) -> None:
    """What cannot be read is one sentence too."""
    path = store.folder / LAYERS[0]
    content = path.read_bytes()
    path.unlink()
    path.mkdir()
    found = said(store.folder, truth)
    path.rmdir()
    path.write_bytes(content)
    assert set(found) == {f"{path}: cannot be read, Is a directory"}


def rows_of(store: Store) -> list[list[str]]:
    """Return the rows of the index, its head left out."""
    return list(csv.reader(StringIO((store.folder / RECORDS).read_text())))[1:]


def index_of(rows: list[list[str]]) -> bytes:
    """Write an index."""
    return "".join(
        ",".join(row) + "\n" for row in [["layer,shard,bits,offset,bytes,outliers,checksum"], *rows]
    ).encode()


@given(SEEDS)
@settings(max_examples=80)
def test_rows_in_another_order(store: Store, truth: Truth, seed: int) -> None:
    """Without a new checksum the index is damaged; with one it says the same."""
    rows = Random(seed).sample(rows_of(store), len(rows_of(store)))
    with having(store.folder / RECORDS, index_of(rows)):
        assert said(store.folder, truth) == [
            f"{store.folder / RECORDS}: is damaged or was edited, its checksum is wrong; make the store anew"
        ]
        reseal(store.folder)
        assert said(store.folder, truth) == []


@given(SEEDS)
@settings(max_examples=80)
def test_swapped_places_are_named(store: Store, truth: Truth, seed: int) -> None:
    """Two shards whose places, or checksums, were exchanged in the index are not taken for one another.

    Where a size is then too small, or two places overlap, the index itself is refused.
    """
    rows, random = rows_of(store), Random(seed)
    layer = random.randrange(SHAPE.layers)
    one, two = random.sample([row for row in rows if row[0] == str(layer)], 2)
    what = random.choice([slice(3, 5), slice(6, 7)])
    one[what], two[what] = two[what], one[what]
    with having(store.folder / RECORDS, index_of(rows)):
        reseal(store.folder)
        found = set(said(store.folder, truth))
    shards = {f"layer {row[0]}, shard {row[1]} at {row[2]} bits" for row in (one, two)}
    if one[4] != two[4]:
        assert any(shard in sentence for sentence in found for shard in shards)
    else:
        assert len(found) == 2
        assert all(any(f"{LAYERS[layer]}: {shard} " in sentence for sentence in found) for shard in shards)


FORGED = {
    "no rows": lambda rows: [],
    "a row less": lambda rows: rows[1:],
    "a layer less": lambda rows: [row for row in rows if row[0] == "0"],
    "a row twice": lambda rows: [*rows, rows[0]],
    "a row of another layer": lambda rows: [["7", *rows[0][1:]], *rows],
    "text": lambda rows: [["x", *rows[0][1:]], *rows[1:]],
    "a fraction": lambda rows: [[*rows[0][:3], "0.5", *rows[0][4:]], *rows[1:]],
    "a negative offset": lambda rows: [[*rows[0][:3], "-4096", *rows[0][4:]], *rows[1:]],
    "a huge offset": lambda rows: [[*rows[0][:3], str(2**52), *rows[0][4:]], *rows[1:]],
    "a huge size": lambda rows: [*rows[:-1], [*rows[-1][:4], str(2**52), *rows[-1][5:]]],
    "an endless number": lambda rows: [[*rows[0][:3], "9" * 5000, *rows[0][4:]], *rows[1:]],
    "a short row": lambda rows: [rows[0][:4], *rows[1:]],
    "a long row": lambda rows: [[*rows[0], "1"], *rows[1:]],
    "an empty row": lambda rows: [*rows, []],
    "an endless field": lambda rows: [["0" * 200_000, *rows[0][1:]], *rows[1:]],
    "a checksum that is none": lambda rows: [[*rows[0][:6], "none"], *rows[1:]],
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=list(FORGED))
def test_an_index_that_makes_no_sense_is_named(
    store: Store, truth: Truth, forge: Callable[[list[list[str]]], list[list[str]]]
) -> None:
    """Also when its checksum was made anew: a sentence, and no weight is wrong."""
    with having(store.folder / RECORDS, index_of(forge(rows_of(store)))):
        reseal(store.folder)
        found = said(store.folder, truth)
        assert found
        assert all(sentence.startswith(f"{store.folder}{os.sep}") for sentence in found)


def test_an_index_that_is_no_text_is_named(store: Store, truth: Truth) -> None:
    """Bytes that are no UTF-8, with the right checksum."""
    with having(store.folder / RECORDS, b"\xff\xfe,,\n"):
        reseal(store.folder)
        assert [sentence.split(": ")[0] for sentence in said(store.folder, truth)] == [str(store.folder / RECORDS)]


@given(st.sampled_from(FILES), SEEDS)
@settings(max_examples=150)
def test_random_changes_are_named(store: Store, truth: Truth, name: str, seed: int) -> None:
    """Bytes changed, moved, cut or added anywhere: right weights, or sentences that name the file."""
    random, content = Random(seed), bytearray((store.folder / name).read_bytes())
    original = bytes(content)
    for _ in range(random.randint(1, 5)):
        at, size = random.randrange(len(content) + 1), random.choice([1, 8, 100, 4096])
        inserted = random.choice([b"", random.randbytes(size), b"\0" * size, b"[" * size, original[:size]])
        content[at : at + random.choice([0, size, len(inserted)])] = inserted
    with having(store.folder / name, bytes(content)):
        found = said(store.folder, truth)
    if bytes(content) != original and name != MANIFEST:
        assert found
    assert all(name in sentence and str(store.folder) in sentence for sentence in found)


MANIFESTS = [
    (lambda said: said | {"schema": "edgesim.store/2"}, "schema: must be edgesim.store/1, got edgesim.store/2"),
    (lambda said: said | {"schema": None}, "schema: must be edgesim.store/1, got None"),
    (lambda said: said | {"more": 1}, "more: is damaged, Extra inputs are not permitted"),
    (lambda said: said | {"bitwidths": [9]}, "bitwidths.0: is damaged"),
    (lambda said: said | {"name": "other"}, "is damaged or was edited, its checksum is wrong; make the store anew"),
    (lambda said: said | {"sha256": "0" * 64}, "is damaged or was edited, its checksum is wrong; make the store anew"),
    (lambda said: {key: value for key, value in said.items() if key != "sha256"}, "is damaged or was edited"),
    (lambda said: {}, "schema: must be edgesim.store/1, got None"),
    (lambda said: [], "is damaged"),
    (lambda said: "text", "is damaged"),
    (lambda said: None, "is damaged"),
]


@pytest.mark.parametrize(("change", "says"), MANIFESTS)
def test_a_wrong_manifest_is_named(store: Store, change: Callable[[object], object], says: str) -> None:
    """Another version, unknown keys, other types, or a checksum that does not belong."""
    content = json.dumps(change(json.loads((store.folder / MANIFEST).read_text())))
    with having(store.folder / MANIFEST, content.encode()), pytest.raises(InputError) as caught:
        open_store(store.folder)
    assert str(caught.value).startswith(f"{store.folder / MANIFEST}: {says}")


@pytest.mark.parametrize("content", [b"[" * 200_000, b"9" * 5000, b"\xff", b'{"schema": "edgesim.store/1"', b"NaN"])
def test_a_manifest_that_is_no_json_is_named(store: Store, content: bytes) -> None:
    """Nested without end, numbers without end, no text, or cut off."""
    with having(store.folder / MANIFEST, content), pytest.raises(InputError) as caught:
        open_store(store.folder)
    assert str(caught.value).startswith(f"{store.folder / MANIFEST}: is damaged, ")


def test_a_folder_that_is_no_store_is_named(tmp_path: Path) -> None:
    """Empty, missing, or a file."""
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(InputError, match=r"is no shard store, it has no store.json; make one with: edgesim shard"):
            open_store(path)
    with pytest.raises(InputError, match="Not a directory"):
        open_store(tmp_path / "file")


def test_a_finished_store_is_left_alone(tmp_path: Path) -> None:
    """Building it again touches no file, and asks for no matrices."""
    build_tiny(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    again = build_tiny(tmp_path, matrices=lambda layer: pytest.fail("nothing is left to do"))
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before
    assert again.manifest == open_store(tmp_path).manifest


def test_a_build_is_the_same_every_time(tmp_path: Path, store: Store) -> None:
    """Every file, byte for byte."""
    build_tiny(tmp_path)
    assert contents(tmp_path) == contents(store.folder)


def test_a_build_killed_at_any_moment_is_taken_up_again(tmp_path: Path) -> None:
    """Before every step and at random moments: built again, it is as if it had never been killed."""
    if not hasattr(os, "fork"):
        pytest.skip("builds are killed in processes that are forked")
    program = [sys.executable, Path(__file__).with_name("killing.py"), tmp_path]
    done = subprocess.run(
        program, capture_output=True, text=True, check=False, env=os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["wrong"] == []
    assert found["steps"] > 30


def test_a_layer_that_was_damaged_meanwhile_is_built_again(tmp_path: Path, store: Store) -> None:
    """Layers that are whole are not asked for again; one that is cut off, or another layer's, is."""
    asked: list[int] = []

    def ask(layer: int) -> Tensors:
        asked.append(layer)
        return tiny_matrices(PLAN)(layer)

    whole = (store.folder / LAYERS[1]).read_bytes()
    damages = (whole[:-ALIGNMENT], flipped(whole, 99_999), (store.folder / LAYERS[0]).read_bytes(), b"", whole)
    for number, damaged in enumerate(damages):
        folder = tmp_path / str(number)
        assert begin(folder, PLAN)
        (folder / LAYERS[0]).write_bytes((store.folder / LAYERS[0]).read_bytes())
        (folder / LAYERS[1]).write_bytes(damaged)
        build_tiny(folder, matrices=ask)
        assert contents(folder) == contents(store.folder)
    assert asked == [1] * 4


def test_a_layer_that_cannot_be_read_back_is_named(tmp_path: Path) -> None:
    """Damaged, or gone, between writing it and reading it back: the store is not closed."""
    path = tmp_path / LAYERS[0]
    damages = [
        (lambda: path.write_bytes(flipped(path.read_bytes(), 99_999)), "is damaged, its checksum is wrong"),
        (path.unlink, "No such file or directory"),
    ]
    for spoil, says in damages:

        def matrices(layer: int, spoil: Callable[[], object] = spoil) -> Tensors:
            if layer == 1:
                spoil()
            return tiny_matrices(PLAN)(layer)

        (tmp_path / LAYERS[1]).unlink(missing_ok=True)
        with pytest.raises(InputError) as caught:
            build_tiny(tmp_path, matrices=matrices)
        assert str(caught.value) == f"{path}: cannot be read back, {says}; try again"
        assert MANIFEST not in contents(tmp_path)


def test_progress_counts_slices(tmp_path: Path) -> None:
    """It rises to all of them."""
    calls: list[tuple[int, int]] = []
    build_tiny(tmp_path, progress=lambda done, every: calls.append((done, every)))
    assert calls == sorted(calls)
    assert {done for done, _ in calls} == set(range(1, 9))
    assert {every for _, every in calls} == {8}


@pytest.mark.parametrize("finished", [True, False])
def test_a_folder_with_another_store_is_refused(tmp_path: Path, finished: bool) -> None:
    """Whether it was finished or only begun, and nothing in it is changed."""
    if finished:
        build_tiny(tmp_path)
    else:
        begin(tmp_path, PLAN)
    before = contents(tmp_path)
    for other in (tiny_plan(refine=0), tiny_plan(order=(3, 2, 1, 0)), tiny_plan(layers=3)):
        with pytest.raises(InputError, match=r"holds another store \(tiny, .*\); choose another folder, or remove it"):
            build_tiny(tmp_path, other)
    assert contents(tmp_path) == before


def test_a_folder_with_something_else_is_refused(tmp_path: Path) -> None:
    """A folder that is not empty, and a file in the folder's place."""
    (tmp_path / "mine.txt").touch()
    with pytest.raises(InputError, match=f"{tmp_path}: is not empty and no store; choose another folder"):
        build_tiny(tmp_path)
    with pytest.raises(InputError, match=r"mine.txt: cannot be made a store, File exists"):
        build_tiny(tmp_path / "mine.txt")
    assert set(contents(tmp_path)) == {"mine.txt"}


def test_what_a_killed_begin_left_is_no_obstacle(tmp_path: Path, store: Store) -> None:
    """A temporary file of edgesim's own, and nothing else."""
    (tmp_path / ".edgesim.x.part").touch()
    build_tiny(tmp_path)
    assert contents(tmp_path) == contents(store.folder)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("piece", ["query", "down"])
def test_weights_that_are_not_finite_are_refused(tmp_path: Path, piece: str, value: float) -> None:
    """With the layer in which they are; the layers before stay."""

    def matrices(layer: int) -> Tensors:
        made = layer_matrices(SHAPE.hidden, SHAPE.ffn, layer)
        made[piece][-1, -1] = value if layer == 1 else 0
        return made

    with pytest.raises(InputError) as caught:
        build_tiny(tmp_path, matrices=matrices)
    assert str(caught.value) == "layer 1: has weights that are not finite; the checkpoint is damaged"
    assert set(contents(tmp_path)) == {BUILDING, LAYERS[0]}


def test_a_layer_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A directory stands in its place; nothing of the layer is left."""
    begin(tmp_path, PLAN)
    (tmp_path / LAYERS[0]).mkdir()
    with pytest.raises(InputError, match=f"{LAYERS[0]}: cannot be written, Is a directory"):
        build_tiny(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {BUILDING, LAYERS[0]}


def test_a_folder_that_must_not_be_written_to_is_named(tmp_path: Path) -> None:
    """Begun, and then made read-only."""
    if os.access("/", os.W_OK):
        pytest.skip("root may write everywhere")
    begin(tmp_path, PLAN)
    tmp_path.chmod(0o555)
    with pytest.raises(InputError, match=f"{LAYERS[0]}: cannot be written, Permission denied"):
        build_tiny(tmp_path)
    tmp_path.chmod(0o755)
    assert set(contents(tmp_path)) == {BUILDING}


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    """No file may be larger than 50 kB: the first layer's is, and nothing of it is left."""
    resource = pytest.importorskip("resource")
    begin(tmp_path, PLAN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    try:
        with pytest.raises(InputError, match=f"{LAYERS[0]}: cannot be written, File too large"):
            build_tiny(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert set(contents(tmp_path)) == {BUILDING}


def test_every_record_can_be_read_past_the_page_cache(store: Store) -> None:
    """Offsets and sizes are multiples of 4 KiB: O_DIRECT reads each record into aligned memory."""
    rows = store.records.values or ()
    assert {(row.offset % ALIGNMENT, row.bytes % ALIGNMENT) for row in rows} == {(0, 0)}
    for row in rows:
        try:
            handle = os.open(store.folder / layer_file(row.layer), os.O_RDONLY | os.O_DIRECT)
        except (AttributeError, OSError) as error:
            pytest.skip(f"no O_DIRECT in {store.folder}: {error}")
        with mmap.mmap(-1, row.bytes) as room:
            assert os.preadv(handle, [room], row.offset) == row.bytes
            packed = decode(memoryview(room), *row[:3])
            assert packed.packed.tobytes() == store.read(*row[:3]).packed.tobytes()
            assert packed.values.tobytes() == store.read(*row[:3]).values.tobytes()
            del packed
        os.close(handle)


ORDER = (3, 6, 1, 4, 7, 2, 5, 0)


@pytest.mark.parametrize("m", range(9))
def test_the_most_important_shards_are_one_read_and_the_rest_another(
    tmp_path_factory: pytest.TempPathFactory, m: int
) -> None:
    """The m most important of 8 shards at 6 bits, the rest at 2: two reads by importance, more by index."""
    bits = [(0, shard, 6 if rank < m else 2) for rank, shard in enumerate(ORDER)]
    stores = [
        build_tiny(tmp_path_factory.getbasetemp() / name, tiny_plan(layers=1, heads=8, order=order, refine=0))
        for name, order in (("by-importance", ORDER), ("by-index", None))
    ]
    by_importance, by_index = (len(store.records.extents(bits)) for store in stores)
    assert by_importance == (2 if 0 < m < 8 else 1)
    assert by_index == [1, 3, 5, 7, 7, 6, 4, 2, 1][m]


def test_the_manifest_knows_every_file(store: Store) -> None:
    """The SHA-256 of all files but the layers', whose records have checksums of their own."""
    assert set(store.manifest.files) == {RECORDS, RESIDENT, TOKENIZER}
    for name, digest in store.manifest.files.items():
        assert digest == hashlib.sha256((store.folder / name).read_bytes()).hexdigest()
    assert store.manifest.layer_files == LAYERS
