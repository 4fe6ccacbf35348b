"""A device whose times are a quantile of those measured, in place of their medians: to plan under uncertainty."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

from edgesim.decompression import Decompress
from edgesim.device import Device, Storage
from edgesim.errors import InputError
from edgesim.processor import Delay, LayerTimes, Processor, linear
from edgesim.reads import DepthTable, Read
from edgesim.spread import (
    COLD,
    FIRST,
    HAND_OFF,
    HOT,
    LAYER,
    PER_SHARD,
    READ,
    START_UP,
    WAKE,
    Point,
    Spread,
    Statistics,
)  # fmt: skip

MEDIAN = 0.5
TABULATED = {0.95: "p95_ns", 0.99: "p99_ns"}
_KNOWN = ", ".join(map(str, (MEDIAN, *TABULATED)))
Table = dict[int, int]


def at_quantile(device: Device, quantile: float) -> Device:
    """Return a device whose times are some quantile of those measured.

    Parameters
    ----------
    device
        As its profile describes it, by medians.
    quantile
        0.5 is the device itself; 0.95 and 0.99 need its `statistics`. What lies between is not known: tails have no
        shape that a few percentiles would tell.

    Raises
    ------
    InputError
        If the quantile is not tabulated, or some time of the device has no distribution: a plan would mix the two.

    Notes
    -----
    Each time is multiplied by its point's quantile / median, rounded up; of a fitted table that keeps what the fit did.
    Read times then never fall with size (running maximum), and no layer is faster after a wait. Where fewer than 100
    samples were taken, the 99th percentile is the largest of them.

    A plan for such a device leaves every part room up to its quantile; that is no quantile of the whole. Where parts
    are independent, not all are slow at once, and the room that some leave serves others: on cloud-epyc a plan of many
    parts then meets its target at least as often as each part keeps its quantile (``tests/campaigns/quantiles.py``).
    That is no theorem: nothing bounds the one sample in 20 or 100 that is beyond, and of many parts some will be. Not
    covered are parts that are slow together, on a machine that is busier, hotter or another one than when it was
    measured. Where a wait costs more than its time, or several reads are in service, slower parts may even shorten a
    plan (`edgesim.recurrence`), so that one that meets the target with all of them slow may miss it with some.
    """
    if quantile == MEDIAN:
        return device
    if device.statistics is None:
        raise InputError(f"quantile: {device.name} gives no measured distribution, got {quantile}; known: {MEDIAN}; "
                         "measure the device with edgesim profile")  # fmt: skip
    if quantile not in TABULATED:
        raise InputError(f"quantile: the statistics of {device.name} do not tell it, got {quantile}; known: {_KNOWN}")
    at = _At(device.name, quantile, device.statistics)
    processors = {name: _processor(name, processor, at) for name, processor in device.processors.items()}
    parts = {"storage": _storage(device.storage, at), "processors": processors, "statistics": None}
    return device.model_copy(update=parts)


@dataclass(frozen=True, slots=True)
class _At:
    """A quantile of what was measured of a device."""

    device: str
    quantile: float
    spread: Spread

    def ns(self, usual_ns: int, point: Point) -> int:
        """Return the quantile of a time whose median is known [ns]."""
        found = self.spread.rows.get(point)
        if found is None:
            raise self.unknown(str(point))
        return _scaled(usual_ns, found, getattr(found, TABULATED[self.quantile]))

    def table(self, usual: Mapping[int, int], quantity: str, state: str) -> Table:
        """Return the quantile of each time of a table by number [ns]."""
        return {number: self.ns(ns, Point(quantity, (number,), state)) for number, ns in usual.items()}

    def delay(self, usual: Delay | None, quantity: str, state: str) -> Delay | None:
        """Return the quantile of a time that is lost, if any is."""
        return usual and usual.model_copy(update={"time": self.ns(usual.time, Point(quantity, (), state))})

    def unknown(self, what: str) -> InputError:
        """Return the error for what has no distribution."""
        return InputError(f"quantile: {self.device} gives no measured distribution of {what}, got {self.quantile};"
                          f" known: {MEDIAN}; measure all of the device with edgesim profile")  # fmt: skip


def _scaled(usual_ns: int, found: Statistics, measured_ns: int) -> int:
    return -(-usual_ns * measured_ns // found.median_ns) if found.median_ns else usual_ns + measured_ns


def _storage(storage: Storage, at: _At) -> Storage:
    """Return a storage anew, not as a copy: its points are found once."""
    if not storage.points:
        raise at.unknown("reads, which are a line")
    tables = {}
    for depth, points in storage.points.items():
        times = accumulate((at.ns(ns, Point(READ, (size, depth), HOT)) for size, ns in points), max)
        rows = tuple((size, ("ns", ns)) for (size, _), ns in zip(points, times, strict=True))
        tables[depth] = DepthTable.model_construct(table=rows)
    return Storage(
        read=Read.model_construct(depths=tables),
        lanes=storage.lanes,
        start_up=at.delay(storage.start_up, WAKE, FIRST),
        source=storage.source,
    )


def _processor(name: str, processor: Processor, at: _At) -> Processor:
    changed: dict[str, object] = {
        "layer_times": tuple(_layer_times(name, times, at) for times in processor.layer_times),
        "hand_off": at.delay(processor.hand_off, HAND_OFF, COLD),
        "start_up": at.delay(processor.start_up, START_UP, FIRST),
    }
    if any(times.decompress is None for times in processor.layer_times):
        changed["decompress"] = _decompress(processor.decompress, at)
    return processor.model_copy(update=changed)


def _layer_times(name: str, times: LayerTimes, at: _At) -> LayerTimes:
    measured = at.spread.geometry
    if name != at.spread.processor or measured is None or measured.key != times.geometry.key:
        raise at.unknown(f"layers of {times.geometry} on {name}")
    usual, late = at.table(times.time, LAYER, HOT), None
    if times.after_wait is not None:
        late = _not_below(usual, at.table(times.after_wait, LAYER, COLD))
    changed = {"time": usual, "after_wait": late, "decompress": _decompress(times.decompress, at)}
    return times.model_copy(update=changed)


def _not_below(usual: Table, late: Table) -> Table:
    """Return times after a wait for every number that either is given for, none less than the usual one."""
    every = sorted({*usual, *late})
    usual, late = linear(usual, every), linear(late, every)
    return {number: max(usual[number], late[number]) for number in every}


def _decompress(decompress: Decompress | None, at: _At) -> Decompress | None:
    if decompress is None:
        return None
    if isinstance(decompress.per_shard, int):
        raise at.unknown("decompression, which is one time for all bitwidths")
    usual, late = at.table(decompress.per_shard, PER_SHARD, HOT), None
    if isinstance(decompress.after_wait, dict):
        slow = at.table(decompress.after_wait, PER_SHARD, COLD)
        late = {bits: max(ns, slow[bits]) for bits, ns in usual.items()}
    return decompress.model_copy(update={"per_shard": usual, "after_wait": late})
