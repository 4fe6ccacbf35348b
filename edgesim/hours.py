"""Times of day, as scenarios say them; a session starts at midnight."""

from typing import Annotated

from pydantic import Field, model_validator

from edgesim.document import Document, mistakes
from edgesim.units import Nanoseconds

DAY_NS = 24 * 3600 * 10**9


class Hours(Document):
    """Part of each day: ``{from: 7 h, to: 23 h}``."""

    from_ns: Annotated[Nanoseconds, Field(alias="from", lt=DAY_NS, examples=["7 h"])]
    """Time of day at which it begins."""
    to_ns: Annotated[Nanoseconds, Field(alias="to", le=DAY_NS, examples=["23 h"])]
    """Time of day at which it ends, on the same day."""

    @model_validator(mode="after")
    def _rise(self) -> "Hours":
        if self.from_ns >= self.to_ns:
            mistakes([(("to",), "must be later than 'from', on the same day")])
        return self
