"""Memory that processes share, as contiguous as it is to be had: a direct read into scattered pages takes longer."""

import mmap
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from edgesim.errors import ExecutionError


@dataclass(frozen=True, slots=True)
class SharedMemory:
    """Anonymous memory: it has no name and ends with its last user, so nothing of it can be left.

    Parameters
    ----------
    fd
        What another process maps it by.
    mapped
        All of it.
    page_bytes
        Size of its pages [B]: large ones are contiguous, of small ones it depends on the day.
    """

    fd: int
    mapped: mmap.mmap
    page_bytes: int

    @property
    def view(self) -> memoryview:
        """The bytes."""
        return memoryview(self.mapped)

    def close(self) -> None:
        """Give all of it back, whoever may still hold a view: what that shows from now on are zeros."""
        self.mapped.madvise(mmap.MADV_REMOVE)
        os.close(self.fd)


def shared_memory(n_bytes: int) -> SharedMemory:
    """Make memory, on huge pages where the system has enough of them set aside (``sysctl vm.nr_hugepages``).

    All pages are there when this returns.

    Raises
    ------
    ExecutionError
        If the system has no such memory.
    """
    if not hasattr(os, "memfd_create"):
        raise ExecutionError(f"real execution needs Linux, this is {sys.platform}; take the backend simulated")
    free, size = _huge_pages()
    try:
        if free * size >= n_bytes:
            return _made(os.MFD_HUGETLB, -(-n_bytes // size) * size, size)
    except OSError:  # another process was faster, or they may not be used here
        pass
    return _made(0, -(-n_bytes // mmap.PAGESIZE) * mmap.PAGESIZE, mmap.PAGESIZE)


def _made(flags: int, n_bytes: int, page_bytes: int) -> SharedMemory:
    fd = os.memfd_create("edgesim", os.MFD_CLOEXEC | flags)
    try:
        os.ftruncate(fd, n_bytes)
        mapped = mmap.mmap(fd, n_bytes)
    except BaseException:
        os.close(fd)
        raise
    pages = memoryview(mapped)[:: mmap.PAGESIZE]
    pages[:] = bytes(len(pages))  # in order: while there are neighbours to be had, they lie side by side
    return SharedMemory(fd, mapped, page_bytes)


def _huge_pages() -> tuple[int, int]:
    """Return how many huge pages are free, and the size of one [B]."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return 0, 1
    known = {name: int(value.split()[0]) for name, _, value in (line.partition(":") for line in lines) if value}
    return known.get("HugePages_Free", 0), 1024 * known.get("Hugepagesize", 1)
