"""How far measured times scatter: number, percentiles and variation of each point, as `edgesim profile` tables them.

Most rows are of times that were taken. Three quantities follow from them, and are numbers that the profile has:
`PER_SHARD` is a shard's share in a layer's decompression, `START_UP` what the first layer of an inference takes longer
than others, `WAKE` what its first read does.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, NamedTuple

from pydantic import Field, model_validator
from pydantic.json_schema import SkipJsonSchema

from edgesim.document import Document, Name, Where, mistakes
from edgesim.errors import choose
from edgesim.model import Geometry

HOT, COLD, FIRST = "hot", "cold", "first"
"""Back to back with one of its kind; after a wait; in the first layer of an inference."""
STATES = (HOT, COLD, FIRST)
READ, LAYER, DECOMPRESS, HAND_OFF, COPY = "read", "layer", "decompress", "hand_off", "copy"
PER_SHARD, START_UP, WAKE = "per_shard", "start_up", "wake"
TIMED = {READ: ("size", "depth"), LAYER: ("shards",), DECOMPRESS: ("shards", "bits"), HAND_OFF: (), COPY: ("size",)}
"""What tells the points of each quantity apart: request size [B] and queue depth, number of shards, bitwidth."""
KEYS = TIMED | {PER_SHARD: ("bits",), START_UP: (), WAKE: ()}
PLACES = ("size", "depth", "shards", "bits")
_OF_STORAGE = (READ, WAKE)
Whole = Annotated[int, Field(ge=0, lt=2**53, strict=True)]


class Point(NamedTuple):
    """What is measured: a quantity at one point, hot or cold."""

    quantity: str
    key: tuple[Annotated[int, Field(gt=0, lt=2**53, strict=True)], ...]
    state: str

    def __str__(self) -> str:
        placed = zip(KEYS[self.quantity], self.key, strict=True)
        return ", ".join([self.quantity, *(f"{name} {number}" for name, number in placed), self.state])


class Statistics(NamedTuple):
    """Of the samples of one point: how many, percentiles [ns], and standard deviation by mean."""

    n: Annotated[int, Field(ge=1, lt=2**53, strict=True)]
    median_ns: Whole
    p5_ns: Whole
    p95_ns: Whole
    p99_ns: Whole
    cv: Annotated[float, Field(ge=0)]


HEADER = ("quantity", *PLACES, "state", *Statistics._fields)
"""The columns of the table."""


class Spread(Document):
    """The statistics of a profile: of its reads, and of its layers on one processor for one geometry."""

    file: str | None = None
    """A CSV beside the profile, as `edgesim profile` writes it: number, percentiles and variation of each measured
    point."""
    processor: Name | None = None
    """The processor whose layers were measured; without it, there are statistics of reads alone."""
    geometry: Geometry | None = None
    """The shape of the layers that were measured, which `layer_times` must have."""
    values: SkipJsonSchema[tuple[tuple[Point, Statistics], ...] | None] = None
    """What `edgesim.files` reads of the `file`."""

    @model_validator(mode="after")
    def _holds(self) -> "Spread":
        if self.values is None or self.file is not None:
            raise ValueError("needs 'file', the table of statistics; edgesim.read_device reads it")
        if (self.processor is None) != (self.geometry is None):
            raise ValueError("give both 'processor' and 'geometry', those of the measured layers, or neither")
        mistakes(list(_mistakes(self.values)))
        return self

    @cached_property
    def rows(self) -> dict[Point, Statistics]:
        """Statistics by point."""
        return dict(self.values or ())

    @cached_property
    def of_layers(self) -> "Spread | None":
        """All but those of the storage; None where there are no others."""
        return with_storage(self, None)

    @cached_property
    def of_storage(self) -> "Spread | None":
        """Those of the storage alone; None where there are none."""
        return with_storage(None, self)

    @cached_property
    def parts(self) -> set[tuple[str, str]]:
        """Quantity and state of all that was measured."""
        return {(point.quantity, point.state) for point in self.rows}


def _mistakes(values: tuple[tuple[Point, Statistics], ...]) -> Iterator[tuple[Where, str]]:
    seen = set[Point]()
    for number, (point, found) in enumerate(values):
        where: Where = ("values", number)
        if len(point.key) != len(KEYS.get(point.quantity, ())) or point.quantity not in KEYS:
            yield where, f"is of no point that is known, got {tuple(point)}"
        elif point.state not in STATES:
            yield where, f"unknown state, got '{point.state}'; {choose(point.state, STATES)}"
        elif point in seen:
            yield where, f"gives {point} again; keep one row"
        elif not found.p5_ns <= found.median_ns <= found.p95_ns <= found.p99_ns:
            yield where, f"percentiles must rise from p5_ns over median_ns to p99_ns, got {found[1:5]}"
        seen.add(point)


def with_storage(own: Spread | None, other: Spread | None) -> Spread | None:
    """Return the statistics of a device that has the storage of another one; None where there are none.

    Parameters
    ----------
    own, other
        Of the device, and of the other one.
    """
    kept = [row for row in (own and own.values) or () if row[0].quantity not in _OF_STORAGE]
    reads = [row for row in (other and other.values) or () if row[0].quantity in _OF_STORAGE]
    if not kept and not reads:
        return None
    processor, geometry = (own.processor, own.geometry) if own else (None, None)
    return Spread(processor=processor, geometry=geometry, values=(*reads, *kept))
