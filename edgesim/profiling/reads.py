"""Time reads of one file as the pipeline's loader makes them: a program of its own, started by `flash`.

It takes an `Order` as one line of JSON on standard input, and writes lines of JSON to standard output: how it reads,
then the times of each visit to a point, at last what disturbed it.
"""

import gc
import json
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from random import Random

from edgesim.backends.real.reader import ALIGNMENT, Opened, open_file, read_exactly
from edgesim.host.disturbance import Disturbance, disturbance, snapshot, total
from edgesim.host.memory import shared_memory
from edgesim.host.placement import die_with_listener, die_with_parent, placed
from edgesim.spread import COLD, HOT

PAUSE_NS = 5_000_000
"""Idle time of the storage before a cold read."""
_VISIT_BYTES = 1 << 20
"""A visit to a point reads about as much, so that small requests have more samples."""
_MOST_READS = 8
_PROBES = 4

Visit = tuple[int, int, list[tuple[str, int]]]
"""Size [B], depth, and state and time [ns] of each read."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be read from an open file, and by whom.

    Every point, a size [B] at a depth, is visited once a round in random order, until all rounds are done or the time
    is over; the first round is always whole.
    """

    fd: int
    file_bytes: int
    sizes: Sequence[int]
    depths: Sequence[int]
    rounds: int
    seconds: float
    seed: int
    cpu: int | None
    parent: int


class Reading:
    """Reads at random places of a file to random places of memory."""

    def __init__(self, opened: Opened, file_bytes: int, most_bytes: int, random: Random) -> None:
        self.opened, self.random = opened, random
        self.file_bytes = file_bytes
        self.memory = shared_memory(most_bytes)  # as the loader has it
        self.arena = self.memory.view

    def reads(self, count: int, size: int, lane: int, lanes: int) -> list[tuple[int, memoryview]]:
        """Choose places for some reads of one of several lanes: offset in the file [B], and where the bytes go."""
        room = len(self.arena) // lanes
        offsets = [self._place(self.file_bytes, size) for _ in range(count)]
        starts = [lane * room + self._place(room, size) for _ in range(count)]
        return [(offset, self.arena[at : at + size]) for offset, at in zip(offsets, starts, strict=True)]

    def _place(self, room: int, size: int) -> int:
        return self.random.randrange((room - size) // ALIGNMENT + 1) * ALIGNMENT

    def alone(self, count: int, size: int) -> list[tuple[str, int]]:
        """Time one read after a pause, then some back to back."""
        reads = self.reads(count + 1, size, 0, 1)
        _idle(PAUSE_NS)
        times = self._back_to_back(reads)
        return [(HOT if number else COLD, end - start) for number, (start, end) in enumerate(pairwise(times))]

    def together(self, count: int, size: int, depth: int) -> list[tuple[str, int]]:
        """Time reads while as many as the depth are in service; first and last ones only keep the others company."""
        barrier = threading.Barrier(depth)
        found: list[tuple[int, int]] = []

        def lane(reads: list[tuple[int, memoryview]]) -> None:
            barrier.wait()
            found.extend(list(pairwise(self._back_to_back(reads)))[1:-1])

        lanes = [self.reads(count + 2, size, index, depth) for index in range(depth)]
        threads = [threading.Thread(target=lane, args=(reads,)) for reads in lanes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if len(found) < count * depth:
            raise OSError(0, "a read failed")
        return [(HOT, end - start) for start, end in found]

    def _back_to_back(self, reads: Sequence[tuple[int, memoryview]]) -> list[int]:
        times = [time.monotonic_ns()]
        for offset, buffer in reads:
            read_exactly(self.opened, [buffer], offset)
            times.append(time.monotonic_ns())
        return times


def _idle(ns: int) -> None:
    """Wait as the loader does, awake: only the storage rests."""
    until = time.monotonic_ns() + ns
    while time.monotonic_ns() < until:
        pass


def reads_of(size: int, depth: int) -> int:
    """Return how many reads of a lane are timed in a visit to a point."""
    return max(1, min(_MOST_READS, _VISIT_BYTES // size) // depth)


def round_bytes(sizes: Sequence[int], depths: Sequence[int]) -> int:
    """Return how much one round reads [B]."""
    return sum(size * depth * (reads_of(size, depth) + 1 + (depth > 1)) for size in sizes for depth in depths)


def affordable(sizes: Sequence[int], depths: Sequence[int], bytes_per_s: float, seconds: float) -> list[int]:
    """Return the sizes of which at least three rounds fit in the time; the largest are left out first."""
    kept = list(sizes)
    while len(kept) > 2 and 3 * round_bytes(kept, depths) > seconds * bytes_per_s:
        kept.pop()
    return kept


def visits(reading: Reading, order: Order, sizes: Sequence[int], lost: list[Disturbance]) -> Iterator[Visit]:
    """Visit every point in each round; yield what was timed, and note what disturbed reads that were alone.

    Of those side by side nothing could be told: they are on one CPU, and wait for each other.
    """
    began = time.monotonic()
    points = [(size, depth) for size in sizes for depth in order.depths]
    for number in range(order.rounds):
        reading.random.shuffle(points)
        for size, depth in points:
            if number and time.monotonic() - began > order.seconds:
                return
            count = reads_of(size, depth)
            if depth > 1:
                yield size, depth, reading.together(count, size, depth)
                continue
            before = snapshot([threading.get_native_id()])
            times = reading.alone(count, size)
            after = snapshot([threading.get_native_id()])
            lost.append(disturbance(before, after, None if order.cpu is None else [order.cpu]))
            yield size, depth, times


def main() -> None:
    """Do what standard input orders."""
    die_with_listener()
    if not (line := sys.stdin.readline()).endswith("\n"):  # the starter was killed before it said all
        return
    order = Order(**json.loads(line))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the starter is interrupted, too, and ends this process
    die_with_parent(order.parent)
    try:
        _measure(order)
    except OSError as error:
        _say({"error": error.strerror})


def _measure(order: Order) -> None:
    opened = open_file(Path(f"/proc/self/fd/{order.fd}"))
    reading = Reading(opened, order.file_bytes, max(order.sizes) * max(order.depths), Random(order.seed))
    gc.disable()
    sys.setswitchinterval(1e-4)  # as the loader has it: lanes are threads, none may keep the others from issuing
    with placed(order.cpu, realtime=True) as placement:
        size = min(_VISIT_BYTES, max(order.sizes))
        probe_ns = [ns for _, ns in reading.alone(_PROBES, size)]
        sizes = affordable(order.sizes, order.depths, size * len(probe_ns) / (sum(probe_ns) / 1e9), order.seconds)
        how = {"direct": opened.direct, "why_not": opened.why_not, "page_bytes": reading.memory.page_bytes}
        _say(how | {"sizes": sizes, "placement": asdict(placement)})
        lost: list[Disturbance] = []
        for visit in visits(reading, order, sizes, lost):
            _say(visit)
    _say({"disturbance": asdict(total(lost))})


def _say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
