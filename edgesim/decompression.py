"""How long shards take to be decompressed, as device profiles say it."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Discriminator, Tag, model_validator

from edgesim.document import Document, Source, Where, mistakes
from edgesim.quantities import time_text
from edgesim.units import Nanoseconds


def _one_or_many(value: object) -> Literal["by_bitwidth", "one"]:
    return "by_bitwidth" if isinstance(value, dict) else "one"


ShardTimes = Annotated[
    Annotated[Nanoseconds, Tag("one")] | Annotated[dict[int, Nanoseconds], Tag("by_bitwidth")],
    Discriminator(_one_or_many),
]


class Decompress(Document):
    """How long it takes to decompress one shard.

    Shards at 32 bits that take time are copied beside the others of their layer, and count as working bytes; those
    that take none are executed where they were read.
    """

    per_shard: ShardTimes
    """Time to decompress one shard: one for all compressed bitwidths, or a time for each bitwidth, ``{2: 1 ms, 6: 2
    ms}``; 32 bits take time only where they are listed."""
    after_wait: ShardTimes | None = None
    """The same in a layer that had to wait for its shards, in the form of `per_shard`. By default a wait makes no
    difference."""
    overlap: bool = False
    """Whether decompression runs on a lane of its own, one layer ahead of the computation. The executor then does not
    decompress, and `after_wait` changes nothing."""
    source: Source | None = None

    @model_validator(mode="after")
    def _a_wait_makes_nothing_faster(self) -> "Decompress":
        if self.after_wait is not None:
            mistakes(list(_shard_mistakes(self.per_shard, self.after_wait)))
        return self


def _shard_mistakes(usual: int | dict[int, int], late: int | dict[int, int]) -> Iterator[tuple[Where, str]]:
    if isinstance(usual, int) and isinstance(late, int):
        if late < usual:
            yield ("after_wait",), too_fast(late, "per_shard", usual)
    elif isinstance(usual, int) or isinstance(late, int):
        yield ("after_wait",), "must have the form of 'per_shard': one time, or one for each of its bitwidths"
    else:
        for bits in sorted(usual.keys() - late.keys()):
            yield ("after_wait",), f"needs a time for {bits} bits, as 'per_shard' has"
        for bits in sorted(late.keys() - usual.keys()):
            yield ("after_wait", bits), f"'per_shard' has no time for {bits} bits"
        for bits in sorted(late.keys() & usual.keys()):
            if late[bits] < usual[bits]:
                yield ("after_wait", bits), too_fast(late[bits], "per_shard", usual[bits])


def too_fast(late_ns: int, usual: str, usual_ns: int) -> str:
    """Say that a time after a wait [ns] is less than the usual one [ns], which the key `usual` gives."""
    shorter = f"takes {time_text(late_ns)}, less than '{usual}' with {time_text(usual_ns)}"
    return f"{shorter}; a wait makes nothing faster"
