"""Memory that apps share: how much there is, how others ask for it, and when the system kills, as scenarios say it.

How often others are launched and what they take is illustrative: parameters to sweep. The mechanism and its defaults
are Android's.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, model_validator

from edgesim.amount import Amount, Size
from edgesim.chance import Chance
from edgesim.clock import Seed
from edgesim.document import Count, Document, Source, Sourced, Where, mistakes
from edgesim.units import Bytes, show_bytes

if TYPE_CHECKING:
    from edgesim.eviction import Watermarks

FOREGROUND, CACHED, HIGHEST = 0, 900, 1000
"""Scores of the app in front and of cached ones (``FOREGROUND_APP_ADJ``, ``CACHED_APP_MIN_ADJ``), and the highest."""
Adj = Annotated[int, Field(ge=-HIGHEST, le=HIGHEST, strict=True)]
_AOSP = "https://github.com/aosp-mirror/platform_frameworks_base/blob"
_PROCESS_LIST = "00dc69492890104aba55aa304492d3bb073fb24e/services/core/java/com/android/server/am/ProcessList.java"
_MINFREE_KIB = {950: 322560, 900: 221184, 250: 129024, 200: 110592, 100: 92160, 0: 73728}


class MemoryLevels(Sourced[int, Bytes]):
    """Sizes by oom_score_adj, ``{900: 300 MB, 0: 60 MB, source: {...}}``."""


def android_watermarks() -> MemoryLevels:
    """Return the minfree levels of Android for 64 bits and 700 MB or more, as published with its source."""
    text = "mOomAdj and mOomMinFreeHigh; on 64 bits x 3/2 for cached apps, x 7/4 for those killed first; KB is 1024 B."
    source = Source(grade="B", text=text, url=f"{_AOSP}/{_PROCESS_LIST}")
    values = {adj: f"{kib} KiB" for adj, kib in _MINFREE_KIB.items()}
    return MemoryLevels.model_validate({"values": values, "source": source})


class OtherApps(Document):
    """Apps that are not simulated further: each is launched, takes memory, is in front for a while, then is cached.

    One app is in front at a time. A cached app keeps its memory (Android freezes it, and then it cannot free any) until
    it is killed or closed. Every launch is a new process.

    Notes
    -----
    The freezer: https://source.android.com/docs/core/perf/cached-apps-freezer. 32 is Android's
    ``DEFAULT_MAX_CACHED_PROCESSES``, in ActivityManagerConstants.java beside the file of the watermarks.
    """

    launches: Chance
    """Time from one launch to the next."""
    memory: Amount
    """What each launched app takes."""
    foreground: Chance
    """How long an app stays in front, unless the next launch comes earlier."""
    front_adj: Adj = FOREGROUND
    """The oom_score_adj of the app in front: the higher, the earlier it is killed."""
    cached_adj: Adj = CACHED
    """The oom_score_adj of apps that are cached."""
    most: Count = 32
    """So many stay cached; of more the oldest is closed."""
    at_start: Annotated[int, Field(ge=0, le=10_000, strict=True)] = 0
    """How many were launched before the session, one after the other."""

    @model_validator(mode="after")
    def _takes_time(self) -> "OtherApps":
        if self.launches.constant == 0 or (self.launches.uniform and self.launches.uniform[1] == 0):
            mistakes([(("launches",), "must take time, got 0 ns between two launches")])
        return self


class AppProcess(Document):
    """How the system sees a simulated app: its own memory without the model, and its score."""

    base: Annotated[Bytes, Field(examples=["50 MB"])] = 0
    """Memory of the app without its model."""
    serving_adj: Adj = FOREGROUND
    """Its oom_score_adj while it answers and its user thinks: the higher, the earlier it is killed."""
    idle_adj: Adj = CACHED
    """Its oom_score_adj between engagements."""


class MemoryPressure(Document):
    """A memory that apps share, and the daemon that kills some of them when little is free.

    Who is killed, and in which order, `edgesim.eviction.victims` documents.

    Notes
    -----
    Scores are those of ``ProcessList.java``: 0 in front, 100 visible, 200 perceptible (a keyboard, music), 700 the app
    before, 900 to 999 cached.
    """

    for_apps: Annotated[Size | None, Field(examples=["2 GB"])] = None
    """What all apps share; by default all of the device's memory."""
    watermarks: MemoryLevels = Field(default_factory=android_watermarks)
    """Sizes by oom_score_adj, ``{900: 300 MB, 0: 60 MB}``: while less is free than a size, processes with that score or
    a higher one may be killed, highest score first, of equals the largest. By default Android's."""
    others: OtherApps | None = None
    """Apps that are not simulated further, but take memory."""
    app: AppProcess = Field(default_factory=AppProcess)
    """How the system sees apps without a `process` of their own."""
    seed: Seed | None = None
    """Of this disturbance alone, in place of the scenario's: the others draw as before."""

    @property
    def levels(self) -> "Watermarks":
        """Pairs of score and size [B], from the highest score down."""
        return sorted(self.watermarks.values.items(), reverse=True)

    @model_validator(mode="after")
    def _holds(self) -> "MemoryPressure":
        found = list(_level_mistakes(self.levels))
        mistakes(found + list(_too_large(self, self.for_apps) if self.for_apps is not None else ()))
        return self


def _level_mistakes(levels: "Watermarks") -> Iterator[tuple[Where, str]]:
    for adj, _ in levels:
        if abs(adj) > HIGHEST:
            yield ("watermarks", adj), f"must be an oom_score_adj from -{HIGHEST} to {HIGHEST}, got {adj}"
    for (higher, above), (adj, size) in pairwise(levels):
        if size > above:
            message = f"must not exceed that of {higher}, {show_bytes(above)}, got {show_bytes(size)}"
            yield ("watermarks", adj), message


def _too_large(pressure: MemoryPressure, room: int) -> Iterator[tuple[Where, str]]:
    """Yield what does not fit into the memory for apps."""
    sizes: list[tuple[Where, int]] = [(("watermarks", adj), size) for adj, size in pressure.levels]
    sizes.append((("app", "base"), pressure.app.base))
    if pressure.others is not None:
        sizes.append((("others", "memory"), pressure.others.memory.ends[1]))
    for where, size in sizes:
        if size >= room:
            yield where, f"must be below the memory for apps, {show_bytes(room)}, got {show_bytes(size)}"


def pressure_mistakes(pressure: MemoryPressure, capacity_bytes: int | None) -> Iterator[tuple[Where, str]]:
    """Yield why a device cannot have such a memory.

    Parameters
    ----------
    pressure
        What a scenario says.
    capacity_bytes
        The device's memory [B]; None where its profile has none.

    Yields
    ------
    tuple
        Location inside the section, and ``what, got; known or repair``.
    """
    if pressure.for_apps is None:
        if capacity_bytes is None:
            yield ("for_apps",), "is missing, and the device's profile has no 'memory'; write for example '2 GB'"
        else:
            yield from _too_large(pressure, capacity_bytes)
    elif capacity_bytes is not None and pressure.for_apps > capacity_bytes:
        got = show_bytes(pressure.for_apps)
        yield ("for_apps",), f"must not exceed the device's memory, {show_bytes(capacity_bytes)}, got {got}"


def sized(pressure: MemoryPressure, capacity_bytes: int | None) -> MemoryPressure:
    """Return the pressure with `for_apps`: its own, or else the device's memory [B]."""
    return pressure if pressure.for_apps is not None else pressure.model_copy(update={"for_apps": capacity_bytes})
