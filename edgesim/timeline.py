"""What happened: the spans of every lane, and when each request came, started and ended."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

LOADER, EXECUTOR, DECOMPRESSOR = "loader", "executor", "decompressor"
MEMORY, CLOCK = "memory", "clock"
READS = ("load", "restore")
"""Kinds of spans in which an inference reads from storage."""
APP = "app"
"""The name of an app that has no other."""
BESIDE, NO_LAYER = -1, -1
"""Stand for the request, and the layer, of spans that belong to none: what other processes of the device did."""


class Span(NamedTuple):
    """One activity on one lane.

    Kinds: ``load``, ``restore`` (what the model always holds, after the app was killed), ``blocked`` (no buffer room),
    ``held`` (until a layer has finished) and ``queued`` (another user has the storage) on the loader's lanes;
    ``stall`` (shards missing), ``handoff`` (shards there, not noticed yet), ``queued`` (another app has the processor),
    ``decompress`` and ``compute`` on the executor's; ``step1``, ``step2``.. on the clock's, while it is slower.
    What happens beside has the request `BESIDE`: ``read``, ``write`` and ``gc`` on the storage;
    ``launched``, ``refused``, ``closed``, ``evicted`` and ``overcommitted`` in memory, at one moment.
    """

    request: int
    """Number of the inference, from 0; -1 for what happens beside."""
    app: str
    """Whose inference it is, or who does it beside."""
    lane: str
    """Whose it is: ``loader`` (of several lanes ``loader0``, ``loader1``..), ``executor``, ``decompressor``, ``clock``
    or ``memory``."""
    kind: str
    """What it is: see above."""
    layer: int
    """Layer of the model; -1 where it is of none."""
    start_ns: int
    """When it begins, from the start of the session [ns]."""
    end_ns: int
    """When it ends [ns]."""
    bytes: int
    """What is read or written [B]; else 0."""


class Request(NamedTuple):
    """One inference: asked for, started, finished [ns]."""

    arrival_ns: int
    """When it was asked for [ns]."""
    start_ns: int
    """When its app turned to it [ns]."""
    finish_ns: int
    """When it was answered [ns]."""
    app: str = APP
    """Whose it is."""
    number: int = 0
    """Its number among the app's, which its spans have, too."""
    engagement: int = 0
    """The burst or query that it belongs to."""
    plan: int = 0
    """Which of the app's plans was executed: its number in `edgesim.session.Plans`, the trimmed ones after the
    others."""
    resident: tuple[tuple[int, int], ...] | None = None
    """Shards that were in the preload buffer when it started; None where the backend does not tell."""
    restarted: bool = False
    """The app had been killed: it had nothing in memory."""
    token_ns: tuple[int, ...] = ()
    """When each output token was there [ns]; empty for models that generate none."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Spans and requests of a run, in order of their start on each lane.

    Backends yield one for each inference, or for each pass of a generation, of which the last has the request; and some
    without a request, of what happened beside.
    """

    requests: tuple[Request, ...]
    """When each inference was asked for, started and answered."""
    spans: tuple[Span, ...]
    """What every lane did."""

    def lanes(self) -> list[str]:
        """Return the names of all lanes, loaders first and the executor last."""
        found = {span.lane for span in self.spans}
        return sorted(found, key=lambda lane: (not lane.startswith(LOADER), lane == EXECUTOR, len(lane), lane))

    def to_frame(self) -> "pd.DataFrame":
        """Return one row a span, with the columns of `Span`."""
        import pandas as pd

        return pd.DataFrame(self.spans, columns=list(Span._fields))
