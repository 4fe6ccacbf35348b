"""What disturbs the storage of a session: processes that read and write beside the apps, and garbage collection."""

from collections.abc import Callable, Generator, Iterator, Sequence
from itertools import chain
from typing import Any

from simpy import Event

from edgesim.arrivals import in_hours
from edgesim.backends.simulated.chances import draws_ns, lucks, periods
from edgesim.backends.simulated.storage import StorageServer
from edgesim.cost import load_ns
from edgesim.device import SECOND, Storage
from edgesim.flash import FLASH, BackgroundIo, FlashPauses
from edgesim.hours import Hours
from edgesim.session import Board
from edgesim.speed import Interval
from edgesim.timeline import BESIDE, LOADER, Span

Note = Callable[[Span], None]
Process = Generator[Event, Any, None]
_NO_LAYER = -1
_ALWAYS: Interval = (0, 2**63)


def disturb(server: StorageServer, storage: Storage, board: Board, note: Note) -> None:
    """Start all processes that disturb the storage; none where no condition wants it.

    Parameters
    ----------
    server
        The storage of the session.
    storage
        What its profile says.
    board
        Has the conditions and the seed.
    note
        Takes a span of each request, and of each pause, when it has ended: of kind ``read``, ``write`` or ``gc``.
    """
    conditions = board.conditions
    if conditions is None:
        return
    if conditions.flash_pauses is not None:
        note = _pausing(server, conditions.flash_pauses, board, note)
    for source in conditions.background_io:
        jitter = conditions.io_jitter if source.direction == "read" else None
        luck = lucks(board, jitter, f"io_jitter/{source.name}")
        requests = zip(due_ns(source, board), luck, strict=False)
        server.env.process(_requests(server, source, times_ns(source, storage), requests, note))


def times_ns(source: BackgroundIo, storage: Storage) -> tuple[int, ...]:
    """Return what a request of some background takes [ns] by how many are in service, (lanes,)."""
    if source.write is not None:
        return (source.write.latency - (-source.size * SECOND // source.write.bandwidth),) * storage.lanes
    return tuple(load_ns((source.size,), storage, depth) for depth in range(1, storage.lanes + 1))


def due_ns(source: BackgroundIo, board: Board) -> Iterator[int]:
    """Yield when the requests of some background are due [ns]; whatever happens, these are the same."""
    purpose, seed = f"background_io/{source.name}", source.seed
    gaps = draws_ns(board, seed, f"{purpose}/gap", source.gap)
    on: Iterator[Interval] = iter((_ALWAYS,))
    if source.burst is not None:
        off = draws_ns(board, seed, f"{purpose}/idle", source.burst.idle)
        on = periods(off, draws_ns(board, seed, f"{purpose}/active", source.burst.active))
    hours = Hours.model_construct(from_ns=source.begin, to_ns=source.end)
    return chain.from_iterable(_within(period, gaps, hours) for period in on)


def _within(period: Interval, gaps: Iterator[int], hours: Hours) -> Iterator[int]:
    """Yield the requests of a time in which they are made; the first comes a gap after its begin."""
    due, end = period
    for gap in gaps:
        due = in_hours(due, gap, hours)
        if due >= end:
            return
        yield due


def _requests(
    server: StorageServer,
    source: BackgroundIo,
    times: Sequence[int],
    requests: Iterator[tuple[int, float]],
    note: Note,
) -> Process:
    """Make the requests of one background, each when it is due and the one before is done."""
    env = server.env
    for due, luck in requests:
        if due > env.now:
            yield env.timeout(due - env.now)
        job = server.submit(times, source.size, source.priority, luck)
        yield job
        note(_span(source.name, source.direction, (job.start_ns, job.end_ns), source.size))


def _pausing(server: StorageServer, pauses: FlashPauses, board: Board, note: Note) -> Note:
    """Let the flash collect garbage, and return what takes the spans of the others' requests."""
    durations = draws_ns(board, pauses.seed, "flash_pauses/duration", pauses.duration)
    if pauses.gap is not None:
        gaps = draws_ns(board, pauses.seed, "flash_pauses/gap", pauses.gap)
        server.env.process(_pauses(server, gaps, durations, note))
        return note
    left = written = pauses.written or 0

    def count(span: Span) -> None:
        """Begin a pause when enough has been written; what is written during one counts for the next."""
        nonlocal left
        note(span)
        left -= span.bytes if span.kind == "write" else 0
        if left <= 0 and not server.paused:
            left += written
            server.pause()  # now: the process would begin after the next request
            server.env.process(_pause(server, next(durations), note))

    return count


def _pauses(server: StorageServer, gaps: Iterator[int], durations: Iterator[int], note: Note) -> Process:
    for gap, duration in zip(gaps, durations, strict=False):
        yield server.env.timeout(gap)
        server.pause()
        yield from _pause(server, duration, note)


def _pause(server: StorageServer, duration: int, note: Note) -> Process:
    """End a pause after some time."""
    start = server.env.now
    yield server.env.timeout(duration)
    server.resume()
    note(_span(FLASH, "gc", (start, server.env.now), 0))


def _span(name: str, kind: str, when: Interval, n_bytes: int) -> Span:
    return Span(BESIDE, name, LOADER, kind, _NO_LAYER, *when, n_bytes)
