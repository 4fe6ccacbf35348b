"""A shard as bytes: what was written comes back bit for bit, and what was not written is never taken for a shard."""

import struct
import zlib
from collections.abc import Callable
from random import Random

import numpy as np
import pytest
from checkpoints import gaussian
from hypothesis import given
from hypothesis import strategies as st
from strategies import SEEDS
from test_kernels import numpy_only

from edgesim.model import FULL
from edgesim.shards.quantize import Floats, Population, Quantized, dequantize, quantize
from edgesim.shards.record import (
    ALIGNMENT,
    DamagedError,
    Header,
    Packed,
    checksum,
    decode,
    decompress,
    encode,
    read_header,
)
from edgesim.shards.slicing import LayerBuffer

HIDDEN, HEADS, FFN = 16, 2, 24
BUFFER = LayerBuffer(HIDDEN, FFN, HEADS)
SIZES = [rows * HIDDEN for rows in BUFFER.rows.values()]
WEIGHTS = gaussian(np.random.default_rng(3), sum(SIZES))
DICTIONARIES = ("piece", "slice", "layer")
BITS = (1, 2, 3, 4, 5, 6, 7, 8)
HEADER_BYTES = 32


def quantized(bits: int, dictionary: str = "piece", weights: Floats = WEIGHTS) -> Quantized:
    """Quantize one slice with a dictionary for each piece, for the slice, or for more than the slice."""
    parts = np.split(weights, np.cumsum(SIZES)[:-1]) if dictionary == "piece" else [weights]
    shared = Population(np.concatenate([weights, weights * 2]), -2.0)
    populations = [shared if dictionary == "layer" else Population(part, -2.0) for part in parts]
    return quantize(parts, populations, bits, 10)


def plain(content: Quantized) -> Floats:
    """Return the weights that a quantized slice stands for."""
    return dequantize(content, SIZES if len(content.centroids) > 1 else [sum(SIZES)])


def decompressed(record: Packed, m: int = 1, position: int = 0) -> Floats:
    """Decompress into one slice's places of a layer of m, and see that its neighbours are left alone."""
    buffer = LayerBuffer(HIDDEN, FFN, HEADS, np.full(m * sum(SIZES), np.nan, np.float32))
    decompress(record, buffer.places(m, position))
    others = [place for other in range(m) if other != position for place in buffer.places(m, other)]
    assert all(np.isnan(place).all() for place in others)
    return np.concatenate(buffer.places(m, position))


def sealed(record: bytes | bytearray) -> bytes:
    """Give a record the checksum of its bytes, as someone who forges it would."""
    forged = bytearray(record)
    struct.pack_into("<I", forged, HEADER_BYTES - 4, checksum(forged))
    return bytes(forged)


def outcome(record: bytes, layer: int = 1, shard: int = 0, bits: int = 2) -> str:
    """Say why a record is refused; nothing but a `DamagedError` may come."""
    with pytest.raises(DamagedError) as caught:
        decode(record, layer, shard, bits)
    return str(caught.value)


@pytest.mark.parametrize("dictionary", DICTIONARIES)
@pytest.mark.parametrize("bits", BITS)
def test_what_was_written_comes_back(bits: int, dictionary: str) -> None:
    """Bit for bit, into the places of any slice of layers of several widths."""
    content = quantized(bits, dictionary)
    assert content.offsets.size
    record = encode(1, 0, content)
    packed = decode(record, 1, 0, bits)
    for m, position in ((1, 0), (2, 0), (2, 1), (5, 3)):
        assert decompressed(packed, m, position).tobytes() == plain(content).tobytes()
    with numpy_only():
        assert decompressed(packed, 3, 1).tobytes() == plain(content).tobytes()


@pytest.mark.parametrize("weights", [np.full(sum(SIZES), 0.1, np.float32), np.zeros(sum(SIZES), np.float32)])
def test_constant_weights_come_back(weights: Floats) -> None:
    """A slice without any spread has no outliers, and is exact."""
    packed = decode(encode(0, 0, quantized(2, weights=weights)), 0, 0, 2)
    assert packed.header.outliers == 0
    assert np.array_equal(decompressed(packed), weights)


def test_weights_at_full_fidelity_come_back() -> None:
    """At 32 bits the weights themselves are stored, signed zeros and denormals included."""
    weights = WEIGHTS.copy()
    weights[:3] = -0.0, 1e-45, 3.4e38
    packed = decode(encode(1, 0, weights), 1, 0, FULL)
    assert decompressed(packed, 2, 1).tobytes() == weights.tobytes()


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_buffer_can_be_decoded_in_place(kind: Callable[[bytes], bytes]) -> None:
    """What is decoded are views into the bytes that were read."""
    record = kind(encode(1, 0, quantized(3)))
    packed = decode(record, 1, 0, 3)
    assert np.shares_memory(packed.packed, np.frombuffer(record, np.uint8))
    assert decompressed(packed).tobytes() == plain(quantized(3)).tobytes()


@pytest.mark.parametrize("bits", [*BITS, FULL])
def test_a_record_is_as_large_as_it_says(bits: int) -> None:
    """Header, dictionaries, outliers of 8 B each and packed weights, padded with zeros to 4 KiB."""
    content = WEIGHTS if bits == FULL else quantized(bits)
    record = encode(2, 1, content)
    body = 4 * sum(SIZES)
    if isinstance(content, Quantized):
        body = 4 * len(SIZES) * 2**bits + 8 * content.offsets.size + sum(SIZES) * bits // 8
    assert len(record) == -(-(HEADER_BYTES + body) // ALIGNMENT) * ALIGNMENT
    assert not any(record[HEADER_BYTES + body :])
    header = read_header(record)
    assert (header.layer, header.shard, header.bits, header.weights) == (2, 1, bits, sum(SIZES))
    assert header.checksum == zlib.crc32(record[:28] + record[32:])


@pytest.mark.parametrize("bits", [2, FULL])
def test_every_flipped_bit_is_refused(bits: int) -> None:
    """All 32,768 of a record of 4 KiB, padding included."""
    record = bytearray(encode(1, 0, WEIGHTS if bits == FULL else quantized(2)))
    assert len(record) == ALIGNMENT
    for byte in range(ALIGNMENT):
        for bit in range(8):
            record[byte] ^= 1 << bit
            with pytest.raises(DamagedError):
                decode(record, 1, 0, bits)
            record[byte] ^= 1 << bit
    decode(record, 1, 0, bits)


@pytest.mark.parametrize("length", [0, 1, 31, 32, 33, 4095, 4097, 8192])
def test_a_record_of_another_length_is_refused(length: int) -> None:
    """Cut off or longer, even by whole blocks of zeros."""
    record = encode(1, 0, quantized(2))
    changed = record[:length].ljust(length, b"\0")
    assert outcome(changed) == (
        f"ends after {length} B" if length < HEADER_BYTES else f"should have 4096 B by its header, got {length}"
    )


@pytest.mark.parametrize(
    ("wanted", "says"),
    [((0, 0, 2), "holds layer 1, shard 0 at 2 bits"), ((1, 1, 2), "holds layer 1"), ((1, 0, 3), "at 2 bits")],
)
def test_the_record_of_something_else_is_refused(wanted: tuple[int, int, int], says: str) -> None:
    """Another layer, slice or bitwidth than was asked for."""
    assert says in outcome(encode(1, 0, quantized(2)), *wanted)


def changed(**fields: object) -> bytes:
    """Return a record with another header and a checksum that is right for it."""
    record = bytearray(encode(1, 0, quantized(2)))
    struct.pack_into("<8sHHHHIIII", record, 0, *read_header(record)._replace(**fields))
    return sealed(record)


@pytest.mark.parametrize(
    ("record", "says"),
    [
        (changed(magic=b"edgesim\1"), "is no record of a shard"),
        (changed(version=0), "has version 0 of the format, this edgesim reads 1"),
        (changed(version=2), "has version 2 of the format, this edgesim reads 1"),
        (changed(bits=0), "0 bits"),
        (changed(bits=9), "9 bits"),
        (changed(bits=65535), "65535 bits"),
        (changed(dictionaries=0), "0 dictionaries"),
        (changed(dictionaries=2**32 - 1), "should have"),
        (changed(outliers=2**32 - 1), "should have"),
        (changed(weights=2**32 - 1), "should have"),
        (changed(weights=4), "4 weights"),
        (changed(weights=7), "7 weights"),
    ],
)
def test_a_header_that_makes_no_sense_is_refused(record: bytes, says: str) -> None:
    """Also when the checksum is right: what reads a record relies on nothing that was not checked."""
    assert says in outcome(record, bits=Header(*struct.unpack_from("<8sHHHHIIII", record)).bits)


@pytest.mark.parametrize("offsets", [(5, 5), (5, 4), (0, sum(SIZES)), (2**32 - 1,)])
def test_outliers_out_of_place_are_refused(offsets: tuple[int, ...]) -> None:
    """Compiled code would write them outside the buffer."""
    content = quantized(2)
    forged = Quantized(
        2, content.centroids, content.indexes, np.array(offsets, np.uint32), np.ones(len(offsets), np.float32)
    )
    assert "outliers" in outcome(encode(1, 0, forged))


@given(SEEDS, st.booleans())
def test_random_changes_are_refused_or_decode(seed: int, forge: bool) -> None:
    """Whatever bytes are changed, moved, cut or added: a `DamagedError`, or with a forged checksum maybe a record."""
    random = Random(seed)
    record = bytearray(encode(1, 0, quantized(random.choice([2, 8]))))
    original = bytes(record)
    for _ in range(random.randint(1, 6)):
        at, size = random.randrange(random.choice([HEADER_BYTES, 300, len(record)])), random.randint(1, 8)
        replacement = random.choice([random.randbytes(size), b"\0" * size, b"\xff" * size, bytes(record[:size])])
        record[at : at + random.choice([0, size, size])] = replacement
    del record[random.choice([len(record), len(original), random.randrange(len(record))]) :]
    attempt = sealed(record) if forge and len(record) >= HEADER_BYTES else bytes(record)
    bits = attempt[14] if len(attempt) > 14 and random.random() < 0.5 else 2
    try:
        packed = decode(attempt, 1, 0, bits)
    except DamagedError:
        return
    assert forge or attempt == original
    room = np.zeros(packed.header.weights + 16, np.float32)
    if packed.header.dictionaries in (0, 1):
        decompress(packed, [room[:-16]])
    assert not room[-16:].any()


@given(st.binary(max_size=200), st.sampled_from([b"", b"edgesim\0", b"edgesim\0\1\0"]))
def test_random_bytes_are_refused(content: bytes, start: bytes) -> None:
    """Bytes that were never a record are never one."""
    with pytest.raises(DamagedError):
        decode((start + content).ljust(ALIGNMENT, b"\0"), 1, 0, 2)


@pytest.mark.parametrize("sizes", [[sum(SIZES) - 8], [sum(SIZES) + 8], [8, sum(SIZES) - 8], []])
def test_places_that_do_not_fit_are_refused(sizes: list[int]) -> None:
    """Too small, too large, or another number of them than there are dictionaries."""
    packed = decode(encode(1, 0, quantized(2)), 1, 0, 2)
    with pytest.raises(ValueError, match=f"a shard of {sum(SIZES)} weights does not fit in places of"):
        decompress(packed, [np.empty(size, np.float32) for size in sizes])
