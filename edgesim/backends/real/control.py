"""What loader and executor share while they run: a few 64-bit words, written by one side and watched by the other.

A word is written whole, by one store of 8 aligned bytes; a load's `END` is written after its bytes have arrived. The
notes are times of `time.monotonic_ns`, the clock that all processes of a system have in common.
"""

import time
from collections.abc import Iterator
from itertools import chain, repeat
from typing import NamedTuple

GO, FINISHED, FAILED = range(3)
"""Number of the inference that runs (`STOP` ends it), its finished layers, and whether the loader gave up."""
STOP = -1
_HEADER, _ROW = 8, 5
BLOCKED, HELD, START, END, LANE = range(_ROW)
"""Notes of each load: since when it waited for room, since when for a layer, its start and end [ns], and its lane."""
WORD = 8
now = time.monotonic_ns


class Notes(NamedTuple):
    """When one load waited, started and ended [ns]; 0 where it did not wait."""

    blocked_ns: int
    held_ns: int
    start_ns: int
    end_ns: int
    lane: int


def control_bytes(loads: int) -> int:
    """Return the size of the words for so many loads [B]."""
    return WORD * (_HEADER + _ROW * loads)


def row(load: int) -> int:
    """Return the place of a load's first note."""
    return _HEADER + _ROW * load


def clear(words: memoryview, loads: int) -> None:
    """Forget an inference before the next one."""
    for place in (FINISHED, FAILED, *range(row(0), row(loads))):
        words[place] = 0


def notes(words: memoryview, loads: int) -> Iterator[Notes]:
    """Yield what was noted of each load."""
    for load in range(loads):
        yield Notes(*words[row(load) : row(load + 1)])


def pauses() -> Iterator[float]:
    """Yield how long to sleep between two rounds of looks at a word [s], for ever.

    At real-time priority looking keeps all others from the processor, the kernel's own threads that finish a read among
    them; a wait that lasts is no longer looked at all the time.
    """
    return chain(repeat(1e-6, 1000), repeat(5e-4))
