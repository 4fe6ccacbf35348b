"""Samples -> device profile. The same samples always give the same profile, to the byte."""

import math
from collections.abc import Iterable, Mapping
from statistics import median
from typing import Any

from edgesim.profiling.derived import shares, start_ups_ns, wakes_ns
from edgesim.profiling.imports.monotone import rising
from edgesim.profiling.samples import Recording, Sample, statistics
from edgesim.profiling.words import (
    compute_text,
    decompress_text,
    hand_off_text,
    memory_text,
    start_up_text,
    storage_text,
    wakes_text,
)
from edgesim.quantities import size_text, time_text
from edgesim.spread import COLD, HAND_OFF, HOT, LAYER, READ, Point, Statistics

Plain = dict[str, Any]
Found = Mapping[Point, Statistics]


def profile_of(recording: Recording, raw: str) -> Plain:
    """Return the profile that samples give, as plain data.

    Parameters
    ----------
    recording
        The samples, and how they were taken.
    raw
        Names the file of samples: the end of every source.
    """
    header, found = recording.header, statistics(recording.samples)
    profile: Plain = {"schema": "edgesim.device/1", "name": header.name, "description": header.description}
    profile |= {key: value for key, value in (header.base or {}).items() if key not in profile}
    if any(point[::2] == (READ, HOT) for point in found):
        profile["storage"] = _storage(recording, found, raw)
    if any(point[::2] == (LAYER, HOT) for point in found):
        processors, name = profile.get("processors", {}), str(header.processor)
        profile["processors"] = processors | {name: _processor(processors.get(name, {}), recording, found, raw)}
    memory = header.facts.get("memory_bytes")
    if "memory" not in profile and isinstance(memory, int):
        text = memory_text(found, raw)
        profile["memory"] = {"capacity": size_text(memory >> 20 << 20), "source": _source(recording, text)}
    return profile


def _source(recording: Recording, text: str) -> Plain:
    return {"grade": "A", "text": text, "date": recording.header.started[:10]}


def _storage(recording: Recording, found: Found, raw: str) -> Plain:
    """Return a table for each depth; where a median falls with size, the nearest rising curve."""
    measured: dict[int, dict[int, int]] = {}
    for point, values in found.items():
        if point.quantity == READ and point.state == HOT:
            size, depth = point.key
            measured.setdefault(depth, {})[size] = values.median_ns
    fitted = {depth: dict(zip(times, map(round, rising(list(times.values()))), strict=True))
              for depth, times in sorted(measured.items())}  # fmt: skip
    text = storage_text(recording.header, found, measured, fitted, raw)
    tables = {depth: {"table": [[size_text(size), time_text(ns)] for size, ns in times.items()]}
              for depth, times in fitted.items()}  # fmt: skip
    read = {"depths": tables} if max(tables) > 1 else tables[1]
    storage: Plain = {"read": read, "lanes": max(tables)}
    if wakes := list(wakes_ns(recording.samples, storage)):
        woken = wakes_text(len(wakes), raw)
        storage["start_up"] = {"time": time_text(round(median(wakes))), "source": _source(recording, woken)}
    return storage | {"source": _source(recording, text)}


def _processor(old: Plain, recording: Recording, found: Found, raw: str) -> Plain:
    """Return a processor whose layer times of the measured geometry are replaced."""
    header = recording.header
    assert header.geometry is not None
    geometry = header.geometry.model_dump(mode="json")
    time = _medians(found, LAYER, HOT)
    late = _not_below(time, _medians(found, LAYER, COLD))
    times: Plain = {"geometry": geometry, "time": _times(time)}
    if late:
        times["after_wait"] = _times(late)
    times["decompress"] = _decompress(recording, found, raw)
    times["source"] = _source(recording, compute_text(header, found, raw))
    others = [each for each in old.get("layer_times", []) if each["geometry"] != geometry]
    processor = old | {"layer_times": [times, *others]}
    waits = [values for point, values in found.items() if point.quantity == HAND_OFF]
    if waits:
        source = _source(recording, hand_off_text(waits[0], raw))
        processor["hand_off"] = {"time": time_text(waits[0].median_ns), "source": source}
    if starts := start_ups_ns(recording.samples, found):
        text = start_up_text(len(starts), raw)
        processor["start_up"] = {"time": time_text(round(median(starts))), "source": _source(recording, text)}
    return processor


def _medians(found: Found, quantity: str, state: str) -> dict[int, int]:
    return {point.key[0]: values.median_ns for point, values in found.items() if point[::2] == (quantity, state)}


def _not_below(usual: Mapping[int, int], late: Mapping[int, int]) -> dict[int, int]:
    """Return times after a wait where all are known; a wait makes nothing faster, whatever the noise says."""
    return {key: max(ns, late[key]) for key, ns in usual.items()} if usual.keys() <= late.keys() else {}


def _times(times: Mapping[int, int]) -> dict[int, str]:
    return {key: time_text(ns) for key, ns in sorted(times.items())}


def _decompress(recording: Recording, found: Found, raw: str) -> Plain:
    usual, late = (_per_shard(recording.samples, state) for state in (HOT, COLD))
    times: Plain = {"per_shard": _times(usual)}
    if waits := _not_below(usual, late):
        times["after_wait"] = _times(waits)
    return times | {"source": _source(recording, decompress_text(found, raw))}


def _per_shard(samples: Iterable[Sample], state: str) -> dict[int, int]:
    """Return the median share of one shard by bitwidth [ns]."""
    return {bits: math.ceil(median(values)) for bits, values in shares(samples, state).items()}
