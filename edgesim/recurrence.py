"""Plan -> finish times in closed form: the same answer as the event simulation, reached another way.

With ample buffer and one lane, ``C_k = max(C_{k-1}, L_k) + c_k``: layer k starts when layer k-1 has finished and its
shards have arrived. `schedule` adds bounded buffers, loads held back, several lanes and overlapped decompression for
one plan; `edgesim.batch` does so for many plans at once.

Where the device was measured for it, an executor that had to wait notices the shards a hand-off h late, and takes
c'_k >= c_k for that layer: ``C_k = C_{k-1} + c_k if L_k <= C_{k-1} else L_k + h + c'_k``. This never falls when L_k
grows, but it does when C_{k-1} grows past L_k: who comes later does not wait. Faster storage may then lengthen a plan,
though by no more than the sum of ``h + c'_k - c_k``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush

from edgesim.work import NEVER, Work


@dataclass(frozen=True, slots=True)
class Schedule:
    """When each of K loads is issued and done, and each of n layers starts and finishes [ns]."""

    issued_ns: tuple[int, ...]
    done_ns: tuple[int, ...]
    start_ns: tuple[int, ...]
    finish_ns: tuple[int, ...]


@dataclass(slots=True)
class _Layers:
    """Layers computed so far, in order; each as late as its shards and the layer before it demand."""

    work: Work
    arrival: list[int]
    start: list[int] = field(default_factory=list)
    finish: list[int] = field(default_factory=list)

    def finished(self, layer: int) -> int:
        """Return when a layer finishes; every load that it needs must have been issued."""
        work = self.work
        for k in range(len(self.finish), layer + 1):
            before, started = (self.finish[-1], self.start[-1]) if k else (0, 0)
            ready, unpack, late_unpack = self.arrival[k], work.decompress_ns[k], work.decompress_after_wait_ns[k]
            if work.overlap:
                ready, unpack, late_unpack = max(ready, started) + unpack, 0, 0
            if ready > before:
                start, busy = ready + work.hand_off_ns, late_unpack + work.compute_after_wait_ns[k]
            else:
                start, busy = before, unpack + work.compute_ns[k]
            self.start.append(start)
            self.finish.append(start + busy)
        return self.finish[layer]


def schedule(work: Work, load_buffer_bytes: int | None = None) -> Schedule:
    """Return all times of one inference.

    Parameters
    ----------
    work
        What is read and computed; it must be legal (`edgesim.rules`).
    load_buffer_bytes
        Room of the load buffer [B]; None is unlimited.

    Notes
    -----
    A load is issued when the load before it has been issued, a lane is free, the layers whose bytes it needs have
    finished, and so has the layer it is held back for.
    """
    layers = _Layers(work, [0] * len(work.compute_ns))
    issued: list[int] = []
    done: list[int] = []
    lanes: list[int] = []
    now, buffered, freed = 0, 0, 0
    for index, n_bytes in enumerate(work.buffer_bytes):
        if len(lanes) == len(work.load_ns):
            now = max(now, heappop(lanes))
        while load_buffer_bytes is not None and buffered + n_bytes > load_buffer_bytes:
            now = max(now, layers.finished(freed))
            buffered -= work.freed_bytes[freed]
            freed += 1
        if work.after[index] != NEVER:
            now = max(now, layers.finished(work.after[index]))
        buffered += n_bytes
        end = now + work.load_ns[sum(free > now for free in lanes)][index]
        heappush(lanes, end)
        issued.append(now)
        done.append(end)
        for layer in work.load_layers[index]:
            layers.arrival[layer] = max(layers.arrival[layer], end)
    layers.finished(len(work.compute_ns) - 1)
    return Schedule(tuple(issued), tuple(done), tuple(layers.start), tuple(layers.finish))


def makespan_ns(work: Work, load_buffer_bytes: int | None = None) -> int:
    """Return the time from the start of one inference to its end [ns]."""
    return schedule(work, load_buffer_bytes).finish_ns[-1]


def pipeline_ns(
    loads: Sequence[tuple[int, int]],
    layers: Sequence[tuple[int, int, int, int]],
    load_buffer_bytes: int | None = None,
    ahead_ns: Sequence[int] = (),
    hand_off_ns: int = 0,
) -> int | None:
    """Makespan of one inference with one lane and nothing held back, for planners that ask thousands of times.

    Parameters
    ----------
    loads
        Time [ns] and load-buffer bytes of each load, (K, 2).
    layers
        Executor time [ns], the same after a wait with its hand-off, number of loads that must be done before the layer
        starts, and load-buffer bytes freed at its end, (n, 4).
    load_buffer_bytes
        Room of the load buffer [B]; None is unlimited.
    ahead_ns
        Time of each layer's decompression [ns], (n,), where it has a lane of its own, one layer ahead.
    hand_off_ns
        Part of the time after a wait before the layer starts; it matters for decompression ahead only.

    Returns
    -------
    int or None
        The makespan [ns]; None where the inference would wait for itself.
    """
    room = float("inf") if load_buffer_bytes is None else load_buffer_bytes
    loaded = started = computed = buffered = issued = freed = 0
    finish: list[int] = []
    for usual, late, needed, _ in layers:
        while issued < needed:
            load, n_bytes = loads[issued]
            buffered += n_bytes
            while buffered > room:
                if freed == len(finish):
                    return None
                loaded = max(loaded, finish[freed])
                buffered -= layers[freed][3]
                freed += 1
            loaded += load
            issued += 1
        if ahead_ns:
            unpacked = max(loaded, started) + ahead_ns[len(finish)]
            started = unpacked + hand_off_ns if unpacked > computed else computed
            computed = unpacked + late if unpacked > computed else computed + usual
        else:
            computed = loaded + late if loaded > computed else computed + usual
        finish.append(computed)
    return computed
