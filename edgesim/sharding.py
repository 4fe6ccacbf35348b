"""The verb `shard`: a checkpoint becomes a shard store, and the model file that belongs to it."""

import hashlib
import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from edgesim.atomic import write_atomically
from edgesim.errors import InputError
from edgesim.files import read_model
from edgesim.importance import Importances
from edgesim.model import FULL
from edgesim.nets.checkpoint import Checkpoint, open_checkpoint
from edgesim.nets.extra import needs_extra
from edgesim.nets.minilm import NAME, checkpoint_folder
from edgesim.shards.architecture import Recipe
from edgesim.shards.build import begin, build
from edgesim.shards.manifest import MODEL, RECORDS, RESIDENT, TOKENIZER, Manifest
from edgesim.shards.store import Store, open_store, verify

BITWIDTHS = (2, 3, 4, 5, 6, FULL)


def shard(
    checkpoint: str | Path,
    out: str | Path,
    *,
    recipe: Recipe | None = None,
    order: Importances | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Store:
    """Cut a checkpoint in shards and store them at every bitwidth; what was begun before is taken up again.

    Parameters
    ----------
    checkpoint
        A folder with ``config.json``, weights and ``tokenizer.json``, or ``minilm``.
    out
        Folder of the store.
    recipe
        How to quantize.
    order
        Importance of each shard, (L, S): slices are then stored by falling importance, so that the shards that a
        plan raises lie side by side.
    progress
        Called with the number of slices done, and of all.

    Raises
    ------
    InputError
        If the checkpoint is wrong, or the folder holds something else.
    """
    source, folder = checkpoint_folder(str(checkpoint)), Path(out)
    with open_checkpoint(source) as opened:
        shape = opened.architecture
        plan = Manifest(
            name=_name(str(checkpoint), shape.layers, shape.heads),
            source=_sources(source),
            architecture=shape,
            recipe=recipe or Recipe(),
            bitwidths=BITWIDTHS,
            order=_order(order, shape.layers, shape.heads),
        )
        if begin(folder, plan):
            others = {RESIDENT: _resident(opened)} | _tokenizer(source)
            store = build(folder, plan, opened.matrices, others, progress or (lambda done, every: None))
        else:
            store = open_store(folder)
    if not (folder / MODEL).exists():  # it may have been edited since
        _write_model(store, order)
    read_model(folder / MODEL)
    return store


def _write_model(store: Store, importance: Importances | None) -> None:
    """Write the model file, and the importance table that decided on the order of the slices."""
    if importance is not None:
        rows = "".join(",".join(map(str, row)) + "\n" for row in importance)
        write_atomically(store.folder / _IMPORTANCE, rows.encode())
    write_atomically(store.folder / MODEL, model_text(store, ranked=importance is not None).encode())


def check_store(folder: Path) -> str:
    """Verify every byte of a store, and its model file.

    Raises
    ------
    InputError
        With every mistake.
    """
    store = open_store(folder)
    mistakes = list(verify(store))
    try:
        read_model(folder / MODEL)
    except InputError as error:
        mistakes.append(str(error))
    if mistakes:
        raise InputError("\n".join(mistakes))
    return store.manifest.schema_


def _name(checkpoint: str, layers: int, heads: int) -> str:
    """Name a model after its checkpoint, with the letters that names may have."""
    stem = NAME if checkpoint == NAME else re.sub(r"[^A-Za-z0-9._-]+", "-", Path(checkpoint).resolve().name)
    return f"{stem.strip('._-')[:60] or 'model'}-{layers}x{heads}"


def _sources(folder: Path) -> dict[str, str]:
    files = [folder / name for name in ("config.json", "model.safetensors", "pytorch_model.bin", TOKENIZER)]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files if path.is_file()}


def _order(importance: Importances | None, layers: int, heads: int) -> tuple[tuple[int, ...], ...]:
    if importance is None:
        return (tuple(range(heads)),) * layers
    if len(importance) != layers or any(len(row) != heads for row in importance):
        raise InputError(f"importance: must be {layers} rows of {heads} values")
    return tuple(tuple(sorted(range(heads), key=lambda shard: -row[shard])) for row in importance)


def _resident(checkpoint: Checkpoint) -> bytes:
    with needs_extra("safetensors"):
        from safetensors.numpy import save
    tensors = checkpoint.resident()
    if wrong := next((name for name, tensor in tensors.items() if not math.isfinite(float(tensor.sum()))), None):
        raise InputError(f"{checkpoint.folder}: {wrong}: has weights that are not finite; the checkpoint is damaged")
    content: bytes = save(tensors)
    return content


def _tokenizer(folder: Path) -> dict[str, bytes]:
    path = folder / TOKENIZER
    return {TOKENIZER: path.read_bytes()} if path.is_file() else {}


_IMPORTANCE = "importance.csv"
_RANKED = f'{{file: {_IMPORTANCE}, source: {{grade: C, text: "as it was given when the store was made"}}}}'
_UNRANKED = "{kind: uniform, source: {grade: D, text: not measured yet; measure it with edgesim importance}}"
_MODEL = """\
schema: edgesim.model/1
name: {name}
description: shards of {source}
layers: {layers}
shards_per_layer: {heads}
geometry: {{hidden: {hidden}, heads: {heads}, ffn: {ffn}, seq_len: {seq_len}, dtype: fp32}}
parameters_per_shard: {weights}
bitwidths: {bitwidths}
outlier_fraction: {outliers:.6f}
min_layers: 1
submodel: {{layers: first, shards: {rule}}}
records: {{file: {records}, source: {source_A}}}
resident_bytes:
  embeddings: {embeddings} B
  biases_and_norms: {rest} B
  source: {source_A}
distortion:
{distortion}
  source: {source_A}
importance: {importance}
source: {{grade: A, text: "{text}"}}
"""


def model_text(store: Store, *, ranked: bool = False, seq_len: int = 128) -> str:
    """Return the model file of a store: exact sizes and places, and the distortion that was measured.

    Parameters
    ----------
    store
        What the file is about.
    ranked
        Slices are stored by falling importance, and submodels keep the most important ones.
    seq_len
        Tokens for which layer times hold.
    """
    manifest, shape = store.manifest, store.manifest.architecture
    sizes = _resident_bytes(store)
    text = f"quantized here, dictionary per {manifest.recipe.dictionary}, log-likelihood threshold " \
           f"{manifest.recipe.threshold:g}, at most {manifest.recipe.refine} refinements"  # fmt: skip
    return _MODEL.format(
        name=manifest.name,
        source=", ".join(f"{name} {digest[:12]}" for name, digest in manifest.source.items()),
        layers=shape.layers,
        heads=shape.heads,
        hidden=shape.hidden,
        ffn=shape.ffn,
        seq_len=seq_len,
        weights=shape.parameters_per_shard,
        bitwidths=list(manifest.bitwidths),
        outliers=store.outlier_fraction,
        records=RECORDS,
        embeddings=sizes["embeddings"],
        rest=sum(sizes.values()) - sizes["embeddings"],
        distortion="\n".join(f"  {bits}: {value:.6g}" for bits, value in manifest.distortion.items()),
        rule="importance" if ranked else "first",
        importance=_RANKED if ranked else _UNRANKED,
        source_A=f'{{grade: A, text: "{text}"}}',
        text=text,
    )


def _resident_bytes(store: Store) -> Mapping[str, int]:
    """Return the bytes of the resident tensors by the first part of their names."""
    from safetensors.numpy import load

    from edgesim.shards.store import read_resident

    sizes = {"embeddings": 0}
    for name, tensor in load(read_resident(store)).items():
        kind = name.partition(".")[0]
        sizes[kind] = sizes.get(kind, 0) + tensor.nbytes
    return sizes
