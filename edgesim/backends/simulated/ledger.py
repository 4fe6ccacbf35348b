"""Who holds how much of a memory, how long too little was free, and who is killed then."""

from typing import NamedTuple

from edgesim.backends.simulated.clock import Clock
from edgesim.eviction import Process, victims
from edgesim.pressure import MemoryPressure


class MemoryUse(NamedTuple):
    """What became of a memory until now."""

    launches: int
    """Of other apps; those that were refused and those before the session are among them."""
    refused: int
    """Launches for which there was no room, although everybody was killed who may be."""
    closed: int
    """Other apps that ended as the oldest of too many."""
    evicted_apps: int
    evicted_others: int
    overcommits: int
    """Claims that grew beyond all there is, and were granted."""
    lowest_free_bytes: int
    """The least that was free once the kills were done; negative after an overcommit."""
    below_ns: dict[int, int]
    """How long less was free than each watermark, by its oom_score_adj."""


class Ledger:
    """Processes and what they hold, at the time of a clock.

    Parameters
    ----------
    env
        The session's clock.
    pressure
        What the scenario says, with `for_apps` (see `edgesim.pressure.sized`).

    Raises
    ------
    ValueError
        If the pressure does not say how much memory there is.
    """

    __slots__ = ("_below_ns", "_calm_bytes", "_env", "_held", "_levels", "_since", "free_bytes")

    def __init__(self, env: Clock, pressure: MemoryPressure) -> None:
        if pressure.for_apps is None:
            raise ValueError("a memory needs 'for_apps'; take edgesim.pressure.sized")
        self._env, self._since = env, env.now
        self._levels = pressure.levels
        self._calm_bytes = max((size for _, size in self._levels), default=0)
        self._below_ns = dict.fromkeys((adj for adj, _ in self._levels), 0)
        self._held: dict[str, Process] = {}
        self.free_bytes = pressure.for_apps

    def __contains__(self, name: str) -> bool:
        """Say whether a process is alive."""
        return name in self._held

    @property
    def below_ns(self) -> dict[int, int]:
        """How long less was free than each watermark until now [ns], by its oom_score_adj."""
        self._change(0)
        return dict(self._below_ns)

    def holds(self, name: str) -> int:
        """Return what a process holds [B]; 0 where it is not alive."""
        return self._held[name].n_bytes if name in self._held else 0

    def put(self, process: Process) -> None:
        """Let a process hold from now on what it says, instead of what it held."""
        self._change(self.holds(process.name) - process.n_bytes)
        self._held[process.name] = process

    def score(self, name: str, adj: int) -> None:
        """Give a process another oom_score_adj."""
        self._held[name] = self._held[name]._replace(adj=adj)

    def drop(self, name: str) -> Process:
        """End a process; return what it was."""
        process = self._held.pop(name)
        self._change(process.n_bytes)
        return process

    def relieve(self) -> list[Process]:
        """End all whom the system kills now; return them in that order."""
        if self.free_bytes >= self._calm_bytes:
            return []
        return [self.drop(name) for name in victims(self._held.values(), self.free_bytes, self._levels)]

    def _change(self, n_bytes: int) -> None:
        """Let so much become free; until now it was what it was."""
        elapsed = self._env.now - self._since
        if elapsed and self.free_bytes < self._calm_bytes:
            for adj, size in self._levels:
                self._below_ns[adj] += elapsed * (self.free_bytes < size)
        self._since = self._env.now
        self.free_bytes += n_bytes
