r"""One shard at one bitwidth as bytes: a header, dictionaries, outliers and packed indexes, padded to 4 KiB.

All numbers are little-endian::

    0   8 B   b"edgesim\0"
    8   u16   version of the format, 1
    10  u16   layer            12  u16  shard            14  u16  bits
    16  u32   weights P        20  u32  outliers n       24  u32  dictionaries G
    28  u32   CRC-32 of everything else in the record, padding included
    32        G * 2^bits f32 centroids; n u32 offsets of outliers; n f32 outliers; P * bits / 8 bytes of indexes

At 32 bits the P weights follow the header as f32. Indexes are packed without gaps, the first in the lowest bits.
"""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from edgesim.model import FULL
from edgesim.shards.kernels import expand, pack, scatter
from edgesim.shards.quantize import Floats, Quantized
from edgesim.shards.slicing import spread

ALIGNMENT = 4096
"""Bytes that records are padded to, so that O_DIRECT can read them."""
VERSION = 1
_MAGIC = b"edgesim\0"
_HEADER = struct.Struct("<8sHHHHIIII")
_BEFORE_CHECKSUM = _HEADER.size - 4
Buffer = bytes | bytearray | memoryview


class Header(NamedTuple):
    """What a record says of itself."""

    magic: bytes
    version: int
    layer: int
    shard: int
    bits: int
    weights: int
    outliers: int
    dictionaries: int
    checksum: int

    @property
    def body_bytes(self) -> int:
        """Size of what follows the header, without padding [B]."""
        if self.bits == FULL:
            return 4 * self.weights
        return (4 * self.dictionaries << self.bits) + 8 * self.outliers + self.weights * self.bits // 8

    @property
    def padded_bytes(self) -> int:
        """Size of the record on flash [B]."""
        return -(-(_HEADER.size + self.body_bytes) // ALIGNMENT) * ALIGNMENT


class DamagedError(ValueError):
    """A record is not what it should be; the message says in what."""


def encode(layer: int, shard: int, content: Quantized | Floats) -> bytes:
    """Write one shard as a record; plain weights, (P,), are written at 32 bits."""
    if isinstance(content, Quantized):
        bits, weights, outliers, dictionaries = (
            content.bits, content.indexes.size, content.offsets.size, len(content.centroids)
        )  # fmt: skip
        arrays: tuple[NDArray[Any], ...] = (
            content.centroids.astype("<f4"), content.offsets.astype("<u4"), content.outliers.astype("<f4"),
            pack(content.indexes, bits),
        )  # fmt: skip
    else:
        bits, weights, outliers, dictionaries = FULL, content.size, 0, 0
        arrays = (content.astype("<f4"),)
    header = Header(_MAGIC, VERSION, layer, shard, bits, weights, outliers, dictionaries, 0)
    record = bytearray(header.padded_bytes)
    end = _HEADER.size
    for array in arrays:
        start, end = end, end + array.nbytes
        record[start:end] = array.tobytes()
    _HEADER.pack_into(record, 0, *header)
    struct.pack_into("<I", record, _BEFORE_CHECKSUM, checksum(record))
    return bytes(record)


def checksum(record: Buffer) -> int:
    """Return the CRC-32 of a record without the field that holds it."""
    view = memoryview(record)
    return zlib.crc32(view[_HEADER.size :], zlib.crc32(view[:_BEFORE_CHECKSUM]))


def read_header(record: Buffer) -> Header:
    """Read what a record says of itself.

    Raises
    ------
    DamagedError
        If it is no record of this version.
    """
    if len(record) < _HEADER.size:
        raise DamagedError(f"ends after {len(record)} B")
    header = Header(*_HEADER.unpack_from(record))
    if header.magic != _MAGIC:
        raise DamagedError("is no record of a shard")
    if header.version != VERSION:
        raise DamagedError(f"has version {header.version} of the format, this edgesim reads {VERSION}")
    if header.bits not in (*range(1, 9), FULL):
        raise DamagedError(f"says that its weights have {header.bits} bits")
    return header


@dataclass(frozen=True, slots=True)
class Packed:
    """A verified record, still compressed: views into the bytes that were read."""

    header: Header
    centroids: NDArray[np.float32]
    offsets: NDArray[np.uint32]
    values: NDArray[np.float32]
    """Outliers, or at 32 bits the weights."""
    packed: NDArray[np.uint8]


def decode(record: Buffer, layer: int, shard: int, bits: int) -> Packed:
    """Verify the bytes of a record and take them apart, copying nothing.

    Parameters
    ----------
    record
        The whole record, padding included.
    layer, shard, bits
        What should be in it.

    Raises
    ------
    DamagedError
        If a single bit is not as it was written, or it is the record of something else.
    """
    header = read_header(record)
    if header.padded_bytes != len(record):
        raise DamagedError(f"should have {header.padded_bytes} B by its header, got {len(record)}")
    if checksum(record) != header.checksum:
        raise DamagedError("is damaged, its checksum is wrong")
    if (header.layer, header.shard, header.bits) != (layer, shard, bits):
        raise DamagedError(f"holds layer {header.layer}, shard {header.shard} at {header.bits} bits")
    if bits == FULL:
        values = np.frombuffer(record, "<f4", header.weights, _HEADER.size)
        return Packed(header, values[:0], np.empty(0, np.uint32), values, np.empty(0, np.uint8))
    return _views(record, header)


def _views(record: Buffer, header: Header) -> Packed:
    """Take a record apart; what is written by compiled code must lie inside."""
    if header.weights % 8 or not header.dictionaries:
        raise DamagedError(f"cannot have {header.weights} weights and {header.dictionaries} dictionaries")
    at = _HEADER.size
    centroids = np.frombuffer(record, "<f4", header.dictionaries << header.bits, at)
    offsets = np.frombuffer(record, "<u4", header.outliers, at + centroids.nbytes)
    at += centroids.nbytes + offsets.nbytes
    if offsets.size and (offsets[-1] >= header.weights or (offsets[1:] <= offsets[:-1]).any()):
        raise DamagedError("has outliers out of place")
    values = np.frombuffer(record, "<f4", header.outliers, at)
    packed = np.frombuffer(record, np.uint8, header.weights * header.bits // 8, at + values.nbytes)
    return Packed(header, centroids.reshape(header.dictionaries, -1), offsets, values, packed)


def decompress(record: Packed, places: Sequence[Floats]) -> None:
    """Write a record's weights into a caller's buffer.

    Parameters
    ----------
    record
        What was read.
    places
        Contiguous room for its weights, in the order of storage; with a dictionary for each piece, one place for
        each (see `edgesim.shards.slicing.LayerBuffer.places`).

    Raises
    ------
    ValueError
        If the places do not have room for exactly the record's weights.
    """
    header, sizes = record.header, [place.size for place in places]
    if sum(sizes) != header.weights or header.dictionaries not in (0, 1, len(sizes)):
        raise ValueError(f"a shard of {header.weights} weights does not fit in places of {sizes}")
    if header.bits == FULL:
        return spread(record.values, places)
    expand(record.packed, header.bits, record.centroids, places)
    scatter(record.offsets, record.values, places)
    return None
