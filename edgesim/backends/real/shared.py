"""Memory that loader and executor share: the control words, then the arena that shards are read into."""

import mmap
import os
import sys

from edgesim.backends.real.control import control_bytes
from edgesim.errors import ExecutionError

PAGE = mmap.PAGESIZE


class Shared:
    """Anonymous memory: it has no name and ends with its last user, so nothing of it can be left.

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
        if not hasattr(os, "memfd_create"):
            raise ExecutionError(f"real execution needs Linux, this is {sys.platform}; take the backend simulated")
        self.control = -(-control_bytes(loads) // PAGE) * PAGE
        self.arena_size = max(PAGE, -(-arena_bytes // PAGE) * PAGE)
        self.fd = os.memfd_create("edgesim", os.MFD_CLOEXEC)
        os.ftruncate(self.fd, self.control + self.arena_size)
        self._map = mmap.mmap(self.fd, self.control + self.arena_size)
        self._map[: self.control] = bytes(self.control)  # its pages are there from now on, and are not counted
        memory = memoryview(self._map)
        self.words, self.arena = memory[: self.control].cast("q"), memory[self.control :]

    @property
    def closed(self) -> bool:
        """Whether the memory has been given back."""
        return self.fd < 0

    @property
    def arena_bytes(self) -> int:
        """What the system has set aside for the arena since it was last given back [B]."""
        return 0 if self.closed else os.fstat(self.fd).st_blocks * 512 - self.control

    def forget(self) -> None:
        """Give the arena's pages back to the system."""
        self._map.madvise(mmap.MADV_REMOVE, self.control, self.arena_size)

    def close(self) -> None:
        """Give all of it back, whoever may still hold a view of it."""
        if not self.closed:
            self.forget()
            os.close(self.fd)
            self.fd = -1
