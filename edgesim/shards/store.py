"""Read a shard store: the index, single shards, and everything to verify it."""

import csv
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import BinaryIO

from edgesim.errors import InputError
from edgesim.records import Record, Records, Version
from edgesim.shards.manifest import MANIFEST, RECORDS, RESIDENT, Manifest, layer_file, read_manifest
from edgesim.shards.record import DamagedError, Packed, decode

HEADER = ("layer", "shard", "bits", "offset", "bytes", "outliers", "checksum")


@dataclass(frozen=True, slots=True)
class Store:
    """A shard store on flash: one file for each layer, and where each version of each shard lies."""

    folder: Path
    manifest: Manifest
    records: Records
    checksums: Mapping[Version, int]
    outliers: Mapping[Version, int]

    @property
    def outlier_fraction(self) -> float:
        """Mean share of weights that are stored as outliers, over all slices at the lowest bitwidth."""
        lowest = min(self.manifest.bitwidths)
        counts = [count for (_, _, bits), count in self.outliers.items() if bits == lowest]
        return sum(counts) / (len(counts) * self.manifest.architecture.parameters_per_shard)

    def read(self, layer: int, shard: int, bits: int) -> Packed:
        """Read one shard, verified.

        Raises
        ------
        InputError
            If there is no such version, or it is damaged.
        """
        if (layer, shard, bits) not in self.records.placed:
            raise InputError(f"{self.folder}: has no layer {layer}, shard {shard} at {bits} bits")
        offset, size = self.records.placed[layer, shard, bits]
        path = self.folder / layer_file(layer)
        try:
            with path.open("rb", buffering=0) as file:
                return self.verified(_read_at(file, offset, size), layer, shard, bits)
        except OSError as error:
            raise InputError(f"{path}: cannot be read, {error.strerror}") from error

    def verified(self, content: bytes | memoryview, layer: int, shard: int, bits: int) -> Packed:
        """Take apart the bytes that were read for one shard, or say in which shard of which file they are wrong.

        Raises
        ------
        InputError
            If a single bit is not as it was written, or bytes are missing.
        """
        try:
            packed = decode(content, layer, shard, bits)
            if packed.header.checksum != self.checksums[layer, shard, bits]:
                raise DamagedError("is not the one that was indexed")
        except DamagedError as error:
            path = self.folder / layer_file(layer)
            raise InputError(f"{path}: layer {layer}, shard {shard} at {bits} bits {error}; make the store anew"
                             ) from error  # fmt: skip
        else:
            return packed


def _read_at(file: BinaryIO, offset: int, size: int) -> bytes:
    file.seek(offset)
    parts, missing = [], size
    while missing and (part := file.read(missing)):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def open_store(folder: Path, name: str = MANIFEST) -> Store:
    """Open a store; its manifest and index are verified now, its shards when they are read.

    Raises
    ------
    InputError
        If it is no store, or damaged.
    """
    manifest = read_manifest(folder, name)
    content = _whole(folder / RECORDS, manifest.files.get(RECORDS, ""))
    rows = list(csv.reader(StringIO(content.decode())))
    records = tuple(Record(*map(int, row[:5])) for row in rows[1:])
    checksums = {record[:3]: int(row[6], 16) for record, row in zip(records, rows[1:], strict=True)}
    outliers = {record[:3]: int(row[5]) for record, row in zip(records, rows[1:], strict=True)}
    return Store(folder, manifest, Records(values=records), checksums, outliers)


def verify(store: Store) -> Iterator[str]:
    """Read everything in a store, and yield every mistake."""
    for name, digest in store.manifest.files.items():
        try:
            _whole(store.folder / name, digest)
        except InputError as error:
            yield str(error)
    for layer in range(store.manifest.architecture.layers):
        path, own = store.folder / layer_file(layer), [row for row in store.records.values or () if row.layer == layer]
        end = max(row.end for row in own)
        if path.is_file() and path.stat().st_size != end:
            yield f"{path}: must have {end} B, got {path.stat().st_size}"
        for row in own:
            try:
                store.read(*row[:3])
            except InputError as error:
                yield str(error)


def _whole(path: Path, digest: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read, {error.strerror}; make the store anew") from error
    if hashlib.sha256(content).hexdigest() != digest:
        raise InputError(f"{path}: is damaged or was edited, its checksum is wrong; make the store anew")
    return content


def read_resident(store: Store) -> bytes:
    """Return the tensors that are not cut in shards, as the bytes of a safetensors file, verified.

    Raises
    ------
    InputError
        If the file is missing or damaged.
    """
    return _whole(store.folder / RESIDENT, store.manifest.files.get(RESIDENT, ""))
