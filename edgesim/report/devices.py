"""A device profile as a table for people: each part, its numbers, and how far they can be trusted."""

from collections.abc import Iterable, Iterator, Mapping

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from edgesim.device import SECOND, Device, Points, Storage
from edgesim.document import Source
from edgesim.files.text import one_line
from edgesim.processor import Processor
from edgesim.report.amounts import three_digits
from edgesim.units import show_bytes, show_ns

GRADES = {"A": "A, raw data kept", "B": "B, reported", "C": "C, derived", "D": "D, estimated"}
Part = tuple[str, str, Source | None]
"""What it is, its numbers, and where they come from."""


def device_text(device: Device) -> RenderableType:
    """Show a profile: its storage, processors, memory, powers and battery, each with its grade."""
    table = Table("part", "as measured", "grade", box=None, pad_edge=False)
    for name, numbers, source in parts(device):
        table.add_row(Text(name), Text(numbers), grade_text(source))
    return Group(*titled(device.name, device.description), table)


def titled(name: str, description: str) -> Iterator[Text]:
    """Yield the name of what a file is about, and its description if there is one; no command to a terminal is left."""
    yield Text(name, "bold")
    if about := " ".join(description.split()):
        yield Text(one_line(about))


def grade_text(source: Source | None) -> str:
    """Write the grade of a source, or that there is none."""
    return GRADES[source.grade] if source else "no source"


def parts(device: Device) -> Iterator[Part]:
    """Yield each part of a profile, with its numbers and their source."""
    yield from _storage(device.storage)
    for name, processor in device.processors.items():
        yield from ((f"{name}: {part}", numbers, source) for part, numbers, source in _processor(processor))
    if device.memory:
        yield "memory", show_bytes(device.memory.capacity), device.memory.source
    if device.power:
        watts = {name.replace("_", " "): f"{mw / 1000:g} W" for name, mw in device.power.values.items()}
        if idle := watts.pop("idle", None):
            yield "power, idle", idle, device.power.source
        if watts:
            yield "power, above idle", ", ".join(map(" ".join, watts.items())), device.power.source
    if device.battery:
        yield "battery", f"{device.battery.capacity / 3_600_000:.3g} Wh", device.battery.source


def _storage(storage: Storage) -> Iterator[Part]:
    read = storage.read
    if read.bandwidth:
        latency = f"{show_ns(read.latency)} + " if read.latency else ""
        yield "reads", latency + rate(read.bandwidth), storage.source
    for depth, points in storage.points.items():
        yield f"reads at depth {depth}", _curve(points, depth), storage.source
    yield "reads at once", str(storage.lanes), storage.source
    if storage.start_up:
        yield "first read, longer by", show_ns(storage.start_up.time), storage.start_up.source


def _curve(points: Points, depth: int) -> str:
    """Write how fast the smallest and the largest measured reads are, all in flight together."""
    ends = dict.fromkeys((points[0], points[-1]))
    rates = " to ".join(rate(depth * size * SECOND // ns) for size, ns in ends)
    return f"{rates}, for {' to '.join(show_bytes(size) for size, _ in ends)}"


def rate(bytes_per_s: int) -> str:
    """Write a bandwidth: ``480 kB/s``, ``83.4 MB/s``, ``17.1 GB/s``."""
    if bytes_per_s < 10**6:
        return f"{show_bytes(bytes_per_s)}/s"
    gigabytes = bytes_per_s >= 10**10
    return f"{three_digits(bytes_per_s / (1e9 if gigabytes else 1e6))} {'GB' if gigabytes else 'MB'}/s"


def _processor(processor: Processor) -> Iterator[Part]:
    for times in processor.layer_times:
        shards = " to ".join(dict.fromkeys((str(min(times.time)), str(max(times.time)))))
        yield f"layers of {times.geometry}", f"{_range(times.time.values())} for {shards} shards", times.source
        if times.decompress:
            yield "decompression of these", _per_shard(times.decompress.per_shard), times.decompress.source
    if processor.decompress:
        yield "decompression", _per_shard(processor.decompress.per_shard), processor.decompress.source
    for name, delay in (("hand-off", processor.hand_off), ("first layer, longer by", processor.start_up)):
        if delay:
            yield name, show_ns(delay.time), delay.source
    if line := processor.roofline:
        memory = rate(line.memory_bandwidth)
        yield "roofline", f"{three_digits(line.compute / 1e9)} GFLOP/s, {memory} from memory", line.source
    if processor.clock:
        speeds = ", ".join(f"{100 * float(step.speed):.3g} %" for step in processor.clock.steps)
        yield "clock", f"{speeds} of full speed", processor.clock.source


def _per_shard(times: int | Mapping[int, int]) -> str:
    if isinstance(times, int):
        return f"{show_ns(times)} a shard"
    return f"{_range(times.values())} a shard, by bitwidth"


def _range(times_ns: Iterable[int]) -> str:
    """Write the least and the greatest of some times, or the only one."""
    every = list(times_ns)
    return " to ".join(dict.fromkeys(map(show_ns, (min(every), max(every)))))
