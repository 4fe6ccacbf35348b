"""A tiny shard store, built from matrices alone: neither torch nor a checkpoint is needed."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

from checkpoints import Tensors, layer_matrices

from edgesim.shards.architecture import Architecture, Recipe
from edgesim.shards.build import begin, build
from edgesim.shards.manifest import MANIFEST, RECORDS, RESIDENT, TOKENIZER, Manifest, manifest_text, read_manifest
from edgesim.shards.store import Store, open_store

BITWIDTHS = (2, 3, 4, 5, 6, 32)
OTHERS = {RESIDENT: b"everything that is not cut", TOKENIZER: b'{"version": "1.0"}'}


def tiny_plan(
    layers: int = 2,
    hidden: int = 32,
    heads: int = 4,
    ffn: int = 64,
    order: tuple[int, ...] | None = None,
    **recipe: object,
) -> Manifest:
    """Return what a tiny store is to be."""
    return Manifest(
        name="tiny",
        source={"config.json": "0" * 64},
        architecture=Architecture(
            family="bert", layers=layers, hidden=hidden, heads=heads, ffn=ffn, activation="gelu", norm_eps=1e-12,
            first_position=0,
        ),
        recipe=Recipe.model_validate(recipe),
        bitwidths=BITWIDTHS,
        order=(order or tuple(range(heads)),) * layers,
    )  # fmt: skip


def tiny_matrices(plan: Manifest) -> Callable[[int], Tensors]:
    """Return the matrices of each layer, random."""
    shape = plan.architecture
    return lambda layer: layer_matrices(shape.hidden, shape.ffn, seed=layer)


def build_tiny(
    folder: Path,
    plan: Manifest | None = None,
    matrices: Callable[[int], Tensors] | None = None,
    progress: Callable[[int, int], None] = lambda done, every: None,
    others: Mapping[str, bytes] = OTHERS,
) -> Store:
    """Build a store, or take up again what was begun, or open what is there."""
    plan = plan or tiny_plan()
    if begin(folder, plan):
        return build(folder, plan, matrices or tiny_matrices(plan), others, progress)
    return open_store(folder)


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def reseal(folder: Path) -> None:
    """Give a store the checksum of the index that it has now, as someone who edits it would."""
    manifest = read_manifest(folder)
    digest = hashlib.sha256((folder / RECORDS).read_bytes()).hexdigest()
    forged = manifest.model_copy(update={"files": manifest.files | {RECORDS: digest}})
    (folder / MANIFEST).write_text(manifest_text(forged))


def flipped(content: bytes, place: int) -> bytes:
    """Return a content with one bit changed."""
    changed = bytearray(content)
    changed[place // 8] ^= 1 << place % 8
    return bytes(changed)
