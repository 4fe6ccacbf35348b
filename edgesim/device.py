"""A device as it was measured: storage, processors, memory, power and battery; every number with its source."""

from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from edgesim.decompression import Decompress
from edgesim.document import Document, Name, Source, Sourced, Where, mistakes
from edgesim.errors import choose
from edgesim.model import Geometry
from edgesim.processor import Delay, LayerTimes, Processor
from edgesim.quantities import size_text, time_text
from edgesim.reads import Lanes, Read
from edgesim.spread import COLD, HOT, LAYER, PER_SHARD, READ, Point, Spread
from edgesim.units import Bytes, Millijoules, Milliwatts

Points = tuple[tuple[int, int], ...]
"""Measured points of one queue depth: request size [B] and service time [ns], both rising."""

SECOND = 10**9


class Storage(Document):
    """The flash: how long a read takes, and how many may be in service at once."""

    read: Read
    """How long one read takes, by its size and how many reads are in service."""
    lanes: Lanes = 1
    """How many requests may be in service at once; further ones wait."""
    start_up: Delay | None = None
    """What the first load of an inference takes longer, because the storage has rested."""
    source: Source | None = None

    @cached_property
    def points(self) -> dict[int, Points]:
        """Measured points by queue depth; empty where the read time is a line."""
        if self.read.table is not None:
            return {1: _points(self.read.table, 1)}
        return {depth: _points(at_depth.table, depth) for depth, at_depth in (self.read.depths or {}).items()}

    @model_validator(mode="after")
    def _tables_hold(self) -> "Storage":
        found: list[tuple[Where, str]] = []
        for depth, points in self.points.items():
            where: Where = ("read", "table") if self.read.table else ("read", "depths", depth, "table")
            found += _rising(points, where)
        tabulated = set(self.points) or {1}
        if missing := {1, self.lanes} - tabulated:
            found.append((("lanes",), f"needs 'read.depths' with a table for depth {sorted(missing)[0]}"))
        if tabulated - {1} and max(tabulated) > self.lanes:
            found.append((("lanes",), f"is {self.lanes}, but depth {max(tabulated)} is tabulated"))
        mistakes(found)
        return self


class Power(Sourced[str, Milliwatts]):
    """Power by the name of a part, ``{idle: 2 W, cpu: 3.5 W, source: {...}}``."""


def _points(rows: tuple[tuple[int, tuple[str, int]], ...], depth: int) -> Points:
    """Return size and time of each row; a published rate is the aggregate of all requests in flight."""
    return tuple((size, value if unit == "ns" else -(-depth * size * SECOND // value)) for size, (unit, value) in rows)


def _rising(points: Points, where: Where) -> list[tuple[Where, str]]:
    for row, ((size, time), (next_size, next_time)) in enumerate(pairwise(points), 1):
        if next_size <= size:
            return [((*where, row), f"sizes must rise, got {size_text(next_size)} after {size_text(size)}")]
        if next_time < time:
            takes = f"takes {time_text(next_time)}, less than {size_text(size)} in {time_text(time)}"
            repair = "fit a monotone curve to noisy measurements"
            return [((*where, row), f"reading {size_text(next_size)} {takes}; {repair}")]
    return []


class Memory(Document):
    """Main memory."""

    capacity: Annotated[Bytes, Field(examples=["4 GB"])]
    """All of the device's main memory."""
    source: Source | None = None


class Battery(Document):
    """What a device without mains lives on."""

    capacity: Millijoules
    """The energy of a full battery when it is new."""
    source: Source | None = None


class Device(Document):
    """One device, as a file in ``device_profiles/`` describes it."""

    schema_: Annotated[Literal["edgesim.device/1"], Field(alias="schema")]
    """The format of this file, and its version."""
    name: Name
    """What the device is called in results and reports, and where others refer to it."""
    description: str = ""
    """One sentence about the device, as `edgesim list devices` shows it."""
    storage: Storage
    """The flash: how long a read takes, and how many may be in service at once."""
    processors: dict[Name, Processor] = {}
    """What computes layers, each by the name that a scenario's `processor` has for it, such as ``cpu``."""
    memory: Memory | None = None
    """Main memory; without it, nothing is too large for the device."""
    power: Power | None = None
    """Power by part: `idle` of the whole device when nothing happens; and above idle `storage_read` and `storage_write`
    while a request is in service, and each processor, by its name, while it is busy at full speed. A part that is left
    out is unknown."""
    battery: Battery | None = None
    """What the device lives on without mains; reports then show which part of it was used."""
    statistics: Spread | None = None
    """How far the measured times scatter: a table beside the profile, as `edgesim profile` writes both."""

    @field_validator("power")
    @classmethod
    def _has_owners(cls, power: Power | None, info: ValidationInfo) -> Power | None:
        if power is None or "processors" not in info.data:
            return power
        processors = info.data["processors"]
        owners = {"idle", "storage_read", "storage_write", *processors}
        found: list[tuple[Where, str]] = [
            ((part,), f"unknown part; {choose(part, owners)}") for part in sorted(set(power.values) - owners)
        ]
        for part in sorted(set(power.values) & set(processors)):
            full = processors[part].clock.steps[0].power if processors[part].clock else None
            if full not in {None, power.values[part]}:
                found.append(((part,), f"is {power.values[part]} mW, but 'clock' says {full} mW at full speed"))
        mistakes(found)
        return power

    @model_validator(mode="after")
    def _was_measured(self) -> "Device":
        if self.statistics is not None:
            mistakes([(("statistics", *where), message) for where, message in _strangers(self, self.statistics)])
        return self


def _strangers(device: Device, spread: Spread) -> Iterator[tuple[Where, str]]:
    """Yield why statistics are not those of a device: other layers, or tabulated points without a row."""
    if spread.processor is not None and spread.processor not in device.processors:
        yield ("processor",), f"unknown processor; {choose(spread.processor, device.processors)}"
        return
    points = [Point(READ, (size, depth), HOT) for depth, table in device.storage.points.items() for size, _ in table]
    if spread.processor is not None and spread.geometry is not None:
        if find_layer_times(device, spread.processor, spread.geometry) is None:
            yield ("geometry",), f"{spread.processor} has no layer times for {spread.geometry}"
        points += _layer_points(device, spread.processor, spread.geometry)
    for point in points:
        if point not in spread.rows and (point.quantity, point.state) in spread.parts:
            yield (), f"lacks a row for {point}, which the profile tabulates; make both with edgesim profile"


def _layer_points(device: Device, processor: str, geometry: Geometry) -> Iterator[Point]:
    """Yield what is tabulated of the layers of a geometry, hot and after a wait."""
    times, unpack = find_layer_times(device, processor, geometry), find_decompress(device, processor, geometry)
    for state, tables in ((HOT, (times and times.time, unpack and unpack.per_shard)),
                          (COLD, (times and times.after_wait, unpack and unpack.after_wait))):  # fmt: skip
        for quantity, table in zip((LAYER, PER_SHARD), tables, strict=True):
            if isinstance(table, dict):
                yield from (Point(quantity, (number,), state) for number in table)


def find_layer_times(device: Device, processor: str, geometry: Geometry) -> LayerTimes | None:
    """Return the layer times measured for a geometry on a processor, or None where there are none."""
    measured = device.processors[processor].layer_times if processor in device.processors else ()
    return next((times for times in measured if times.geometry.key == geometry.key), None)


def find_decompress(device: Device, processor: str, geometry: Geometry) -> Decompress | None:
    """Return the decompression times for shards of a geometry, or None where there are none."""
    times = find_layer_times(device, processor, geometry)
    own = times.decompress if times else None
    return own or (device.processors[processor].decompress if processor in device.processors else None)


def find_hand_off(device: Device, processor: str) -> Delay | None:
    """Return what handing shards to a waiting executor takes, or None where that was not measured."""
    return device.processors[processor].hand_off if processor in device.processors else None


def find_start_up(device: Device, processor: str) -> Delay | None:
    """Return what the first layer of an inference takes longer, or None where that was not measured."""
    return device.processors[processor].start_up if processor in device.processors else None
