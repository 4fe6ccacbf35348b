"""Who asks when."""

from typing import Annotated, Literal

from pydantic import Field

from edgesim.document import Document


class Workload(Document):
    """A session of inferences, each asked for when the one before has been answered.

    Named after MLPerf's single-stream scenario. `start` says whether the preload buffer is full before the first
    inference (warm) or is filled by it (cold).
    """

    kind: Literal["single_stream"] = "single_stream"
    inferences: Annotated[int, Field(ge=1, le=10**9, strict=True)] = 1
    start: Literal["warm", "cold"] = "warm"
