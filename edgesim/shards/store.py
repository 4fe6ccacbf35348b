"""Read a shard store: the index, single shards, and everything to verify it."""

import csv
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import BinaryIO

from edgesim.errors import InputError
from edgesim.records import Record, Records, Version, record_mistakes
from edgesim.shards.manifest import MANIFEST, RECORDS, RESIDENT, Manifest, layer_file, read_manifest
from edgesim.shards.record import ALIGNMENT, DamagedError, Header, Packed, decode, read_header

HEADER = ("layer", "shard", "bits", "offset", "bytes", "outliers", "checksum")
_PORTION = 1 << 24
"""Most bytes that are read at once: a forged index may promise more than there is memory for."""


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
            self._check_indexed(packed, (layer, shard, bits))
        except DamagedError as error:
            path = self.folder / layer_file(layer)
            raise InputError(f"{path}: layer {layer}, shard {shard} at {bits} bits {error}; make the store anew"
                             ) from error  # fmt: skip
        return packed

    def _check_indexed(self, packed: Packed, version: Version) -> None:
        if packed.header.checksum != self.checksums[version]:
            raise DamagedError("is not the one that was indexed")


def _read_at(file: BinaryIO, offset: int, size: int) -> bytes:
    file.seek(offset)
    parts, missing = [], size
    while missing and (part := file.read(min(missing, _PORTION))):
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
    manifest, path = read_manifest(folder, name), folder / RECORDS
    content = _whole(path, manifest.files.get(RECORDS, ""))
    try:
        rows = list(_rows(content))
        records = Records(values=tuple(record for record, _, _ in rows))
    except (csv.Error, TypeError, ValueError) as error:
        raise InputError(f"{path}: is no index of a shard store; make the store anew") from error
    _check_complete(path, manifest, records)
    checksums = {record[:3]: checksum for record, _, checksum in rows}
    outliers = {record[:3]: count for record, count, _ in rows}
    return Store(folder, manifest, records, checksums, outliers)


def _rows(content: bytes) -> Iterator[tuple[Record, int, int]]:
    """Yield record, number of outliers and checksum of each row of an index."""
    for *place, outliers, checksum in list(csv.reader(StringIO(content.decode())))[1:]:
        yield Record(*map(int, place)), int(outliers), int(checksum, 16)


def _check_complete(path: Path, manifest: Manifest, records: Records) -> None:
    shape = manifest.architecture
    weights = shape.parameters_per_shard
    wrong = record_mistakes(records.values or (), shape.layers, shape.heads, manifest.bitwidths, weights)
    if sentences := [f"{path}: {sentence}" for _, sentence in wrong]:
        raise InputError("\n".join(sentences))


def scan(path: Path) -> Iterator[tuple[int, Header]]:
    """Yield offset and header of each record in a layer's file, verified.

    Raises
    ------
    DamagedError
        If a record is not as it was written.
    OSError
        If the file cannot be read.
    """
    content, offset = memoryview(path.read_bytes()), 0
    while offset < len(content):
        header = read_header(content[offset : offset + ALIGNMENT])
        decode(content[offset : offset + header.padded_bytes], header.layer, header.shard, header.bits)
        yield offset, header
        offset += header.padded_bytes


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
