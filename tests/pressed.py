"""Sessions of a memory that apps share, and everything it tells."""

from collections.abc import Iterator

from pydantic import TypeAdapter
from simpy import Event

from edgesim.backends.simulated.clock import Clock
from edgesim.backends.simulated.memory import LAUNCHED, REFUSED, DeviceMemory
from edgesim.pressure import MemoryPressure
from edgesim.streams import stream

MB, SECOND, MINUTE = 10**6, 10**9, 60 * 10**9
DAY = 24 * 60 * MINUTE
LEVELS = {900: "300 MB", 200: "80 MB", 0: "40 MB"}
APP, IDLE = "app", 900
CROWD = {
    "launches": {"exponential": "5 min"},
    "memory": {"uniform": ["100 MB", "600 MB"]},
    "foreground": {"exponential": "2 min"},
}  # fmt: skip


class Session:
    """A memory of 1 GB with its clock; keeps everything that it was told."""

    def __init__(self, seed: int = 0, for_apps: str = "1 GB", **keys: object) -> None:
        """Start at time 0."""
        section = {"for_apps": for_apps, "watermarks": LEVELS} | keys
        self.env = Clock()
        self.notes: list[tuple[int, str, str, int]] = []
        self.evicted: list[str] = []
        self.memory = DeviceMemory(
            self.env,
            TypeAdapter(MemoryPressure).validate_python(section),
            stream(seed, 0, "memory"),
            self.evicted.append,
            lambda *note: self.notes.append((self.env.now, *note)),
        )

    def until(self, end_ns: int) -> None:
        """Let time pass."""
        self.env.run(until=end_ns)

    def noted(self, *kinds: str) -> list[tuple[int, str, int]]:
        """Return when, to whom and how many bytes, of what happened."""
        return [(at, name, n_bytes) for at, kind, name, n_bytes in self.notes if kind in kinds]


def asks(session: Session, held_bytes: int, n: int, gap_ns: int) -> Iterator[Event]:
    """Serve like an app: ask, compute for a second in more memory, go idle; after an eviction start anew."""
    base = 60 * MB
    for _ in range(n):
        session.memory.claim(APP, base + held_bytes + 20 * MB, 0, killable=False)
        yield session.env.timeout(SECOND)
        session.memory.claim(APP, base + held_bytes, IDLE, killable=True)
        yield session.env.timeout(gap_ns)


def a_day(held_bytes: int, seed: int, **keys: object) -> Session:
    """Let an app that holds so much live a day among others in 2 GB, asked every ten minutes."""
    session = Session(seed, **({"for_apps": "2 GB", "others": CROWD} | keys))
    session.env.process(asks(session, held_bytes, DAY // (10 * MINUTE), 10 * MINUTE - SECOND))
    session.until(DAY)
    return session


def launches(session: Session) -> list[tuple[int, str, int]]:
    """Return when others were launched, as whom and with how much, whether there was room or not."""
    return session.noted(LAUNCHED, REFUSED)
