"""Where a shard store holds each version of each shard: one file for each layer, one record for each version."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise, product
from typing import Annotated, NamedTuple

from pydantic import Field, model_validator

from edgesim.document import Document, Source, Where

Version = tuple[int, int, int]
"""One stored form of a shard: layer, slice, bits per weight."""
Whole = Annotated[int, Field(ge=0, lt=2**53, strict=True)]


class Record(NamedTuple):
    """The place of one version of one shard in its layer's file."""

    layer: Whole
    """Layer of the model, from 0."""
    shard: Whole
    """Slice of the layer, from 0."""
    bits: Whole
    """Bits per weight of this version."""
    offset: Whole
    """Where the record starts in its layer's file [B]."""
    bytes: Whole
    """Size of the record, padding included [B]."""

    @property
    def end(self) -> int:
        """The first byte behind the record [B]."""
        return self.offset + self.bytes

    def __str__(self) -> str:
        return f"layer {self.layer}, shard {self.shard} at {self.bits} bits"


class Records(Document):
    """The record of every version of every shard: in a file, or as it is."""

    file: str | None = None
    """A CSV beside the model file with a row for each version of each shard: layer, shard, bits, offset and bytes."""
    values: tuple[Record, ...] | None = None
    """The same rows in the file itself."""
    source: Source | None = None

    @model_validator(mode="after")
    def _are_read(self) -> "Records":
        if self.values is None or self.file is not None:
            raise ValueError("give 'values' or, where edgesim.read_model reads it, 'file'")
        return self

    @cached_property
    def placed(self) -> dict[Version, tuple[int, int]]:
        """Offset and size of each version [B]."""
        return {(row.layer, row.shard, row.bits): (row.offset, row.bytes) for row in self.values or ()}

    @cached_property
    def ends(self) -> dict[int, int]:
        """The first byte behind the last record of each layer's file [B]."""
        return dict(sorted((row.layer, row.end) for row in self.values or ()))

    def extents(self, versions: Sequence[Version]) -> list[tuple[int, int, int]]:
        """Return the contiguous reads that bring some versions: layer, offset and size [B] of each.

        Records of a layer that adjoin are one read. Reads are in the order in which their layers are first named,
        those of a layer by offset.
        """
        turn = {layer: number for number, layer in enumerate(dict.fromkeys(layer for layer, _, _ in versions))}
        found: list[tuple[int, int, int]] = []
        for _, layer, (offset, size) in sorted((turn[row[0]], row[0], self.placed[row]) for row in versions):
            if found and found[-1][0] == layer and found[-1][1] + found[-1][2] == offset:
                found[-1] = (layer, found[-1][1], found[-1][2] + size)
            else:
                found.append((layer, offset, size))
        return found


def record_mistakes(
    records: Sequence[Record], layers: int, shards: int, bitwidths: Sequence[int], weights: int
) -> Iterator[tuple[Where, str]]:
    """Yield what is wrong with the records of a model, each with the row it is about.

    Parameters
    ----------
    records
        One for each stored version, in any order.
    layers, shards, bitwidths, weights
        The model's: every version of its shards must have one record, of at least its packed weights.
    """
    known = f"the model has {layers} layers of {shards} shards at {list(bitwidths)} bits"
    seen = set[Version]()
    for number, row in enumerate(records):
        version, least = (row.layer, row.shard, row.bits), -(-weights * row.bits // 8)
        if row.layer >= layers or row.shard >= shards or row.bits not in bitwidths:
            yield ("values", number), f"names {row}, but {known}"
        elif version in seen:
            yield ("values", number), f"names {row} again; keep one row"
        elif row.bytes < least:
            yield ("values", number), f"gives {row} {row.bytes} B, but its packed weights alone take {least} B"
        seen.add(version)
    every = product(range(layers), range(shards), bitwidths)
    if missing := next((version for version in every if version not in seen), None):
        yield (), f"lacks a row for {Record(*missing, 0, 0)}; every version of every shard needs one"
    yield from _overlaps(records)


def _overlaps(records: Iterable[Record]) -> Iterator[tuple[Where, str]]:
    in_order = sorted(enumerate(records), key=lambda numbered: (numbered[1].layer, numbered[1].offset))
    for (_, before), (number, row) in pairwise(in_order):
        if before.layer == row.layer and row.offset < before.end:
            yield ("values", number), f"puts {row} at {row.offset} B, but {before} ends at {before.end} B"
