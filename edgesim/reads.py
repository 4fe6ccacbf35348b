"""How long a read takes, as device profiles say it: a line, or measured points for some queue depths."""

from typing import Annotated

from pydantic import Field, model_validator

from edgesim.document import Document
from edgesim.units import Bytes, BytesPerSecond, Nanoseconds, RateOrTime

Row = tuple[Annotated[Bytes, Field(gt=0)], RateOrTime]
Lanes = Annotated[int, Field(ge=1, le=256, strict=True)]


class DepthTable(Document):
    """Measured points at one queue depth: ``[[4 KiB, 19.8 MB/s], [16 KiB, 280 us], ...]``."""

    table: Annotated[tuple[Row, ...], Field(min_length=1, max_length=1000)]
    """Rows of request size, and either the time of a read or the bandwidth of all reads in flight together; sizes rise
    and times do not fall."""


class Read(Document):
    """How long one read takes: a line, a table, or one table for each queue depth."""

    latency: Annotated[Nanoseconds | None, Field(examples=["80 us"])] = None
    """What each read takes besides its bytes: a read of b bytes takes `latency` + b / `bandwidth`. By default
    nothing."""
    bandwidth: BytesPerSecond | None = None
    """Bytes a second of reads, one at a time: a line instead of measured points."""
    table: Annotated[tuple[Row, ...] | None, Field(min_length=1, max_length=1000)] = None
    """Measured points, one read at a time: rows of request size, and time or bandwidth. Between them times are
    interpolated on logarithmic axes, below the first they are constant, above the last proportional to size."""
    depths: Annotated[dict[Lanes, DepthTable] | None, Field(min_length=1)] = None
    """Such a table for each queue depth that was measured, 1 and the storage's `lanes` among them; between them times
    are linear in depth."""

    @model_validator(mode="after")
    def _one_form(self) -> "Read":
        forms = [self.bandwidth is not None, self.table is not None, self.depths is not None]
        if sum(forms) != 1 or (self.latency is not None and self.bandwidth is None):
            raise ValueError("give exactly one of 'bandwidth' (with 'latency'), 'table' and 'depths'")
        return self
