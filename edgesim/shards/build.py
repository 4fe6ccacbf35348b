"""Write a shard store: layer by layer, each file whole or not at all, so that a build can be taken up again."""

import csv
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from os import cpu_count
from pathlib import Path

import numpy as np

from edgesim.atomic import reason, replacing, write_atomically
from edgesim.errors import InputError
from edgesim.model import FULL
from edgesim.shards.architecture import Architecture, Recipe
from edgesim.shards.distortion import distortion
from edgesim.shards.manifest import MANIFEST, RECORDS, Manifest, layer_file, manifest_text, read_manifest
from edgesim.shards.quantize import Floats, Population, Quantized, quantize
from edgesim.shards.record import DamagedError, Header, encode
from edgesim.shards.slicing import cut, piece_rows
from edgesim.shards.store import HEADER, Store, open_store, scan

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
        finished, begun = MANIFEST in present, BUILDING in present
        if finished or begun:
            _check_same(folder, MANIFEST if finished else BUILDING, plan)
        elif not all(map(_is_left_over, present)):
            raise InputError(f"{folder}: is not empty and no store; choose another folder")
        for name in present:
            if _is_left_over(name) or (finished and name == BUILDING):
                (folder / name).unlink()
    except OSError as error:
        raise InputError(f"{folder}: cannot be made a store, {reason(error)}") from error
    if not finished and not begun:
        write_atomically(folder / BUILDING, manifest_text(plan).encode())
    return not finished


def _check_same(folder: Path, name: str, plan: Manifest) -> None:
    known = read_manifest(folder, name)
    if known.model_copy(update={"files": {}, "distortion": {}}) != plan:
        raise InputError(f"{folder}: holds another store ({known.name}, {known.recipe}); choose another folder,"
                         " or remove it")  # fmt: skip


def _is_left_over(name: str) -> bool:
    """Tell whether a killed build left the file (`edgesim.atomic.replacing`)."""
    return name.startswith(".edgesim.") and name.endswith(".part")


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
        If weights are not finite, or a file cannot be written or read back.
    """
    shape = plan.architecture
    for layer in range(shape.layers):
        path = folder / layer_file(layer)
        if not _is_whole(path, plan, layer):
            slices = cut(matrices(layer), shape.heads)
            if not np.isfinite(slices).all():
                raise InputError(f"layer {layer}: has weights that are not finite; the checkpoint is damaged")
            records = _encoded(slices, plan, layer, progress)
            _write(path, [records[shard, bits] for bits in sorted(plan.bitwidths)[::-1] for shard in plan.order[layer]])
        progress((layer + 1) * shape.heads, shape.layers * shape.heads)
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


def _encoded(slices: Floats, plan: Manifest, layer: int, progress: Progress) -> dict[tuple[int, int], bytes]:
    """Return the record of each slice, (S, R, H), at each bitwidth."""
    recipe, shape = plan.recipe, plan.architecture
    shared = Population(slices.reshape(-1), recipe.threshold) if recipe.dictionary == "layer" else None

    def versions(shard: int) -> dict[tuple[int, int], bytes]:
        return {(shard, bits): encode(layer, shard, made) for bits, made in _versions(slices[shard], plan, shared)}

    records: dict[tuple[int, int], bytes] = {}
    with ThreadPoolExecutor(cpu_count()) as pool:  # numpy sorts and searches outside Python's lock
        for done, made in enumerate(pool.map(versions, range(len(slices))), layer * shape.heads + 1):
            records |= made
            progress(done, shape.layers * shape.heads)
    return records


def _write(path: Path, records: Iterable[bytes]) -> None:
    """Write a layer's file: by falling bitwidth, so that those of one bitwidth lie side by side."""
    try:
        with replacing(path) as file:
            file.writelines(records)
    except OSError as error:
        raise InputError(f"{path}: cannot be written, {reason(error)}") from error


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


def _index(folder: Path, plan: Manifest) -> bytes:
    """Write the index of all layers' files."""
    text = StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(HEADER)
    for layer, name in enumerate(plan.layer_files):
        for offset, found in _read_back(folder / name):
            rows.writerow([layer, found.shard, found.bits, offset, found.padded_bytes, found.outliers,
                           f"{found.checksum:08x}"])  # fmt: skip
    return text.getvalue().encode()


def _read_back(path: Path) -> Iterator[tuple[int, Header]]:
    try:
        yield from scan(path)
    except DamagedError as error:
        raise InputError(f"{path}: cannot be read back, {error}; try again") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read back, {reason(error)}; try again") from error
