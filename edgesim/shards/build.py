"""Write a shard store: layer by layer, each file whole or not at all, so that a build can be taken up again."""

import csv
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from os import cpu_count
from pathlib import Path
from typing import BinaryIO

import numpy as np

from edgesim.atomic import replacing, write_atomically
from edgesim.errors import InputError
from edgesim.model import FULL
from edgesim.shards.architecture import Architecture, Recipe
from edgesim.shards.manifest import MANIFEST, RECORDS, Manifest, layer_file, manifest_text, read_manifest
from edgesim.shards.quantize import Floats, Population, Quantized, quantize, squared_error
from edgesim.shards.record import ALIGNMENT, DamagedError, Header, decode, decompress, encode, read_header
from edgesim.shards.slicing import cut, piece_rows
from edgesim.shards.store import HEADER, Store, open_store

BUILDING = "building.json"
"""Stands for `MANIFEST` until the store is whole."""
Matrices = Callable[[int], Mapping[str, Floats]]
Progress = Callable[[int, int], None]


def begin(folder: Path, plan: Manifest) -> bool:
    """Make the folder ready for a store, or find that it has this store already.

    Returns
    -------
    bool
        Whether there is anything left to do.

    Raises
    ------
    InputError
        If the folder holds something else, or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        present = {path.name for path in folder.iterdir()}
    except OSError as error:
        raise InputError(f"{folder}: cannot be made a store, {error.strerror}") from error
    for name in (MANIFEST, BUILDING):
        if name in present:
            known = read_manifest(folder, name)
            if known.model_copy(update={"files": {}, "distortion": {}}) != plan:
                raise InputError(f"{folder}: holds another store ({known.name}, {known.recipe}); choose another folder,"
                                 " or remove it")  # fmt: skip
            return name == BUILDING
    if present - {path for path in present if path.startswith(".edgesim.")}:
        raise InputError(f"{folder}: is not empty and no store; choose another folder")
    write_atomically(folder / BUILDING, manifest_text(plan).encode())
    return True


def build(folder: Path, plan: Manifest, matrices: Matrices, others: Mapping[str, bytes], progress: Progress) -> Store:
    """Write what is missing of a store that was begun, read everything back, and close it.

    Parameters
    ----------
    folder, plan
        As `begin` was given them.
    matrices
        Returns the six matrices of a layer by its number.
    others
        Content of the other files by name.
    progress
        Called with the number of slices done, and of all.

    Raises
    ------
    InputError
        If weights are not finite, or a file cannot be written.
    """
    shape = plan.architecture
    every = shape.layers * shape.heads
    for layer in range(shape.layers):
        path, before = folder / layer_file(layer), layer * shape.heads
        if not _is_whole(path, plan, layer):
            slices = cut(matrices(layer), shape.heads)
            if not np.isfinite(slices).all():
                raise InputError(f"layer {layer}: has weights that are not finite; the checkpoint is damaged")
            with replacing(path) as file:
                _write_layer(file, slices, plan, layer, lambda done, before=before: progress(before + done, every))
        progress(before + shape.heads, every)
    for stale in folder.glob(".edgesim.*.part"):  # what a killed build left
        stale.unlink(missing_ok=True)
    contents = dict(others) | {RECORDS: _index(folder, plan)}
    for name, content in contents.items():
        write_atomically(folder / name, content)
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    return _closed(folder, plan.model_copy(update={"files": digests}))


def _closed(folder: Path, manifest: Manifest) -> Store:
    """Read the whole store back, note its distortion, and make it a store."""
    write_atomically(folder / BUILDING, manifest_text(manifest).encode())
    measured = distortion(open_store(folder, BUILDING))
    whole = manifest.model_copy(update={"distortion": measured})
    write_atomically(folder / MANIFEST, manifest_text(whole).encode())
    (folder / BUILDING).unlink()
    return open_store(folder)


def _write_layer(file: BinaryIO, slices: Floats, plan: Manifest, layer: int, progress: Callable[[int], None]) -> None:
    """Write all versions of a layer's slices, (S, R, H): by falling bitwidth, those of one bitwidth side by side."""
    recipe = plan.recipe
    shared = Population(slices.reshape(-1), recipe.threshold) if recipe.dictionary == "layer" else None

    def versions(shard: int) -> dict[int, bytes]:
        return {bits: encode(layer, shard, made) for bits, made in _versions(slices[shard], plan, shared)}

    done = []
    with ThreadPoolExecutor(cpu_count()) as pool:  # numpy sorts and searches outside Python's lock
        for made in pool.map(versions, range(len(slices))):
            done.append(made)
            progress(len(done))
    for bits in sorted(plan.bitwidths, reverse=True):
        for shard in plan.order[layer]:
            file.write(done[shard][bits])


def _versions(one: Floats, plan: Manifest, shared: Population | None) -> Iterator[tuple[int, Quantized | Floats]]:
    """Yield a slice, (R, H), at every bitwidth."""
    parts = _parts(one, plan.architecture, plan.recipe)
    populations = [shared or Population(part, plan.recipe.threshold) for part in parts]
    for bits in plan.bitwidths:
        yield bits, one.reshape(-1) if bits == FULL else quantize(parts, populations, bits, plan.recipe.refine)


def _parts(one: Floats, shape: Architecture, recipe: Recipe) -> list[Floats]:
    """Cut a slice, (R, H), where the dictionary changes."""
    if recipe.dictionary != "piece":
        return [one.reshape(-1)]
    ends = np.cumsum(list(piece_rows(shape.hidden, shape.ffn, shape.heads).values()))[:-1]
    return [part.reshape(-1) for part in np.split(one, ends)]


def _is_whole(path: Path, plan: Manifest, layer: int) -> bool:
    """Tell whether a layer's file was written before, whole and undamaged."""
    try:
        found = {(header.shard, header.bits) for _, header in scan(path) if header.layer == layer}
    except (OSError, DamagedError):
        return False
    return found == {(shard, bits) for shard in range(plan.architecture.heads) for bits in plan.bitwidths}


def scan(path: Path) -> Iterator[tuple[int, Header]]:
    """Yield offset and header of each record in a layer's file, verified.

    Raises
    ------
    DamagedError
        If a record is not as it was written.
    """
    content, offset = memoryview(path.read_bytes()), 0
    while offset < len(content):
        header = read_header(content[offset : offset + ALIGNMENT])
        decode(content[offset : offset + header.padded_bytes], header.layer, header.shard, header.bits)
        yield offset, header
        offset += header.padded_bytes


def _index(folder: Path, plan: Manifest) -> bytes:
    """Write the index of all layers' files."""
    text = StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(HEADER)
    for layer in range(plan.architecture.layers):
        for offset, header in scan(folder / layer_file(layer)):
            rows.writerow([layer, header.shard, header.bits, offset, header.padded_bytes, header.outliers,
                           f"{header.checksum:08x}"])  # fmt: skip
    return text.getvalue().encode()


def distortion(store: Store) -> dict[int, float]:
    """Return the relative squared error of what is stored by bitwidth, read back from flash, over all slices."""
    shape = store.manifest.architecture
    sizes = [rows * shape.hidden for rows in piece_rows(shape.hidden, shape.ffn, shape.heads).values()]
    widths = [bits for bits in store.manifest.bitwidths if bits != FULL]
    errors, power = dict.fromkeys(widths, 0.0), 0.0
    for layer in range(shape.layers):
        for shard in range(shape.heads):
            full = store.read(layer, shard, FULL).values
            power += squared_error(full, np.zeros_like(full))
            for bits in widths:
                errors[bits] += squared_error(full, decompressed(store, layer, shard, bits, sizes))
    return {bits: error / power if power else 0.0 for bits, error in errors.items()}


def decompressed(store: Store, layer: int, shard: int, bits: int, sizes: Sequence[int]) -> Floats:
    """Return the weights of one shard as it is executed, (P,)."""
    weights = np.empty(sum(sizes), np.float32)
    decompress(store.read(layer, shard, bits), np.split(weights, np.cumsum(sizes)[:-1]))
    return weights
