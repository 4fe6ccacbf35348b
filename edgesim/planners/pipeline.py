"""A draft as the recurrence takes it, for where valid budgets alone do not tell whether a plan ends in time."""

from collections.abc import Iterable
from operator import getitem

from edgesim.planners.frame import Frame
from edgesim.planners.refusals import too_large, too_late
from edgesim.recurrence import pipeline_ns


def requests(frame: Frame, held: int) -> list[tuple[int, int]]:
    """Return the first shard that each request brings, and the one behind its last; `held` shards are preloaded."""
    step, every = frame.shards_a_load, len(frame.names)
    return [(max(start, held), min(start + step, every)) for start in range(0, every, step)]


class Pipeline:
    """Requests and layers of a draft.

    Parameters
    ----------
    frame
        The submodel.
    bits
        Bitwidth of each shard, (n * m,): the draft's own list, which changes.
    held
        Number of shards, from the first on, that are preloaded.
    loaded_bytes
        Bytes of each layer that are not preloaded, (n,).
    """

    def __init__(self, frame: Frame, bits: list[int], held: int, loaded_bytes: Iterable[int]) -> None:
        self.frame, self.bits, self.m = frame, bits, len(frame.slices[0])
        self.read, self.durations, self.room = frame.prices.read, frame.durations, frame.load_buffer_bytes
        self.spans = requests(frame, held)
        self.wakes = next((index for index, (start, stop) in enumerate(self.spans) if start < stop), None)
        self.loads = self._loads()
        usual, late = frame.durations.busy(bits[: self.m])
        rows = zip(self._needed(held), loaded_bytes, strict=True)
        self.layers = [(usual, late, needed, n_bytes) for needed, n_bytes in rows]
        self.ahead: list[int] = []
        if frame.durations.exact:
            self.ahead = [0] * len(self.layers) if frame.durations.ahead else []
            for layer in range(len(self.layers)):
                self._time_again(layer)

    def _loads(self) -> list[tuple[int, int]]:
        """Return time [ns] and bytes of each request, as `pipeline_ns` takes them."""
        sizes = list(map(getitem, self.frame.prices.size, self.bits))
        n_bytes = [sum(sizes[start:stop]) for start, stop in self.spans]
        return [(self._request_ns(index, total), total) for index, total in enumerate(n_bytes)]

    def _request_ns(self, index: int, n_bytes: int) -> int:
        """Return the time of one request [ns]; the first that brings anything wakes the storage."""
        start, stop = self.spans[index]
        wakes = self.frame.wakes_ns if index == self.wakes else 0
        return wakes + self.read(n_bytes, self.bits, start, stop)

    def _needed(self, held: int) -> list[int]:
        """Return how many requests must be done before each layer starts, (n,)."""
        last_shards = range(self.m - 1, len(self.bits), self.m)
        return [last // self.frame.shards_a_load + 1 if last >= held else 0 for last in last_shards]

    def grows(self, shard: int, n_bytes: int) -> bool:
        """Let a shard grow to its new bitwidth, and take that back if the plan would then end too late."""
        index, layer = shard // self.frame.shards_a_load, shard // self.m
        load, row, ahead = self.loads[index], self.layers[layer], self.ahead
        total, (usual, late, needed, freed) = load[1] + n_bytes, row
        self.loads[index] = (self._request_ns(index, total), total)
        self.layers[layer] = (usual, late, needed, freed + n_bytes)
        if self.durations.exact:
            self._time_again(layer)
        if self.in_time():
            return True
        self.loads[index], self.layers[layer], self.ahead = load, row, ahead
        return False

    def _time_again(self, layer: int) -> None:
        """Tell how long a layer takes at its new bitwidths."""
        bits = self.bits[layer * self.m : (layer + 1) * self.m]
        self.layers[layer] = (*self.durations.of(layer, bits), *self.layers[layer][2:])
        if self.durations.ahead:
            self.ahead = [*self.ahead[:layer], self.durations.ahead(bits), *self.ahead[layer + 1 :]]

    def in_time(self) -> bool:
        """Tell whether the plan meets the target under the recurrence."""
        time = self._makespan_ns()
        return time is not None and time <= self.frame.target_ns

    def _makespan_ns(self) -> int | None:
        return pipeline_ns(self.loads, self.layers, self.room, self.ahead, self.durations.hand_off_ns)

    def obstacle(self) -> str:
        """Say why the plan, though its budgets are valid, does not hold under the recurrence."""
        time = self._makespan_ns()
        if time is None:
            return too_large(max(n_bytes for _, n_bytes in self.loads), self.room or 0)
        return too_late(time - self.frame.target_ns)
