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


class Read(Document):
    """How long one read takes: a line, a table, or one table for each queue depth."""

    latency: Nanoseconds | None = None
    bandwidth: BytesPerSecond | None = None
    table: Annotated[tuple[Row, ...] | None, Field(min_length=1, max_length=1000)] = None
    depths: Annotated[dict[Lanes, DepthTable] | None, Field(min_length=1)] = None

    @model_validator(mode="after")
    def _one_form(self) -> "Read":
        forms = [self.bandwidth is not None, self.table is not None, self.depths is not None]
        if sum(forms) != 1 or (self.latency is not None and self.bandwidth is None):
            raise ValueError("give exactly one of 'bandwidth' (with 'latency'), 'table' and 'depths'")
        return self
