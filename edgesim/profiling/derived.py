"""What is not timed itself but follows from samples: a shard's share of decompression, and what starts take longer."""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from edgesim.cost import read_ns
from edgesim.device import Storage
from edgesim.profiling.samples import Sample, statistics, statistics_of
from edgesim.spread import COLD, DECOMPRESS, FIRST, HOT, LAYER, PER_SHARD, READ, START_UP, WAKE, Point, Statistics

Found = Mapping[Point, Statistics]


def derived(samples: Iterable[Sample], profile: Mapping[str, Any]) -> dict[Point, Statistics]:
    """Return the statistics of what follows from samples, in the order of quantity, state and bitwidth.

    Parameters
    ----------
    samples
        All of a recording.
    profile
        That they give, as plain data.
    """
    samples = list(samples)
    found = statistics(samples)
    times: dict[Point, Iterable[float]] = {
        Point(PER_SHARD, (bits,), state): values
        for state in (COLD, HOT)
        for bits, values in shares(samples, state).items()
    }
    times[Point(START_UP, (), FIRST)] = start_ups_ns(samples, found)
    if any(point[::2] == (READ, HOT) for point in found):
        times[Point(WAKE, (), FIRST)] = wakes_ns(samples, profile["storage"])
    whole = {point: [math.ceil(ns) for ns in values] for point, values in times.items()}
    return {point: statistics_of(values) for point, values in whole.items() if values}


def shares(samples: Iterable[Sample], state: str) -> dict[int, list[float]]:
    """Return the share of one shard in the time of each layer whose shards have one bitwidth [ns], by bitwidth."""
    found: dict[int, list[float]] = {}
    for sample in samples:
        if sample.quantity == DECOMPRESS and sample.state == state:
            shards, bits = sample.key
            found.setdefault(bits, []).append(sample.ns / shards)
    return dict(sorted(found.items()))


def start_ups_ns(samples: Iterable[Sample], found: Found) -> list[int]:
    """Return what each first layer took longer than the median of later ones like it [ns]; none where it took less.

    A first layer's decompression and computation are samples that follow one another.
    """
    starts, unpacked = [], 0
    for sample in (each for each in samples if each.state == FIRST and each.quantity in (DECOMPRESS, LAYER)):
        usual = found.get(Point(sample.quantity, sample.key, HOT))
        if usual is None:
            continue
        more = sample.ns - usual.median_ns
        if sample.quantity == DECOMPRESS:
            unpacked = more
        else:
            starts.append(max(0, unpacked + more))
            unpacked = 0
    return starts


def wakes_ns(samples: Iterable[Sample], storage: Mapping[str, Any]) -> Iterator[int]:
    """Yield what the first read of each inference took longer than the table says [ns]; none where it took less."""
    usual = Storage.model_validate(storage)
    for sample in samples:
        if sample.quantity == READ and sample.state == FIRST:
            yield max(0, sample.ns - read_ns(sample.key[0], usual))
