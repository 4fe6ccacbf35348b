"""Schedules and peaks row by row, for numba: importing this compiles the loops, or loads what was compiled before."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from edgesim.batch.jobs import Jobs
from edgesim.batch.times import Peaks, Times
from edgesim.compiling import compiler
from edgesim.work import NEVER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgesim.batch.jobs import Flags, Integers

    _Ns2 = tuple[int, int]
    _Ns3 = tuple[int, int, int]

_compiled = compiler() or (lambda function: function)


class _Rows(NamedTuple):
    """The arrays of `Jobs` that the loops read."""

    loads: "Integers"
    layers: "Integers"
    lanes: "Integers"
    load_ns: "Integers"
    load_bytes: "Integers"
    buffer_bytes: "Integers"
    serves: "Flags"
    after: "Integers"
    freed_bytes: "Integers"
    working_bytes: "Integers"
    decompress_ns: "Integers"
    compute_ns: "Integers"
    decompress_after_wait_ns: "Integers"
    compute_after_wait_ns: "Integers"
    hand_off_ns: "Integers"
    overlap: "Flags"
    room_bytes: "Integers"


def schedules(jobs: Jobs) -> Times | None:
    """Return all times of N inferences; None where one of them is not legal."""
    by_load, by_layer = jobs.load_bytes.shape, jobs.compute_ns.shape
    times = Times(*(np.zeros(shape, np.int64) for shape in (*[by_load] * 4, *[by_layer] * 3)))
    return times if _schedules(_rows(jobs), times) else None


def peaks(jobs: Jobs, times: Times) -> Peaks:
    """Return what the buffers hold at their peak."""
    found = np.zeros((3, len(jobs)), np.int64)
    _peaks(_rows(jobs), Times(*map(_contiguous, times)), found)
    return Peaks(found[0], found[1], found[2] + jobs.held_bytes)


def _rows(jobs: Jobs) -> _Rows:
    return _Rows(*(_contiguous(getattr(jobs, name)) for name in _Rows._fields))


def _contiguous(values: "NDArray[Any]") -> "NDArray[Any]":
    return np.require(values, requirements=["C", "W"])  # one type for all: the loops are compiled once


@_compiled
def _schedules(jobs: _Rows, times: Times) -> bool:  # noqa: C901, PLR0915  (calls with arrays cost more)
    scratch = np.zeros((2, jobs.compute_ns.shape[1]), np.int64)
    needed, arrival, every_lane = scratch[0], scratch[1], np.zeros(jobs.load_ns.shape[1], np.int64)
    for job in range(len(jobs.loads)):
        loads, layers, free = jobs.loads[job], jobs.layers[job], every_lane[: jobs.lanes[job]]
        free[:] = 0
        scratch[:] = 0
        _need(jobs.serves[job, :loads, :layers], needed)
        room, ahead, hand_off = jobs.room_bytes[job], jobs.overlap[job], jobs.hand_off_ns[job]
        load = buffered = freed = now = started = before = 0
        for layer in range(layers):
            while load < needed[layer]:
                lane = np.argmin(free) if len(free) > 1 else 0
                asked, after = max(now, free[lane]), jobs.after[job, load]
                buffered += jobs.buffer_bytes[job, load]
                while buffered > room >= 0 and freed < layer:
                    buffered -= jobs.freed_bytes[job, freed]
                    freed += 1
                if buffered > room >= 0 or after >= layer:
                    return False
                roomy = max(asked, times.finish_ns[job, freed - 1]) if freed else asked
                now = roomy if after == NEVER else max(roomy, times.finish_ns[job, after])
                in_service = np.sum(free > now) if len(free) > 1 else 0
                done = free[lane] = now + jobs.load_ns[job, in_service, load]
                times.issued_ns[job, load], times.done_ns[job, load] = now, done
                times.blocked_ns[job, load], times.held_ns[job, load] = roomy - asked, now - roomy
                for served in range(layer, layers):
                    if jobs.serves[job, load, served]:
                        arrival[served] = max(arrival[served], done)
                load += 1
            usual = jobs.decompress_ns[job, layer], jobs.compute_ns[job, layer]
            late = jobs.decompress_after_wait_ns[job, layer], jobs.compute_after_wait_ns[job, layer]
            opened, started, before = _executed((arrival[layer], started, before), ahead, hand_off, usual, late)
            times.opened_ns[job, layer], times.start_ns[job, layer] = opened, started
            times.finish_ns[job, layer] = before
        for behind in (times.opened_ns, times.start_ns, times.finish_ns):
            behind[job, layers:] = before
        if load < loads:
            return False
    return True


@_compiled
def _need(serves: "Flags", needed: "Integers") -> None:
    """Count the loads that must have been issued until each layer can start; those of the layers before it aside."""
    for load in range(serves.shape[0]):
        for layer in range(serves.shape[1]):
            if serves[load, layer]:
                needed[layer] = load + 1


@_compiled
def _executed(since: "_Ns3", ahead: bool, hand_off: int, usual: "_Ns2", late: "_Ns2") -> "_Ns3":
    """Return when a layer is opened, started and computed.

    `since` is when its shards have arrived, and when the layer before it was started and computed; `usual` and `late`
    are what decompression and computation take.
    """
    ready, started, before = since
    if ahead:
        opened = max(ready, started)
        ready = opened + usual[0]
        start = ready + hand_off if ready > before else before
        return opened if usual[0] > 0 else start, start, start + (late[1] if ready > before else usual[1])
    if ready > before:
        return ready + hand_off, ready + hand_off, ready + hand_off + late[0] + late[1]
    return before, before, before + usual[0] + usual[1]


@_compiled
def _peaks(jobs: _Rows, times: Times, found: "Integers") -> None:
    """Go through the moments at which a load is issued or a layer is opened; see `edgesim.batch.peaks`."""
    for job in range(len(jobs.loads)):
        loads, layers = jobs.loads[job], jobs.layers[job]
        load = opened = finished = read = buffered = working = 0
        while load < loads or opened < layers:
            if opened == layers or (load < loads and times.issued_ns[job, load] <= times.opened_ns[job, opened]):
                now = times.issued_ns[job, load]
                read += jobs.load_bytes[job, load]
                buffered += jobs.buffer_bytes[job, load]
                load += 1
            else:
                now = times.opened_ns[job, opened]
                working += jobs.working_bytes[job, opened]
                opened += 1
            while finished < layers and times.finish_ns[job, finished] <= now:
                read -= jobs.freed_bytes[job, finished]
                buffered -= jobs.freed_bytes[job, finished]
                working -= jobs.working_bytes[job, finished]
                finished += 1
            found[0, job] = max(found[0, job], buffered)
            found[1, job] = max(found[1, job], working)
            found[2, job] = max(found[2, job], read + working)
