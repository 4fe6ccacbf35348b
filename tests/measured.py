"""Devices whose times were measured, with made-up statistics of every one."""

from collections.abc import Iterator
from random import Random
from typing import Any

from hypothesis import strategies as st
from strategies import GEOMETRY, SEEDS, Case, made_legal, models, ns, plans, toy_device

from edgesim.device import Device
from edgesim.processor import Delay, Processor
from edgesim.spread import COLD, FIRST, HAND_OFF, HOT, LAYER, PER_SHARD, READ, START_UP, WAKE, Point, Spread, Statistics
from edgesim.testing.boards import BITWIDTHS, random_late, random_layer_times, random_storage
from edgesim.testing.draws import scenario_of

Row = tuple[Point, Statistics]


def row(point: Point, median: int, p95: int, p99: int | None = None) -> Row:
    """Return the statistics of a point."""
    return point, Statistics(9, median, median // 2, p95, p95 if p99 is None else p99, 0.5)


def measured(device: Device, *rows: Row, processor: str = "cpu") -> Device:
    """Return a toy with the statistics of its processor, checked as those of a file are."""
    spread = Spread.model_validate({"processor": processor, "geometry": GEOMETRY, "values": rows})
    return Device.model_validate(plain(device) | {"statistics": spread})


def medians(device: Device) -> Iterator[tuple[Point, int]]:
    """Yield every time of a toy that is tabulated by bitwidth, and the point that it is the median of."""
    storage, cpu = device.storage, device.processors["cpu"]
    for depth, points in storage.points.items():
        yield from ((Point(READ, (size, depth), HOT), time) for size, time in points)
    for times in cpu.layer_times:
        yield from ((Point(LAYER, (m,), HOT), time) for m, time in times.time.items())
        yield from ((Point(LAYER, (m,), COLD), time) for m, time in (times.after_wait or {}).items())
    for state in (HOT, COLD):
        shares = cpu.decompress and (cpu.decompress.per_shard if state == HOT else cpu.decompress.after_wait)
        yield from (
            (Point(PER_SHARD, (b,), state), ns) for b, ns in (shares if isinstance(shares, dict) else {}).items()
        )
    delays = ((WAKE, FIRST, storage.start_up), (START_UP, FIRST, cpu.start_up), (HAND_OFF, COLD, cpu.hand_off))
    yield from ((Point(quantity, (), state), delay.time) for quantity, state, delay in delays if delay)


def plain(device: Device) -> dict[str, Any]:
    """Write a device as a file would have it, its statistics left out."""
    storage: dict[str, Any] = {"lanes": device.storage.lanes} | _delays(start_up=device.storage.start_up)
    tables = {depth: {"table": [[f"{size} B", ns(time)] for size, time in points]}
              for depth, points in device.storage.points.items()}  # fmt: skip
    storage["read"] = {"depths": tables} if tables else device.storage.read
    processors = {name: _plain_processor(processor) for name, processor in device.processors.items()}
    return {"schema": "edgesim.device/1", "name": device.name, "storage": storage, "processors": processors}


def _plain_processor(processor: Processor) -> dict[str, Any]:
    layers = [
        {"geometry": times.geometry, "time": ns(times.time)}
        | ({"after_wait": ns(times.after_wait)} if times.after_wait else {})
        for times in processor.layer_times
    ]
    found: dict[str, Any] = {"layer_times": layers}
    if unpack := processor.decompress:
        late = {} if unpack.after_wait is None else {"after_wait": ns(unpack.after_wait)}
        found["decompress"] = {"per_shard": ns(unpack.per_shard), "overlap": unpack.overlap} | late
    return found | _delays(hand_off=processor.hand_off, start_up=processor.start_up)


def _delays(**delays: Delay | None) -> dict[str, Any]:
    return {name: {"time": ns(delay.time)} for name, delay in delays.items() if delay}


@st.composite
def measured_devices(draw: st.DrawFn, shards: int = 3, max_lanes: int = 4, *, waits: bool = True) -> Device:
    """Draw a device with random statistics; a fitted profile may be off its medians, which may be 0."""
    random = Random(draw(SEEDS))
    late = 0.6 if waits else 0.0
    per_shard = {bits: random.randint(0, 30) for bits in BITWIDTHS}
    unpack: dict[str, Any] = {"per_shard": ns(per_shard), "overlap": random.random() < 0.4}
    if random.random() < late:
        unpack["after_wait"] = ns(random_late(random, per_shard))
    cpu: dict[str, Any] = {"layer_times": [random_layer_times(random, shards, late)], "decompress": unpack}
    if random.random() < late:
        cpu["hand_off"] = {"time": ns(random.randint(0, 90))}
    if random.random() < 0.5:
        cpu["start_up"] = {"time": ns(random.randint(0, 200))}
    storage = random_storage(random, random.randint(3, 7) if max_lanes > 1 else 3)
    device = toy_device(storage=storage, processors={"cpu": cpu})
    return measured(device, *(_random_row(random, *each) for each in medians(device)))


def _random_row(random: Random, point: Point, time: int) -> Row:
    median = max(0, time + random.choice([0, 0, 0, random.randint(-20, 20)]))
    p95 = median + random.choice([0, random.randint(0, 400)])
    return row(point, median, p95, p95 + random.choice([0, random.randint(0, 4000)]))


@st.composite
def measured_cases(draw: st.DrawFn) -> Case:
    """Draw a legal plan for a measured device of one lane, where a wait costs no more than its time."""
    model, random = draw(models()), Random(draw(SEEDS))
    device = draw(measured_devices(model.shards_per_layer, 1, waits=False))
    scenario = scenario_of(random, model, device, 1)
    plan = draw(plans(scenario))
    room = random.choice([None, random.randint(0, sum(load.bytes for load in plan.loads))])
    return made_legal(scenario.model_copy(update={"preload_bytes": 10**6, "load_buffer_bytes": room}), plan)
