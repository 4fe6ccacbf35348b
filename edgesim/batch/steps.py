"""Schedules step by step, each step for all inferences at once, in numpy."""

from typing import TYPE_CHECKING

import numpy as np

from edgesim.batch.jobs import Jobs
from edgesim.batch.order import Order, layers_for_room, order_of
from edgesim.batch.times import Times

if TYPE_CHECKING:
    from edgesim.batch.jobs import Flags, Integers

_NEVER_FREE = np.iinfo(np.int64).max


def schedules(jobs: Jobs) -> Times | None:
    """Return all times of N inferences; None where one of them is not legal."""
    order = order_of(jobs)
    loader, executor = _Loader(jobs, order), _Executor(jobs)
    if not loader.ends or np.any(order.issued != jobs.loads):
        return None
    serves = order.flags(jobs.serves)
    some: Flags = np.any(serves, axis=0)
    every: Flags = np.all(serves, axis=0)
    arrival = np.zeros((serves.shape[2], len(jobs)), np.int64)
    for layer, (first, end) in enumerate(zip(order.bounds, order.bounds[1:], strict=False)):
        for step in range(first, end):
            done = loader.issue(step, executor.finish)
            for served in np.flatnonzero(some[step]):
                late = done if every[step, served] else done * serves[:, step, served]
                np.maximum(arrival[served], late, out=arrival[served])
        executor.execute(layer, arrival[layer])
    loads = (loader.issued, loader.done, loader.roomy - loader.asked, loader.issued - loader.roomy)
    layers = (executor.opened, executor.start[1:], executor.finish[1:])
    return Times(*(order.loads(times, jobs.serves.shape[1]) for times in loads), *(times.T for times in layers))


class _Loader:
    """The loaders of all jobs; `asked` is when a lane was free for a load, `roomy` when the load buffer had room."""

    def __init__(self, jobs: Jobs, order: Order) -> None:
        lanes = jobs.load_ns.shape[1]
        steps = order.bounds[-1]
        self._load_ns = np.empty((lanes, steps, len(jobs)), np.int64)
        for lane, times in enumerate(self._load_ns):
            times[:] = order.steps(jobs.load_ns[:, lane])
        self.asked, self.roomy, self.issued, self.done = np.zeros((4, steps, len(jobs)), np.int64)
        self._room, self._after = (order.steps(layers) for layers in (layers_for_room(jobs), jobs.after + 1))
        self.ends = _ends(order, np.maximum(self._room, self._after))
        self._bounded: list[bool] = np.any(self._room, axis=1).tolist()
        self._held: list[bool] = np.any(self._after, axis=1).tolist()
        self._free = np.where(np.arange(lanes)[:, None] < jobs.lanes, 0, _NEVER_FREE)
        self._unused = lanes - jobs.lanes
        self._job = np.arange(len(jobs))
        self._now = np.zeros(len(jobs), np.int64)

    def issue(self, step: int, finish: "Integers") -> "Integers":
        """Issue the next load of all jobs when it may be, and return when it is done, (N,)."""
        several = len(self._free) > 1
        lane = self._free.argmin(axis=0) if several else 0
        now = self.asked[step] = np.maximum(self._now, self._free[lane, self._job])
        if self._bounded[step]:
            now = np.maximum(now, finish[self._room[step], self._job])
        self.roomy[step] = now
        if self._held[step]:
            now = np.maximum(now, finish[self._after[step], self._job])
        self.issued[step] = self._now = now
        in_service = (self._free > now).sum(axis=0) - self._unused if several else 0
        done: Integers = now + self._load_ns[in_service, step, self._job]
        self._free[lane, self._job] = self.done[step] = done
        return done


def _ends(order: Order, layers: "Integers") -> bool:
    """Tell whether no load waits for as many layers as those that need it."""
    parts = zip(order.bounds, order.bounds[1:], strict=False)
    return all(np.all(layers[first:end] <= layer) for layer, (first, end) in enumerate(parts))


class _Executor:
    """The executors of all jobs; the first row of `start` and `finish` is the beginning."""

    def __init__(self, jobs: Jobs) -> None:
        layers = jobs.compute_ns.shape[1]
        ahead = jobs.overlap[:, None]
        self._ahead: Flags | None = jobs.overlap if jobs.overlap.any() else None
        self._unpack = np.ascontiguousarray(jobs.decompress_ns.T)
        usual = jobs.compute_ns + np.where(ahead, 0, jobs.decompress_ns)
        late = jobs.compute_after_wait_ns + np.where(ahead, 0, jobs.decompress_after_wait_ns)
        self._usual, self._late = np.ascontiguousarray(usual.T), np.ascontiguousarray(late.T)
        self._hand_off = jobs.hand_off_ns
        self.start, self.finish = np.zeros((2, layers + 1, len(jobs)), np.int64)
        self.opened = np.zeros((layers, len(jobs)), np.int64)

    def execute(self, layer: int, ready: "Integers") -> None:
        """Execute the next layer of all jobs, whose shards have arrived at some time, (N,)."""
        before = self.finish[layer]
        if self._ahead is not None:
            begun = np.maximum(ready, self.start[layer])
            ready = np.where(self._ahead, begun + self._unpack[layer], ready)
        waits = ready > before
        start = np.where(waits, ready + self._hand_off, before)
        self.start[layer + 1] = self.opened[layer] = start
        self.finish[layer + 1] = start + np.where(waits, self._late[layer], self._usual[layer])
        if self._ahead is not None:
            np.copyto(self.opened[layer], begun, where=self._ahead & (self._unpack[layer] > 0))
