"""Plan -> finish times in closed form: the same answer as the event simulation, reached another way.

With ample buffer and one lane, ``C_k = max(C_{k-1}, L_k) + c_k``: layer k starts when layer k-1 has finished and its
shards have arrived. `schedule` adds bounded buffers, loads held back, several lanes and overlapped decompression for
one plan; `finish_times` evaluates many plans of one load per layer at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from edgesim.work import NEVER, Work

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Times = NDArray[np.int64]


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
            if work.overlap:
                unpacked = max(self.arrival[k], started) + work.decompress_ns[k]
                start, busy = max(before, unpacked), work.compute_ns[k]
            else:
                start, busy = max(before, self.arrival[k]), work.decompress_ns[k] + work.compute_ns[k]
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
    layers: Sequence[tuple[int, int, int]],
    load_buffer_bytes: int | None = None,
) -> int | None:
    """Makespan of one inference with one lane and nothing held back, for planners that ask thousands of times.

    Parameters
    ----------
    loads
        Time [ns] and load-buffer bytes of each load, (K, 2).
    layers
        Executor time [ns], number of loads that must be done before the layer starts, and load-buffer bytes freed
        at its end, (n, 3).
    load_buffer_bytes
        Room of the load buffer [B]; None is unlimited.

    Returns
    -------
    int or None
        The makespan [ns]; None where the inference would wait for itself.
    """
    room = float("inf") if load_buffer_bytes is None else load_buffer_bytes
    loaded = computed = buffered = issued = freed = 0
    finish: list[int] = []
    for duration, needed, _ in layers:
        while issued < needed:
            load, n_bytes = loads[issued]
            buffered += n_bytes
            while buffered > room:
                if freed == len(finish):
                    return None
                loaded = max(loaded, finish[freed])
                buffered -= layers[freed][2]
                freed += 1
            loaded += load
            issued += 1
        computed = (loaded if loaded > computed else computed) + duration
        finish.append(computed)
    return computed


def finish_times(
    load_ns: "Times",
    layer_ns: "Times",
    buffer_bytes: "Times | None" = None,
    load_buffer_bytes: int | None = None,
) -> "Times":
    """Finish time of every layer of many plans at once: one lane, one load per layer in order, 0 ns for none.

    Parameters
    ----------
    load_ns, layer_ns
        Times [ns], (N, n).
    buffer_bytes
        Load-buffer bytes of each load, (N, n); needed where the buffer is bounded.
    load_buffer_bytes
        Room of the load buffer [B]; None is unlimited.

    Returns
    -------
    ndarray
        Finish times [ns], (N, n), int64.

    Raises
    ------
    ValueError
        If shapes differ, or one load exceeds the buffer.
    """
    import numpy as np

    load, layer = np.asarray(load_ns, np.int64), np.asarray(layer_ns, np.int64)
    if load.ndim != 2 or load.shape != layer.shape:
        raise ValueError(f"load_ns and layer_ns must have one shape (N, n), got {load.shape} and {layer.shape}")
    finish = np.empty(load.shape[::-1], np.int64)  # a layer's times lie side by side: twice as fast
    loads, layers = np.ascontiguousarray(load.T), np.ascontiguousarray(layer.T)
    filled = _filled(buffer_bytes, load_buffer_bytes, load.shape)
    loaded, computed = np.zeros((2, load.shape[0]), np.int64)
    for k in range(len(finish)):
        if filled is not None and load_buffer_bytes is not None and k:
            _wait_for_room(loaded, finish[:k], filled[: k + 1], load_buffer_bytes)
        loaded += loads[k]
        np.maximum(computed, loaded, out=computed)
        computed += layers[k]
        finish[k] = computed
    return finish.T


def _wait_for_room(loaded: "Times", finish: "Times", filled: "Times", room: int) -> None:
    """Put off the next load of each plan until the first layer whose end leaves room for it."""
    import numpy as np

    waits_for = (filled[:-1] < filled[-1] - room).sum(axis=0)
    ends = np.take_along_axis(finish, waits_for[None], axis=0)[0]
    np.maximum(loaded, ends, out=loaded, where=filled[-1] > room)


def _filled(buffer_bytes: "Times | None", room: int | None, shape: tuple[int, ...]) -> "Times | None":
    if room is None:
        return None
    import numpy as np

    if buffer_bytes is None or np.shape(buffer_bytes) != shape:
        raise ValueError(f"a bounded load buffer needs buffer_bytes of shape {shape}")
    if np.max(buffer_bytes) > room:
        raise ValueError(f"a load of {np.max(buffer_bytes)} B exceeds the load buffer of {room} B")
    return np.cumsum(np.asarray(buffer_bytes, np.int64).T, axis=0)
