"""In which order the loads of many jobs are issued, step by step for all: before any time is known."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from edgesim.batch.jobs import UNLIMITED, Jobs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from edgesim.batch.jobs import Flags, Integers


@dataclass(frozen=True, slots=True)
class Order:
    """S steps in each of which every one of N jobs issues one load or none; layers in between.

    Parameters
    ----------
    bounds
        Before layer k, the steps from the k-th bound to the next one are made, (n + 1,).
    load
        Which load each job issues in each step, (S, N), K where it issues none. None stands for one load a step in all
        jobs, in their order.
    issued
        How many loads each job has issued in the end, (N,).
    """

    bounds: "Sequence[int]"
    load: "NDArray[np.intp] | None"
    issued: "NDArray[np.intp]"

    def steps(self, by_load: "Integers") -> "Integers":
        """Return what belongs to the load of each step, (S, N), of what belongs to each load, (N, K); 0 for none."""
        if self.load is None:
            return np.ascontiguousarray(by_load.T[: self.bounds[-1]])
        padded = np.zeros((by_load.shape[1] + 1, len(by_load)), np.int64)
        padded[:-1] = by_load.T
        return np.take_along_axis(padded, self.load, axis=0)

    def flags(self, serves: "Flags") -> "Flags":
        """Return which layers the load of each step serves, (N, S, n)."""
        if self.load is None:
            return serves[:, : self.bounds[-1]]
        padded = np.concatenate([serves, np.zeros((len(serves), 1, serves.shape[2]), np.bool_)], axis=1)
        return np.take_along_axis(padded, self.load.T[:, :, None], axis=1)

    def loads(self, by_step: "Integers", most: int) -> "Integers":
        """Return what belongs to each load, (N, K), of what belongs to each step, (S, N); 0 behind the last load."""
        found = np.zeros((most + 1, by_step.shape[1]), np.int64)
        if self.load is None:
            found[: len(by_step)] = by_step
        else:
            np.put_along_axis(found, self.load, by_step, axis=0)
        return found[:-1].T


def order_of(jobs: Jobs) -> Order:
    """Return how the loads of all jobs are issued: for each layer those that it needs, and those in front of them."""
    issued = _needed(jobs)  # before the first layer none, in the end all
    bounds = [0, *np.cumsum((issued[1:] - issued[:-1]).max(axis=1, initial=0)).tolist()]
    if np.all(np.array(bounds)[:, None] == issued):
        return Order(bounds, None, issued[-1])
    load = np.full((bounds[-1], len(jobs)), jobs.serves.shape[1], np.intp)
    for first, end, before, after in zip(bounds, bounds[1:], issued, issued[1:], strict=False):
        own = before + np.arange(end - first)[:, None]
        np.copyto(load[first:end], own, where=own < after)
    return Order(bounds, load, issued[-1])


def _needed(jobs: Jobs) -> "NDArray[np.intp]":
    """Return how many loads must have been issued until each layer can start, (n + 1, N), and before that none."""
    place = np.arange(1, jobs.serves.shape[1] + 1, dtype=np.int32)
    found = np.zeros((jobs.serves.shape[2] + 1, len(jobs)), np.intp)
    for layer, before in enumerate(found[:-1]):
        last = (jobs.serves[:, :, layer] * place).max(axis=1, initial=0)
        np.maximum(before, last, out=found[layer + 1])
    return found


def layers_for_room(jobs: Jobs) -> "Integers":
    """Return how many layers must have finished until the load buffer has room for each load, (N, K).

    That depends on bytes alone: what has been issued must not exceed what has been freed by more than the room.
    """
    layers = np.zeros(jobs.buffer_bytes.shape, np.int64)
    bounded = np.flatnonzero(jobs.room_bytes != UNLIMITED)
    if len(bounded):
        wanted = np.cumsum(jobs.buffer_bytes[bounded].T, axis=0) - jobs.room_bytes[bounded]
        least = (wanted > 0).astype(np.int64)
        for freed in np.cumsum(jobs.freed_bytes[bounded].T, axis=0):
            least += wanted > freed
        layers[bounded] = least.T
    return layers
