"""The device's memory in a session: what apps claim, others that come and go, and kills when little is free."""

from collections import Counter
from collections.abc import Callable, Generator, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from simpy import Event

from edgesim.backends.simulated.clock import Clock
from edgesim.backends.simulated.ledger import Ledger, MemoryUse
from edgesim.chance import durations_ns, numbers
from edgesim.eviction import Process
from edgesim.pressure import MemoryPressure, OtherApps

if TYPE_CHECKING:
    from numpy import random

LAUNCHED, REFUSED, CLOSED, EVICTED, OVERCOMMITTED = "launched", "refused", "closed", "evicted", "overcommitted"
Note = Callable[[str, str, int], None]
"""Takes what happened (`LAUNCHED` and so on), to whom, and how many bytes: those held, or those that there are not."""
Visits = Iterator[tuple[int, int, int]]
"""Gap before a launch [ns], memory [B], and time in front [ns] of one app after the other."""


class DeviceMemory:
    """Memory that simulated and other apps share; kills take no time.

    When and how large others are launched is drawn apart from what happens: the same generator gives the same launches,
    whatever the apps do and whoever is killed. A launch is refused rather than leave less than nothing; a claim of a
    simulated app is always granted. `evicted` and `note` may look at the memory; they must not claim or release.

    Parameters
    ----------
    env
        The session's clock.
    pressure
        What the scenario says, with `for_apps` (see `edgesim.pressure.sized`).
    generator
        Where others' launches are drawn from; only its children are.
    evicted
        Called with the name of each simulated app that was killed, once it holds nothing any more.
    note
        Called with everything that happens, when it does.

    Raises
    ------
    ValueError
        If the pressure does not say how much memory there is.
    """

    def __init__(
        self,
        env: Clock,
        pressure: MemoryPressure,
        generator: "random.Generator",
        evicted: Callable[[str], None],
        note: Note,
    ) -> None:
        self._env, self._evicted, self._note = env, evicted, note
        self._ledger = Ledger(env, pressure)
        self._others: dict[str, None] = {}  # the oldest first
        self._front = ""
        self._counts = Counter[str]()
        self._lowest = self._ledger.free_bytes
        if pressure.others is not None:
            visits = _visits(pressure.others, generator)
            for _, n_bytes, _ in islice(visits, pressure.others.at_start):
                self._launch(pressure.others, n_bytes)
            self._leave(pressure.others)
            env.process(self._come(pressure.others, visits))

    @property
    def free_bytes(self) -> int:
        """What nobody holds [B]; negative, where apps claimed more than there is."""
        return self._ledger.free_bytes

    @property
    def use(self) -> MemoryUse:
        """What became of the memory until now."""
        return MemoryUse(
            launches=self._counts[LAUNCHED] + self._counts[REFUSED],
            refused=self._counts[REFUSED],
            closed=self._counts[CLOSED],
            evicted_apps=self._counts["apps"],
            evicted_others=self._counts[EVICTED] - self._counts["apps"],
            overcommits=self._counts[OVERCOMMITTED],
            lowest_free_bytes=self._lowest,
            below_ns=self._ledger.below_ns,
        )

    def holds(self, name: str) -> int:
        """Return what an app holds now [B]: 0 if it has not claimed anything yet, was released, or was killed."""
        return self._ledger.holds(name)

    def claim(self, name: str, n_bytes: int, adj: int, killable: bool) -> None:
        """Set what a simulated app holds from now on, and how dispensable it is.

        Whoever is due dies at once: others, and the app itself where it is killable and its turn comes.

        Parameters
        ----------
        name
            The app.
        n_bytes
            All that it holds [B], more or less than before.
        adj
            Its oom_score_adj.
        killable
            Whether it may be killed: not while it serves.

        Raises
        ------
        ValueError
            If it is to hold less than nothing.
        """
        if n_bytes < 0:
            raise ValueError(f"{name} cannot hold {n_bytes} B")
        grows = n_bytes > self.holds(name)
        self._ledger.put(Process(name, n_bytes, adj, killable))
        self._mourn(self._ledger.relieve())
        if grows and self.free_bytes < 0:
            self._happens(OVERCOMMITTED, name, -self.free_bytes)

    def release(self, name: str) -> None:
        """Let a simulated app end, if it is alive."""
        if name in self._ledger:
            self._ledger.drop(name)

    def _come(self, others: OtherApps, visits: Visits) -> Generator[Event, Any, None]:
        """Launch one app after the other; who is in front leaves when its time is over, or when another comes."""
        env, stay = self._env, 0
        for gap, n_bytes, next_stay in visits:
            launch_ns = env.now + gap
            if self._front and stay < gap:
                yield env.timeout(stay)
                self._leave(others)
            yield env.timeout(launch_ns - env.now)
            self._launch(others, n_bytes)
            stay = next_stay

    def _launch(self, others: OtherApps, n_bytes: int) -> None:
        """Bring another app to the front, if it survives that and not less than nothing is left."""
        self._leave(others)
        if len(self._others) >= others.most:
            closed = self._ledger.drop(oldest := next(iter(self._others)))
            del self._others[oldest]
            self._happens(CLOSED, oldest, closed.n_bytes)
        name = f"other {self._counts[LAUNCHED] + self._counts[REFUSED] + 1}"  # no name of an app has a space
        self._ledger.put(Process(name, n_bytes, others.front_adj))
        killed = self._ledger.relieve()
        if self.free_bytes < 0 and name in self._ledger:
            self._ledger.drop(name)
        self._mourn([process for process in killed if process.name != name])
        if name not in self._ledger:
            self._happens(REFUSED, name, n_bytes)
            return
        self._others[name], self._front = None, name
        self._happens(LAUNCHED, name, n_bytes)

    def _leave(self, others: OtherApps) -> None:
        """Send who is in front to the back: cached, with all that it holds."""
        if self._front:
            self._ledger.score(self._front, others.cached_adj)
            self._front = ""
            self._mourn(self._ledger.relieve())

    def _mourn(self, killed: list[Process]) -> None:
        """Tell of the dead; whoever is told finds everybody gone."""
        self._lowest = min(self._lowest, self.free_bytes)
        for name, n_bytes, *_ in killed:
            ours = name not in self._others
            self._others.pop(name, None)
            self._front = "" if name == self._front else self._front
            self._happens(EVICTED, name, n_bytes)
            if ours:
                self._counts["apps"] += 1
                self._evicted(name)

    def _happens(self, what: str, name: str, n_bytes: int) -> None:
        self._counts[what] += 1
        self._note(what, name, n_bytes)


def _visits(others: OtherApps, generator: "random.Generator") -> Visits:
    gaps, sizes, stays = generator.spawn(3)  # one each, so that no distribution moves what another draws
    return zip(
        durations_ns(others.launches, gaps),
        numbers(others.memory.ends, sizes),
        durations_ns(others.foreground, stays),
        strict=False,  # they never end
    )
