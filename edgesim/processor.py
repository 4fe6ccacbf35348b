"""What computes the layers, as it was measured: times of layers and of decompression, and what a wait adds to them.

An executor that had to wait for a layer's shards notices them late (`hand_off`), and finds its caches cold
(`after_wait`), as it does when an inference starts (`start_up`). All may be left out: a wait then costs no more than
its own time, and the first layer takes no longer than others.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Annotated

from pydantic import Field, model_validator

from edgesim.decompression import Decompress, too_fast
from edgesim.document import Count, Document, Source, Where, mistakes
from edgesim.model import Geometry
from edgesim.units import BytesPerSecond, FlopPerSecond, Milliwatts, Nanoseconds, Speed

LayerTable = Annotated[dict[Count, Annotated[Nanoseconds, Field(gt=0)]], Field(min_length=1)]


class LayerTimes(Document):
    """Compute time of one layer by number of shards, for one geometry."""

    geometry: Geometry
    """The shape of the layers that were measured; the times hold for no other."""
    time: LayerTable
    """Time to compute a layer by its number of shards, ``{3: 35 ms, 12: 95 ms}``: linear between those given, never
    beyond them."""
    after_wait: LayerTable | None = None
    """The same of a layer that had to wait for its shards, for the smallest and the largest number of shards in `time`
    at least. By default a wait makes no difference."""
    decompress: Decompress | None = None
    """Decompression of shards of this geometry, in place of the processor's own."""
    source: Source | None = None

    @model_validator(mode="after")
    def _a_wait_makes_nothing_faster(self) -> "LayerTimes":
        if self.after_wait is not None:
            mistakes(list(_range_mistakes(self.time, self.after_wait)))
            mistakes(list(_layer_mistakes(self.time, self.after_wait)))
        return self


def _range_mistakes(usual: Mapping[int, int], late: Mapping[int, int]) -> Iterator[tuple[Where, str]]:
    least, most = min(usual), max(usual)
    for m in sorted({least, most} - late.keys()):
        yield ("after_wait",), f"needs a time for {m} shards: 'time' is measured for {least} to {most}"
    for m in sorted(late):
        if not least <= m <= most:
            yield ("after_wait", m), f"'time' is measured for {least} to {most} shards, got {m}"


def _layer_mistakes(usual: Mapping[int, int], late: Mapping[int, int]) -> Iterator[tuple[Where, str]]:
    """Yield where a layer would be faster after a wait; both are linear between these numbers of shards."""
    every = sorted({*usual, *late})
    pairs = zip(linear(usual, every).items(), linear(late, every).values(), strict=True)
    for (m, usual_ns), late_ns in pairs:
        if late_ns < usual_ns:
            where: Where = ("after_wait", m) if m in late else ("after_wait",)
            yield where, f"for {m} shards {too_fast(late_ns, 'time', usual_ns)}"


class Delay(Document):
    """A time that is lost each time something happens."""

    time: Annotated[Nanoseconds, Field(examples=["60 us"])]
    """How much later it gets each time."""
    source: Source | None = None


class ClockStep(Document):
    """A clock that a processor can run at."""

    speed: Speed
    """Speed as a share of full speed: layers take so much longer."""
    power: Milliwatts | None = None
    """Power above idle while the processor is busy at this step."""


class ClockSteps(Document):
    """The clocks that a processor can run at."""

    steps: Annotated[tuple[ClockStep, ...], Field(min_length=1, max_length=64)]
    """From full speed, which layer times are measured at, to the slowest; no step takes more power than the one
    before."""
    source: Source | None = None

    @model_validator(mode="after")
    def _slow_down(self) -> "ClockSteps":
        found = [(("steps", 0, "speed"), "the first step is full speed: 100 %")] if self.steps[0].speed != 1 else []
        for number, (faster, slower) in enumerate(pairwise(self.steps), 1):
            if slower.speed >= faster.speed:
                found.append((("steps", number, "speed"), "each step is slower than the one before"))
            if faster.power is not None and slower.power is not None and slower.power > faster.power:
                found.append((("steps", number, "power"), "a slower step takes no more power than the one before"))
        mistakes(found)
        return self


class Roofline(Document):
    """How fast a processor computes and reads the main memory: what takes longer bounds a pass of a decoder.

    Notes
    -----
    Source: S. Williams, A. Waterman, D. Patterson, Roofline, Communications of the ACM 52 (2009).
    """

    compute: FlopPerSecond
    """Arithmetic that the processor does in a second."""
    memory_bandwidth: Annotated[BytesPerSecond, Field(examples=["10 GB/s"])]
    """Bytes that the processor reads from main memory in a second."""
    source: Source | None = None


class Processor(Document):
    """What computes the layers: times as measured, and for decoders that were not measured a `roofline`."""

    layer_times: tuple[LayerTimes, ...] = ()
    """Measured times of layers, one entry for each geometry."""
    decompress: Decompress | None = None
    """How long a shard takes to be decompressed. Without it, models with compressed bitwidths are refused; where it
    takes no time, write ``per_shard: 0 ns``."""
    hand_off: Delay | None = None
    """How much later than they arrive a waiting executor notices its shards, once for each wait. By default at once."""
    start_up: Delay | None = None
    """What the first layer of an inference takes longer than others, because its code and tables are cold."""
    roofline: Roofline | None = None
    """Speeds from which times of a decoder are derived that were not measured; what takes longer, arithmetic or memory,
    counts."""
    clock: ClockSteps | None = None
    """The speeds that the processor can be clocked at when it gets hot, and its power at each."""

    @model_validator(mode="after")
    def _takes_some_time(self) -> "Processor":
        if not self.layer_times and self.roofline is None:
            mistakes([(("layer_times",), "missing; add it, or for decoders a 'roofline'")])
        return self


def linear(measured: Mapping[int, int], wanted: Iterable[int]) -> dict[int, int]:
    """Return the times of some numbers [ns]: measured ones, and linear between them, rounded up.

    Parameters
    ----------
    measured
        Times [ns] by number.
    wanted
        Numbers from the smallest measured one to the largest.
    """
    known, found = sorted(measured), {}
    for number in wanted:
        low, high = known[bisect_right(known, number) - 1], known[bisect_left(known, number)]
        fall, steps = measured[low] - measured[high], high - low
        found[number] = measured[low] - (fall * (number - low) // steps if steps else 0)
    return found
