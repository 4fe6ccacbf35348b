"""Memory that loader and executor share: the control words, then the arena that shards are read into."""

import mmap

from edgesim.backends.real.control import control_bytes
from edgesim.host.memory import shared_memory

PAGE = mmap.PAGESIZE


class Shared:
    """The words and the arena of one engine.

    Parameters
    ----------
    loads
        Most loads of an inference.
    arena_bytes
        Most bytes of shards.

    Raises
    ------
    ExecutionError
        If the system has no such memory.
    """

    def __init__(self, loads: int, arena_bytes: int) -> None:
        self.control = -(-control_bytes(loads) // PAGE) * PAGE
        self.memory = shared_memory(self.control + max(PAGE, arena_bytes))
        self.closed, view = False, self.memory.view
        self.words, self.arena = view[: self.control].cast("q"), view[self.control :]

    def close(self) -> None:
        """Give all of it back, whoever may still hold a view of it; once more does nothing."""
        if not self.closed:
            self.closed = True
            self.memory.close()
