"""Profiles of nodes, as the layer times of a processor."""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from edgesim.errors import InputError
from edgesim.profiling.imports import onnxruntime, tensorrt, tflite, torch
from edgesim.profiling.imports.naming import Asked
from edgesim.profiling.imports.nodes import Profile, layer_times
from edgesim.profiling.imports.part import Part
from edgesim.profiling.imports.raw import Raw, sources
from edgesim.quantities import time_text

READERS: Mapping[str, Callable[[Raw, Asked], Profile]] = {
    "onnxruntime": lambda raw, _: onnxruntime.read(raw),
    "tflite": lambda raw, _: tflite.read(raw),
    "tensorrt": lambda raw, _: tensorrt.read(raw),
    "torch": torch.read,
}
_WORTH_SAYING = 0.005


@dataclass(frozen=True, slots=True)
class _Measured:
    """Time of one layer of some shards [ns], and how it was found."""

    shards: int
    time_ns: float
    how: str


def import_layers(
    tool: str, raws: Sequence[Raw], asked: Asked, geometry: Mapping[str, Any], shards: Sequence[int]
) -> Part:
    """Make layer times of profiles, one for each file.

    Parameters
    ----------
    tool
        What wrote the files, one of `READERS`.
    raws
        The files.
    asked
        What the profiled model is.
    geometry
        Shape of a layer, as in a profile.
    shards
        How many shards a layer had, in each file.

    Raises
    ------
    InputError
        If a file is not the tool's, or nodes cannot be told by layer.
    """
    found: dict[int, list[_Measured]] = defaultdict(list)
    for raw, count in zip(raws, shards, strict=True):
        profile = READERS[tool](raw, asked)
        found[count].append(_measured(profile, asked, count, raw.shown))
    time = {count: time_text(math.ceil(median(one.time_ns for one in found[count]))) for count in sorted(found)}
    text = f"{_text(profile, asked, found)} {sources(raws)}"
    times = {"geometry": dict(geometry), "time": time, "source": {"grade": "C" if asked.whole else "A", "text": text}}
    listed = ", ".join(f"{count} shards {shown}" for count, shown in time.items())
    keys = {"processors": {asked.processor: {"layer_times": [times]}}}
    what = f"layer times on {asked.processor} imported from {profile.tool}"
    doubts = ("--whole: embeddings and head are counted to the layers, grade C",) if asked.whole else ()
    return Part(keys, what, f"one layer on {asked.processor}: {listed}, from {profile.tool}", doubts)


def _measured(profile: Profile, asked: Asked, shards: int, shown: str) -> _Measured:
    if not asked.whole and not profile.runs:
        raise InputError(f"{shown}: has times of whole runs only; give --whole to divide them by --layers, or nodes")
    several = len(profile.whole_ns if asked.whole else profile.runs) > 1
    warm = slice(1 if several and not profile.averaged else 0, None)
    runs = "" if profile.averaged else _runs(len(profile.whole_ns if asked.whole else profile.runs))
    if asked.whole:
        time_ns, how = median(profile.whole_ns[warm]) / asked.layers, [profile.how, runs]
    else:
        kept = Profile(profile.tool, profile.runs[warm], ())
        times, unnamed = layer_times(kept, asked, shown)
        said = f"{unnamed:.1%} of it in nodes that name no layer, counted to the layer they follow"
        time_ns, how = median(times), [profile.how, runs, said if unnamed > _WORTH_SAYING else ""]
    if not time_ns:
        raise InputError(f"{shown}: has layers that took no time; profile longer runs")
    return _Measured(shards, time_ns, ", ".join(filter(None, how)))


def _runs(count: int) -> str:
    if count == 1:
        return "one run, which may have been cold"
    return f"{count - 1} of {count} runs, the first, cold, left out"


def _text(profile: Profile, asked: Asked, found: Mapping[int, Sequence[_Measured]]) -> str:
    """Say how times were found; what holds for all files once."""
    tool, layer = profile.tool, profile.layer
    hows = {count: "; ".join(dict.fromkeys(one.how for one in same)) for count, same in found.items()}
    alike = len(set(hows.values())) == 1
    how = next(iter(hows.values())) if alike else "; ".join(f"{m} shards: {hows[m]}" for m in sorted(hows))
    again = [f"{count} shards ({len(same)})" for count, same in sorted(found.items()) if len(same) > 1]
    if asked.whole:
        what = f"Derived, not measured: whole time / {asked.layers} layers, embeddings and head included; {tool}"
    else:
        what = f"Median time of one of {asked.layers} layers, {layer}; {tool}"
    return f"{what}: {how}." + (f" Medians of several files: {', '.join(again)}." if again else "")
