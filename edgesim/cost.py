"""How long one read, one decompression or one layer takes: pure arithmetic, no clock."""

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping

from edgesim.device import (
    SECOND,
    Device,
    Points,
    Storage,
    find_decompress,
    find_hand_off,
    find_layer_times,
    find_start_up,
)
from edgesim.model import FULL, HALF, Model
from edgesim.plans import Load, Plan, Shard
from edgesim.processor import linear


def shard_bytes(model: Model, bits: int) -> int:
    """Return the stored size of one shard [B], as far as a model without records can tell.

    Notes
    -----
    Indexes of `bits` each, packed, an FP32 value with a 32-bit offset for each outlier (dictionary quantization as in
    GOBO, A. H. Zadeh et al., MICRO 2020), and a 16-bit scale for each block of weights (as in GGML's Q4_0 and Q8_0). At
    16 and 32 bits the weights alone.
    """
    weights = model.parameters_per_shard
    if bits >= HALF:
        return weights * bits // 8
    scales = 2 * -(-weights // model.scale_block) if model.scale_block else 0
    return -(-weights * bits // 8) + 8 * round(model.outlier_fraction * weights) + scales


def stored_bytes(model: Model, shard: Shard, bits: int) -> int:
    """Return the stored size of one shard [B]: its record's, or without records `shard_bytes`."""
    return shard_bytes(model, bits) if model.records is None else model.records.placed[*shard, bits][1]


def sizes_of(model: Model, bits: Mapping[Shard, int]) -> dict[Shard, int]:
    """Return the stored size of each of some shards at its bitwidth [B]."""
    if model.records is None:
        alike = {width: shard_bytes(model, width) for width in set(bits.values())}
        return {shard: alike[width] for shard, width in bits.items()}
    return {shard: stored_bytes(model, shard, width) for shard, width in bits.items()}


def read_ns(n_bytes: int, storage: Storage, depth: int = 1) -> int:
    """Time to read one extent [ns], rounded up.

    Parameters
    ----------
    n_bytes
        Size of the extent [B], positive.
    storage
        A line (latency + bytes / bandwidth) or measured points for some queue depths.
    depth
        Requests in service, this one included. Between measured depths the time is linear in depth.

    Notes
    -----
    Source: latency-bandwidth model, R. Hockney, Parallel Computing 20 (1994). Between measured points time is
    interpolated on log-log axes, below the first it is constant, above the last proportional to size.
    """
    read = storage.read
    if read.bandwidth is not None:
        return (read.latency or 0) - (-n_bytes * SECOND // read.bandwidth)
    tables = storage.points
    if depth in tables:
        return _interpolated_ns(n_bytes, tables[depth])
    depths = sorted(tables)
    above = bisect_left(depths, depth)
    low, high = depths[above - 1], depths[above]
    low_ns, high_ns = _interpolated_ns(n_bytes, tables[low]), _interpolated_ns(n_bytes, tables[high])
    return low_ns - ((low_ns - high_ns) * (depth - low) // (high - low))


def _interpolated_ns(n_bytes: int, points: Points) -> int:
    position = bisect_left(points, (n_bytes, 0))
    if position == 0:
        return points[0][1]
    size, time = points[position - 1]
    if position == len(points):
        return -(-n_bytes * time // size)
    next_size, next_time = points[position]
    if next_size == n_bytes:
        return next_time
    share = math.log(n_bytes / size) / math.log(next_size / size)
    # floating point may step over the neighbours by a nanosecond; time must not fall with size
    return min(next_time, max(time, math.ceil(time * math.exp(share * math.log(next_time / time)))))


def load_ns(extents: Iterable[int], storage: Storage, depth: int = 1) -> int:
    """Time of one load [ns]: its extents are read one after the other."""
    return sum(read_ns(extent, storage, depth) for extent in extents)


def wakes_ns(storage: Storage) -> int:
    """Time that the first load of an inference takes longer than others [ns]; 0 unless the profile says so."""
    return storage.start_up.time if storage.start_up else 0


def compute_ns(device: Device, processor: str, model: Model, *, after_wait: bool = False) -> dict[int, int]:
    """Time to compute one layer [ns] by its number of shards: measured ones, and linear between them.

    Numbers outside the measured range, or above what the model has, are not there: nothing is extrapolated. With
    `after_wait`, the time of a layer that had to wait for its shards; the usual one unless the profile gives another.

    Raises
    ------
    ValueError
        If the model's geometry was not measured on the processor.
    """
    times = find_layer_times(device, processor, model.geometry)
    if times is None:
        raise ValueError(f"{device.name} has no layer times on {processor} for {model.geometry}")
    most = min(max(times.time), model.shards_per_layer)
    return linear((after_wait and times.after_wait) or times.time, range(min(times.time), most + 1))


def decompress_ns(device: Device, processor: str, model: Model, bits: int, *, after_wait: bool = False) -> int:
    """Time to decompress one shard of some bitwidth [ns]; 32 bits cost nothing unless the profile says so.

    Where they cost something, that is a copy of the shard beside the others of its layer, and it takes room there as
    decompressed ones do (`edgesim.memory.working_bytes`). With `after_wait`, the time in a layer that had to wait for
    its shards; the usual one where the profile gives no other, and where decompression has a lane of its own.

    Raises
    ------
    ValueError
        If the profile gives no time for a compressed bitwidth.
    """
    decompress = find_decompress(device, processor, model.geometry)
    times: int | dict[int, int] = decompress.per_shard if decompress else {}
    if decompress and after_wait and decompress.after_wait is not None and not decompress.overlap:
        times = decompress.after_wait
    if isinstance(times, dict):
        if bits not in times and bits != FULL:
            raise ValueError(f"{device.name} gives no decompression time for {bits} bits on {processor}")
        return times.get(bits, 0)
    return 0 if bits == FULL else times


def overlaps(device: Device, processor: str, model: Model) -> bool:
    """Tell whether decompression has a lane of its own."""
    decompress = find_decompress(device, processor, model.geometry)
    return decompress is not None and decompress.overlap


def hand_off_ns(device: Device, processor: str) -> int:
    """Time from the arrival of shards to a waiting executor's notice of it [ns]; 0 unless the profile says so."""
    hand_off = find_hand_off(device, processor)
    return hand_off.time if hand_off else 0


def start_up_ns(device: Device, processor: str) -> int:
    """Time that the first layer of an inference takes longer than others [ns]; 0 unless the profile says so."""
    start_up = find_start_up(device, processor)
    return start_up.time if start_up else 0


def layers_differ(device: Device, processor: str, model: Model) -> bool:
    """Tell whether layers of as many shards take different times: the first one, or those that had to wait."""
    return start_up_ns(device, processor) > 0 or waits_cost_more(device, processor, model)


def waits_cost_more(device: Device, processor: str, model: Model) -> bool:
    """Tell whether a wait costs more than its own time: a hand-off, or times of layers that had to wait."""
    times = find_layer_times(device, processor, model.geometry)
    unpack = find_decompress(device, processor, model.geometry)
    late = [part.after_wait for part in (times, unpack) if part is not None]
    return hand_off_ns(device, processor) > 0 or any(each is not None for each in late)


def bits_of(plan: Plan) -> dict[Shard, int]:
    """Return the bitwidth of each shard that a plan executes, in layer order."""
    return {
        (layer, shard): bits
        for layer, shards, row in zip(plan.layers, plan.shards, plan.bitwidths, strict=True)
        for shard, bits in zip(shards, row, strict=True)
    }


def request(model: Model, shards: Iterable[tuple[Shard, int]], after: int | None = None) -> Load:
    """Put shards, each with its bitwidth, into one read request; `after` is that of the load (`Load.after`).

    Its extents are those of the model's records (`Records.extents`); without records it is one extent.
    """
    names, bitwidths = zip(*shards, strict=True)
    if model.records is None:
        sizes = {bits: shard_bytes(model, bits) for bits in set(bitwidths)}
        extents: tuple[int, ...] = (sum(map(sizes.__getitem__, bitwidths)),)
    else:
        versions = [(*name, bits) for name, bits in zip(names, bitwidths, strict=True)]
        extents = tuple(size for _, _, size in model.records.extents(versions))
    return Load(names, sum(extents), extents, after)
