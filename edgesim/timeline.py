"""What happened: the spans of every lane, and when each request came, started and ended."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

LOADER, EXECUTOR, DECOMPRESSOR = "loader", "executor", "decompressor"


class Span(NamedTuple):
    """One activity on one lane; `layer` is a layer of the model, `bytes` what a load reads (else 0).

    Kinds: ``load``, ``blocked`` (no buffer room) and ``held`` (until a layer has finished) on the loader's lanes;
    ``stall`` (shards missing), ``handoff`` (shards there, not noticed yet), ``decompress`` and ``compute`` on the
    executor's.
    """

    request: int
    app: str
    lane: str
    kind: str
    layer: int
    start_ns: int
    end_ns: int
    bytes: int


class Request(NamedTuple):
    """One inference: asked for, started, finished [ns]."""

    arrival_ns: int
    start_ns: int
    finish_ns: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """Spans and requests of a run, in order of their start on each lane."""

    requests: tuple[Request, ...]
    spans: tuple[Span, ...]

    def lanes(self) -> list[str]:
        """Return the names of all lanes, loaders first and the executor last."""
        found = {span.lane for span in self.spans}
        return sorted(found, key=lambda lane: (not lane.startswith(LOADER), lane == EXECUTOR, len(lane), lane))

    def to_frame(self) -> "pd.DataFrame":
        """Return one row a span, with the columns of `Span`."""
        import pandas as pd

        return pd.DataFrame(self.spans, columns=list(Span._fields))
