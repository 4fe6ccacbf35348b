"""What else the storage does, as scenarios describe it: requests of other processes, and garbage collection."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, model_validator

from edgesim.chance import Chance
from edgesim.clock import Seed, endless
from edgesim.document import Document, Name, Where, mistakes
from edgesim.hours import DAY_NS
from edgesim.units import Bytes, BytesPerSecond, Nanoseconds

FLASH = "flash"
"""The name under which the flash itself is reported, when it collects garbage."""


class Burst(Document):
    """A source of requests is active and idle in turn, idle at time 0; how long each time."""

    active: Chance
    idle: Chance


class Write(Document):
    """How long a write takes: profiles measure reads only, so these numbers are illustrative."""

    latency: Nanoseconds = 0
    bandwidth: BytesPerSecond


class BackgroundIo(Document):
    """Requests of another process to the same storage, one at a time.

    Each request is of `size`, and due a `gap` after the one before was due; it is made then, or when the one before is
    done. While `burst` is idle none is due. Gaps pass between the times of day `begin` and `end` only; a session begins
    at 0 h. `priority` counts where the storage goes by priorities. Reads take the profile's time, writes
    that of `write`. The requests of all apps and backgrounds are in service together, and slow each other as the
    profile's queue depths say.

    Notes
    -----
    On 2,611 phones, writes slowed reads down by up to 626 %: D. T. Nguyen et al., Reducing smartphone application delay
    through read/write isolation, MobiSys 2015, https://doi.org/10.1145/2742647.2742661.
    """

    name: Name
    direction: Literal["read", "write"]
    size: Annotated[Bytes, Field(gt=0)]
    gap: Chance
    burst: Burst | None = None
    priority: Annotated[int, Field(ge=-1000, le=1000, strict=True)] = 0
    begin: Annotated[Nanoseconds, Field(lt=DAY_NS)] = 0
    end: Annotated[Nanoseconds, Field(le=DAY_NS)] = DAY_NS
    write: Write | None = None
    seed: Seed | None = None

    @model_validator(mode="after")
    def _holds(self) -> "BackgroundIo":
        mistakes(list(_background_mistakes(self)))
        return self


def _background_mistakes(source: BackgroundIo) -> Iterator[tuple[Where, str]]:
    if source.direction == "write" and source.write is None:
        yield ("write",), "is missing: profiles have no times of writes; give its 'bandwidth', and 'latency'"
    if source.direction == "read" and source.write is not None:
        yield ("write",), "is of no use: these requests read"
    if source.begin >= source.end:
        yield ("end",), "must be later than 'begin', on the same day"
    if source.name == FLASH:
        yield ("name",), f"'{FLASH}' is the storage itself; choose another"
    yield from endless(("gap",), source.gap)
    if source.burst is not None:
        yield from endless(("burst", "active"), source.burst.active)


class FlashPauses(Document):
    """The flash collects garbage: for some time it serves nothing. A request in service is finished, none starts.

    A pause begins a `gap` after the one before has ended, or with `written` each time that background writes have
    written as much.

    Notes
    -----
    That collection blocks requests, and makes the slowest (99th to 99.99th percentile) 5 to 138 times as slow on SSDs:
    S. Yan et al., Tiny-Tail Flash, FAST 2017, https://www.usenix.org/conference/fast17/technical-sessions/presentation/yan.
    No profile has been measured for it: durations and gaps are illustrative.
    """

    duration: Chance
    gap: Chance | None = None
    written: Annotated[Bytes, Field(gt=0)] | None = None
    seed: Seed | None = None

    @model_validator(mode="after")
    def _holds(self) -> "FlashPauses":
        if (self.gap is None) == (self.written is None):
            raise ValueError("give either 'gap' or 'written': what makes the flash collect garbage")
        mistakes([*endless(("duration",), self.duration), *endless(("gap",), self.gap)])
        return self
