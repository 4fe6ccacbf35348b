"""The first spans of timelines as a table, for who does not see the picture."""

from collections.abc import Sequence

from edgesim.pages.looks import NAMES
from edgesim.pages.tables import Cell, Grid, Heading, sort_key
from edgesim.pages.timelines import first_spans
from edgesim.timeline import BESIDE, NO_LAYER, Span, Timeline
from edgesim.units import show_bytes, show_ns

MOST_SPANS = 60


def spans_grid(timelines: Sequence[tuple[str, Timeline]], most: int) -> Grid:
    """Return one row a span, by time.

    Parameters
    ----------
    timelines
        Timelines with their names; of one, the name is left out.
    most
        So many spans are in the table.
    """
    many, every = len(timelines) > 1, sum(len(one.spans) for _, one in timelines)
    named = ["lane", *(["timeline"] if many else []), "what", "layer", "starts", "takes", "reads"]
    rows = [
        [_cell(text) for text in (span.lane, *([name] if many else []), *_texts(span))]
        for name, span in first_spans(timelines, most)
    ]
    caption = f"The first {len(rows)} of {every:,} spans" if every > len(rows) else f"All {every} spans"
    return Grid(caption, [Heading(name, numbers=name in ("starts", "takes", "reads")) for name in named], rows)


def _cell(text: str) -> Cell:
    return Cell(text, key=sort_key(text))


def _texts(span: Span) -> tuple[str, ...]:
    what = NAMES.get(span.kind, span.kind)
    layer = "-" if span.request == BESIDE or span.layer == NO_LAYER else str(span.layer)
    reads = show_bytes(span.bytes) if span.bytes else "-"
    return what, layer, show_ns(span.start_ns), show_ns(span.end_ns - span.start_ns), reads
