"""Timeline -> how long each part of the device was busy, and at which clock."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from edgesim.timeline import CLOCK, EXECUTOR, Span

READ, WRITE, FULL_SPEED = "storage_read", "storage_write", "step0"
"""Parts of a device, beside ``step1``, ``step2``..: its processor at a slower clock."""

_STORAGE = {"load": READ, "restore": READ, "read": READ, "write": WRITE, "gc": WRITE}
_COMPUTE = frozenset({"decompress", "copy", "compute"})

Interval = tuple[int, int]
Busy = dict[str, Counter[str]]


def busy_ns(spans: Iterable[Span]) -> Busy:
    """Return how long each app kept each part of the device busy [ns].

    Storage counts once for each request in service. A processor is busy while an executor decompresses, copies or
    computes, at the step that its clock's lane names meanwhile; it is at full speed where that lane is empty.
    Decompression on a lane of its own counts for nothing: profiles do not say which processor does it.

    Parameters
    ----------
    spans
        Whole layers: the spans of a clock come with those of the layers that it slowed.
    """
    time: Busy = {}
    executed: dict[str, list[Interval]] = {}
    slowed: dict[str, list[Span]] = {}
    for span in spans:
        if part := _part(span):
            time.setdefault(span.app, Counter())[part] += span.end_ns - span.start_ns
        if part == FULL_SPEED:
            executed.setdefault(span.app, []).append((span.start_ns, span.end_ns))
        elif span.lane == CLOCK:
            slowed.setdefault(span.app, []).append(span)
    for app in slowed.keys() & executed.keys():
        for step, ns in _overlaps(sorted(executed[app]), slowed[app]):
            time[app][step] += ns
            time[app][FULL_SPEED] -= ns
    return time


def _part(span: Span) -> str | None:
    if span.lane == EXECUTOR:
        return FULL_SPEED if span.kind in _COMPUTE else None
    return _STORAGE.get(span.kind)


def _overlaps(executed: Sequence[Interval], slowed: Iterable[Span]) -> Iterator[tuple[str, int]]:
    """Yield how long an executor was busy within each span of its clock; neither lane overlaps itself."""
    first = 0
    for step in sorted(slowed, key=lambda span: span.start_ns):
        while first < len(executed) and executed[first][1] <= step.start_ns:
            first += 1
        here = first
        while here < len(executed) and (start := executed[here][0]) < step.end_ns:
            yield step.kind, min(executed[here][1], step.end_ns) - max(start, step.start_ns)
            here += 1
