"""Exactly the bytes that were asked for, past the page cache where that can be, and the reason where it cannot."""

import errno
import mmap
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from edgesim.backends.real import reader
from edgesim.backends.real.reader import ALIGNMENT, ShortReadError, open_file, read_exactly, read_facts, refusal
from edgesim.errors import ExecutionError, InputError

pytestmark = pytest.mark.skipif(not hasattr(os, "preadv"), reason="real execution is for systems with preadv")
CONTENT = bytes(range(1, 251)) * 500
Preadv = Callable[[int, Sequence[memoryview], int], int]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Write a file that is no multiple of a block."""
    (tmp_path / "file").write_bytes(CONTENT)
    return tmp_path / "file"


def buffers(sizes: Sequence[int]) -> list[memoryview]:
    """Return consecutive aligned memory, cut in pieces."""
    memory, start, found = memoryview(mmap.mmap(-1, sum(sizes))), 0, []
    for size in sizes:
        found.append(memory[start : start + size])
        start += size
    return found


def refusing(monkeypatch: pytest.MonkeyPatch, refused: Callable[[int], bool], name: str = "open") -> None:
    """Have the system refuse some calls with EINVAL."""
    genuine = getattr(os, name)

    def call(what: object, flags: object, *more: object) -> int:
        number = flags if name == "open" else what
        if refused(number):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        return genuine(what, flags, *more)

    monkeypatch.setattr(os, name, call)


@pytest.mark.parametrize("direct", [True, False])
def test_bytes_are_spread_over_buffers(path: Path, direct: bool) -> None:
    """Consecutive bytes of the file fill one buffer after the other."""
    opened, into = open_file(path, direct), buffers([ALIGNMENT, 3 * ALIGNMENT, ALIGNMENT])
    read_exactly(opened, into, 2 * ALIGNMENT)
    assert b"".join(into) == CONTENT[2 * ALIGNMENT : 7 * ALIGNMENT]
    os.close(opened.fd)


def test_more_buffers_than_one_call_takes(path: Path) -> None:
    """The system takes 1024 buffers at once; more are read in several calls."""
    opened, into = open_file(path, direct=False), buffers([40] * 2500)
    read_exactly(opened, into, 100)
    assert b"".join(into) == CONTENT[100 : 100 + 40 * 2500]
    os.close(opened.fd)


@pytest.mark.parametrize("most", [1, 4095, 4096, 4097, 10_000])
def test_a_read_in_parts_goes_on_where_it_stopped(path: Path, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """The system may give less than was asked for."""
    genuine: Preadv = os.preadv
    calls = []

    def partial(fd: int, into: Sequence[memoryview], offset: int) -> int:
        calls.append(offset)
        return genuine(fd, [into[0][:most]], offset)

    opened, into = open_file(path, direct=False), buffers([5000, 1, 4999, 2000])
    monkeypatch.setattr(os, "preadv", partial)
    read_exactly(opened, into, 17)
    assert b"".join(into) == CONTENT[17 : 17 + 12_000]
    assert len(calls) > 3
    os.close(opened.fd)


@pytest.mark.parametrize("direct", [True, False])
@pytest.mark.parametrize("length", [0, 1, 4095, 4096, 5000, 3 * 4096 - 1])
def test_a_file_that_ends_too_early_is_named(path: Path, direct: bool, length: int) -> None:
    """However it is read and wherever it ends: the file is wrong, not the machine."""
    opened = open_file(path, direct)
    os.truncate(path, ALIGNMENT + length)
    with pytest.raises(ShortReadError) as caught:
        read_exactly(opened, buffers([ALIGNMENT, 2 * ALIGNMENT]), ALIGNMENT)
    error = refusal(caught.value)
    assert isinstance(error, InputError)
    ends, missing = ALIGNMENT + length, 3 * ALIGNMENT - length
    assert (
        str(error) == f"{path}: ends at {ends} B, {missing} B before the last shard that is read; make the store anew"
    )
    os.close(opened.fd)


@pytest.mark.parametrize("call", ["open", "preadv"])
def test_a_file_system_without_direct_reads_is_named(path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    """Whether it refuses to open a file or to read one, the reads go through the page cache and say so."""
    monkeypatch.setattr(reader, "disk_facts", lambda path: {"file_system": "strange"})
    refused = (lambda flags: bool(flags & os.O_DIRECT)) if call == "open" else (lambda fd: bool(direct_flag(fd)))
    refusing(monkeypatch, refused, call)
    before = len(list(Path("/proc/self/fd").iterdir()))
    opened, into = open_file(path), buffers([1000])
    assert (opened.direct, opened.why_not) == (False, "O_DIRECT refused, Invalid argument")
    assert read_facts([opened]) == {"direct": False, "why_not": "O_DIRECT refused, Invalid argument"}
    read_exactly(opened, into, 5)
    assert bytes(into[0]) == CONTENT[5:1005]
    os.close(opened.fd)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def direct_flag(fd: int) -> int:
    """Return whether an open file is read directly."""
    import fcntl

    return fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_DIRECT


def test_files_in_memory_are_not_read_directly(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some of them accept the flag, but there is nothing to read past."""
    monkeypatch.setattr(reader, "disk_facts", lambda path: {"file_system": "tmpfs"})
    opened = open_file(path)
    assert (opened.direct, opened.why_not) == (False, "tmpfs keeps its files in memory")
    os.close(opened.fd)


def test_a_system_without_direct_reads_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There the reads go through the page cache, as where nobody asked for others."""
    monkeypatch.delattr(os, "O_DIRECT", raising=False)
    for direct, why_not in ((True, "the system has no O_DIRECT"), (False, "not asked for")):
        opened = open_file(path, direct)
        assert (opened.direct, opened.why_not) == (False, why_not)
        os.close(opened.fd)


def test_pages_are_dropped_before_they_are_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exactly those of the read; a system that cannot do it reads them all the same."""
    asked = []
    monkeypatch.setattr(os, "posix_fadvise", lambda fd, *what: asked.append(what), raising=False)
    opened, into = open_file(path, direct=False), buffers([100, 200])
    read_exactly(opened, into, 50)
    assert asked == [(50, 300, os.POSIX_FADV_DONTNEED)]
    monkeypatch.delattr(os, "posix_fadvise")
    read_exactly(opened, into, 60)
    assert b"".join(into) == CONTENT[60:360]
    os.close(opened.fd)


def test_a_missing_file_is_a_mistake_of_the_user(tmp_path: Path) -> None:
    """The store is wrong."""
    with pytest.raises(FileNotFoundError) as caught:
        open_file(tmp_path / "none")
    error = refusal(caught.value)
    assert isinstance(error, InputError)
    assert str(error) == f"{tmp_path / 'none'}: cannot be read, No such file or directory"


def test_a_failing_disk_is_not(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plan could not be executed here; the file is named."""

    def fails(*what: object) -> int:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    opened = open_file(path, direct=False)
    monkeypatch.setattr(os, "preadv", fails)
    with pytest.raises(OSError, match="Input/output error") as caught:
        read_exactly(opened, buffers([10]), 0)
    error = refusal(caught.value)
    assert isinstance(error, ExecutionError)
    assert str(error) == f"{path}: cannot be read, Input/output error"
    os.close(opened.fd)
