"""A timeline as a table for people: what each lane spent its time on."""

from collections import Counter

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from edgesim.quantities import counted
from edgesim.report.amounts import time_text
from edgesim.timeline import BESIDE, CLOCK, MEMORY, Span, Timeline
from edgesim.units import show_bytes, show_ns

Key = tuple[str, str]
"""Lane, or who used the storage beside, and kind."""
_SECOND_NS = 10**9


def timeline_text(timeline: Timeline) -> RenderableType:
    """Show how many spans of each kind every lane has, how long they take together, and what they read."""
    requests, lanes = timeline.requests, timeline.lanes()
    end_ns = max((one.end_ns for one in timeline.spans), default=max((one.finish_ns for one in requests), default=0))
    spans = f"{counted(len(timeline.spans), 'span')} on {counted(len(lanes), 'lane')}"
    title = f"{counted(len(requests), 'inference')}, {spans}, {_time(end_ns)}"
    return Group(Text(title, "bold"), *([_table(timeline, lanes)] if timeline.spans else []))


def _table(timeline: Timeline, lanes: list[str]) -> Table:
    number, time_ns, read = Counter[Key](), Counter[Key](), Counter[Key]()
    for span in timeline.spans:
        number[_key(span)] += 1
        time_ns[_key(span)] += span.end_ns - span.start_ns
        read[_key(span)] += 0 if span.lane == MEMORY else span.bytes
    table = Table("lane", "what", box=None, pad_edge=False)
    for heading in ("spans", "time", "bytes"):
        table.add_column(heading, justify="right")
    order = {lane: place for place, lane in enumerate(lanes)}
    for key in sorted(number, key=lambda key: (order.get(key[0], len(order)), key)):
        n_bytes = show_bytes(read[key]) if read[key] else "-"
        table.add_row(*map(Text, key), f"{number[key]:,}", _time(time_ns[key]) if time_ns[key] else "-", n_bytes)
    return table


def _key(span: Span) -> Key:
    return span.app if span.request == BESIDE and span.lane not in (MEMORY, CLOCK) else span.lane, span.kind


def _time(ns: int) -> str:
    return show_ns(ns) if ns < _SECOND_NS else time_text(ns)
