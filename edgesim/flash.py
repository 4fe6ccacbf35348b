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
    """A source of requests that is active and idle in turn."""

    active: Chance
    """How long requests come each time."""
    idle: Chance
    """How long none comes each time, first of all."""


class Write(Document):
    """How long a write takes; these numbers are illustrative."""

    latency: Nanoseconds = 0
    """What each write takes besides its bytes."""
    bandwidth: BytesPerSecond
    """Bytes a second of a write."""


class BackgroundIo(Document):
    """Requests of another process to the same storage, one at a time.

    Reads take the profile's time. The requests of all apps and backgrounds are in service together, and slow each other
    as the profile's queue depths say.

    Notes
    -----
    On 2,611 phones, writes slowed reads down by up to 626 %: D. T. Nguyen et al., Reducing smartphone application delay
    through read/write isolation, MobiSys 2015, https://doi.org/10.1145/2742647.2742661.
    """

    name: Name
    """What the process is called in timelines; no app and no other process has that name."""
    direction: Literal["read", "write"]
    """Whether it reads or writes."""
    size: Annotated[Bytes, Field(gt=0)]
    """Bytes of each request."""
    gap: Chance
    """How much later than the one before a request is due; it is made then, or when the one before is done."""
    burst: Burst | None = None
    """Times at which requests come and at which none does, in turn; by default they always come."""
    priority: Annotated[int, Field(ge=-1000, le=1000, strict=True)] = 0
    """Who goes first where the storage goes by `priority`: the higher one."""
    begin: Annotated[Nanoseconds, Field(lt=DAY_NS)] = 0
    """Time of day from which gaps pass; a session starts at 0 h."""
    end: Annotated[Nanoseconds, Field(le=DAY_NS)] = DAY_NS
    """Time of day until which gaps pass."""
    write: Write | None = None
    """How long a write takes; needed where `direction` is `write`, because profiles measure reads only."""
    seed: Seed | None = None
    """Of this disturbance alone, in place of the scenario's: the others draw as before."""

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

    Notes
    -----
    That collection blocks requests, and makes the slowest (99th to 99.99th percentile) 5 to 138 times as slow on SSDs:
    S. Yan et al., Tiny-Tail Flash, FAST 2017, https://www.usenix.org/conference/fast17/technical-sessions/presentation/yan.
    No profile has been measured for it: durations and gaps are illustrative.
    """

    duration: Chance
    """How long the flash serves nothing each time."""
    gap: Chance | None = None
    """Time from the end of one pause to the next; or `written`."""
    written: Annotated[Bytes, Field(gt=0)] | None = None
    """A pause begins each time that background writes have written so much; or `gap`."""
    seed: Seed | None = None
    """Of this disturbance alone, in place of the scenario's: the others draw as before."""

    @model_validator(mode="after")
    def _holds(self) -> "FlashPauses":
        if (self.gap is None) == (self.written is None):
            raise ValueError("give either 'gap' or 'written': what makes the flash collect garbage")
        mistakes([*endless(("duration",), self.duration), *endless(("gap",), self.gap)])
        return self
