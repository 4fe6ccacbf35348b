"""Random storage and processors, as a device file would describe them."""

from collections.abc import Mapping
from random import Random
from typing import Any

GEOMETRY = {"hidden": 8, "heads": 2, "ffn": 32, "seq_len": 4, "dtype": "fp32"}
BITWIDTHS = (2, 3, 4, 5, 6, 32)
Times = int | Mapping[int, int]


def ns(times: Times) -> Any:  # noqa: ANN401  (as a file would say it)
    """Write times with their unit."""
    return f"{times} ns" if isinstance(times, int) else {key: f"{time} ns" for key, time in times.items()}


def random_table(random: Random) -> list[list[str]]:
    """Return measured points whose time never falls with size; flat pieces and jumps included."""
    size, time, rows = 0, 1, []
    for _ in range(random.randint(1, 5)):
        size += random.randint(1, 150)
        time += random.choice([0, 1, random.randint(0, 150)])
        rows.append([f"{size} B", f"{time} ns"])
    return rows


def random_storage(random: Random, kind: int) -> dict[str, object]:
    """Return storage that may have to wake: a line, a table, or tables for some depths of several lanes."""
    wakes = {"start_up": {"time": ns(random.randint(0, 300))}} if random.random() < 0.3 else {}
    return random_reads(random, kind) | wakes


def random_reads(random: Random, kind: int) -> dict[str, object]:
    """Return how long reads take, and the lanes for them."""
    if kind < 3:
        latency = {"latency": f"{random.randint(0, 300)} ns"} if kind else {}
        return {"read": latency | {"bandwidth": f"{random.randint(50, 5000)} MB/s"}}
    if kind < 5:
        return {"read": {"table": random_table(random)}}
    lanes = 2 + kind % 3
    depths = {1, lanes} | {random.randint(1, lanes)}
    return {"read": {"depths": {depth: {"table": random_table(random)} for depth in sorted(depths)}}, "lanes": lanes}


def random_decompression(random: Random, waits: float) -> dict[str, object]:
    """Return one time for all compressed bitwidths, or one by bitwidth; 32 bits may have one too."""
    listed = random.choice([BITWIDTHS, BITWIDTHS[:-1]])
    by_bitwidth = {bits: random.randint(0, 30) for bits in listed}
    every: list[Times] = [0, 10, by_bitwidth, by_bitwidth]
    times = random.choice(every)
    late = {"after_wait": ns(random_late(random, times))} if random.random() < waits else {}
    return {"per_shard": ns(times), "overlap": random.random() < 0.4} | late


def random_late(random: Random, times: Times) -> Times:
    """Return what the same takes after a wait, sometimes no longer."""
    more = random.choice([0, 3, 100])
    if isinstance(times, int):
        return times + random.randint(0, more)
    return {key: time + random.randint(0, more) for key, time in times.items()}


def random_layer_times(random: Random, shards: int, waits: float) -> dict[str, object]:
    """Return measured layer times, for at least one number of shards up to `shards`, and those after a wait."""
    measured = {random.randint(1, shards), *random.sample(range(1, shards + 3), random.randint(0, 2))}
    times = {count: random.randint(1, 300) for count in sorted(measured)}
    entry = {"geometry": GEOMETRY, "time": ns(times)}
    return entry | ({"after_wait": ns(random_late(random, times))} if random.random() < waits else {})


def random_processors(random: Random, shards: int) -> dict[str, dict[str, object]]:
    """Return two processors; on every second device a wait may cost the first more than its own time."""
    waits = random.choice([0.0, 0.6])
    entry, own = random_layer_times(random, shards, waits), random_decompression(random, waits)
    cpu: dict[str, object] = {"layer_times": [entry | {"decompress": own}], "decompress": {"per_shard": "7 ns"}}
    if random.random() < 0.5:
        cpu = {"layer_times": [entry], "decompress": own}
    if random.random() < waits:
        cpu["hand_off"] = {"time": ns(random.choice([0, 1, random.randint(2, 90)]))}
    if random.random() < waits:
        cpu["start_up"] = {"time": ns(random.choice([0, 1, random.randint(2, 200)]))}
    return {"cpu": cpu, "gpu": {"layer_times": [entry]}}
