"""Numbers that no device or model is likely to have: most often a wrong unit, or a part that is meant in percent."""

from collections.abc import Iterator

from edgesim.device import SECOND, Device, Storage
from edgesim.files.contradictions import Doubt
from edgesim.model import Geometry, Model
from edgesim.quantities import size_text, time_text
from edgesim.units import show_bytes

_FASTEST, _SLOWEST = 20 * 10**9, 100 * 10**3
"""Between these are reads of any flash [B/s]."""
_LATEST_NS = 20 * 10**6
"""No later begin the bytes of any read."""
_LEAST_FLOPS = 10**8
"""At least so much arithmetic does a processor that runs encoders [FLOP/s]."""
_MOST_OUTLIERS = 0.1


def unlikely(document: Device | Model) -> Iterator[Doubt]:
    """Yield which numbers are beyond what devices and models have, each with the limit and its reason."""
    if isinstance(document, Device):
        yield from _storage(document.storage)
        yield from _slow_layers(document)
    elif document.outlier_fraction > _MOST_OUTLIERS:
        said = f"outlier_fraction: {document.outlier_fraction:g} is above {_MOST_OUTLIERS:g}"
        bits = f"{64 * _MOST_OUTLIERS:g} bits a weight, as much as the rest"
        yield ("outlier_fraction",), f"{said}, at which outliers alone take {bits}; 1 % is 0.01"


def _storage(storage: Storage) -> Iterator[Doubt]:
    """Look at the fastest read, and at the least time that one takes."""
    read, points = storage.read, storage.points
    key = "bandwidth" if read.bandwidth else "table" if read.table else "depths"
    measured = [depth * size * SECOND // time for depth, rows in points.items() for size, time in rows]
    fastest = max([read.bandwidth or 0, *measured])
    if fastest > _FASTEST:
        carries = "more than 4 lanes of PCIe 5.0 carry (15.8 GB/s)"
        yield _said(key, f"{_rate(fastest)} is above {_rate(_FASTEST)}, {carries}")
    elif fastest < _SLOWEST:
        yield _said(key, f"{_rate(fastest)} is below {_rate(_SLOWEST)}, less than the slowest flash")
    size, first_ns = points[1][0] if points else (0, read.latency or 0)
    if first_ns - size * SECOND // fastest > _LATEST_NS:
        took = f"{time_text(first_ns)}{f' for {size_text(size)}' if size else ''}"
        seeks = "longer than a hard disk looks for its place; flash takes less than 1 ms"
        yield _said("latency" if read.latency else key, f"{took} is above 20 ms, {seeks}")


def _said(key: str, text: str) -> Doubt:
    return ("storage", "read", key), f"storage.read.{key}: {text}"


def _rate(bytes_per_s: int) -> str:
    return f"{show_bytes(bytes_per_s)}/s"


def _slow_layers(device: Device) -> Iterator[Doubt]:
    """Look at the widest layer of each geometry, by its arithmetic: small layers are soon done anywhere."""
    for name, processor in device.processors.items():
        for number, times in enumerate(processor.layer_times):
            shards, ns = max(times.time.items())
            flops = _layer_flop(times.geometry) * shards * SECOND // (max(shards, times.geometry.heads) * ns)
            if flops < _LEAST_FLOPS:
                place = f"processors.{name}.layer_times[{number}].time"
                said = f"{time_text(ns)} for {shards} shards are {flops / 10**6:.3g} MFLOP/s"
                yield (
                    ("processors", name, "layer_times", number, "time", shards),
                    f"{place}: {said}, below 100 MFLOP/s; a Raspberry Pi 4 does 8,000",
                )


def _layer_flop(shape: Geometry) -> int:
    """Return the arithmetic of an encoder's layer: its matrices, and each token with each other."""
    matrices = shape.hidden * (4 * shape.hidden + 2 * shape.ffn)
    return 2 * shape.seq_len * matrices + 4 * shape.seq_len**2 * shape.hidden
