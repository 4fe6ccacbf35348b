"""Reads are timed on a file that really lies on the disk, and of which nothing is left."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from edgesim.backends.real.reader import open_file
from edgesim.errors import ExecutionError, InputError
from edgesim.host.disks import disk_facts
from edgesim.profiling import flash, unnamed
from edgesim.profiling.flash import Effort, measure_flash
from edgesim.profiling.reads import Order, Reading, affordable, reads_of, round_bytes, visits
from edgesim.profiling.unnamed import check_dense, filled
from edgesim.spread import COLD, HOT, READ

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="real execution is for Linux"),
    pytest.mark.xdist_group("execution"),  # those that take CPUs for themselves, one after another
]
KIB = 1024
TINY = Effort(1 << 20, (4 * KIB, 12 * KIB, 64 * KIB), (1, 2), 2, 5.0)
IN_MEMORY = ("tmpfs", "ramfs")


@pytest.fixture
def on_disk(tmp_path: Path) -> Path:
    """Give a folder that does not lie in memory."""
    if disk_facts(tmp_path)["file_system"] in IN_MEMORY:
        pytest.skip("temporary files lie in memory here")
    return tmp_path


def in_memory() -> Path:
    """Return a folder that lies in memory."""
    folder = Path("/dev/shm")
    if not folder.is_dir() or disk_facts(folder)["file_system"] not in IN_MEMORY or not os.access(folder, os.W_OK):
        pytest.skip("no folder in memory here")
    return folder


def test_every_point_is_timed(on_disk: Path) -> None:
    """Each size at each depth in each round, alone also after a pause; nothing is left in the folder."""
    told: list[tuple[str, int, int]] = []
    found = measure_flash(on_disk, TINY, 0, lambda *progress: told.append(progress))
    counts: dict[tuple[int, int, str], int] = {}
    for sample in found.samples:
        assert sample.quantity == READ
        assert sample.ns > 0
        size, depth = sample.key
        counts[size, depth, sample.state] = counts.get((size, depth, sample.state), 0) + 1
    wanted = {(size, depth, HOT): 2 * depth * reads_of(size, depth) for size in TINY.sizes for depth in TINY.depths}
    assert counts == wanted | {(size, 1, COLD): 2 for size in TINY.sizes}
    assert list(on_disk.iterdir()) == []
    assert told[-1][1] == told[-1][2]
    assert found.details["asked_bytes"] == 2 * round_bytes(TINY.sizes, TINY.depths)


def test_reads_reach_the_disk(on_disk: Path) -> None:
    """What the disk has read is no less than what was asked for; else the profile says so."""
    found = measure_flash(on_disk, TINY, 0)
    device, asked = found.details["device_bytes"], found.details["asked_bytes"]
    doubted = any("a cache answered the rest" in doubt for doubt in found.doubts)
    untold = any("does not tell what the disk reads" in doubt for doubt in found.doubts)
    assert (untold, doubted) == (device is None, device is not None and device < asked)
    assert ("for which the disk read" in found.method) == (device is not None)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"device_bytes": 10}, "the disk read 10 B of 100 B asked for: a cache answered the rest"),
        ({"device_bytes": None}, "the system does not tell what the disk reads, so that a cache may have answered"),
        ({"direct": False, "why_not": "O_DIRECT refused, x"},
         "no O_DIRECT (O_DIRECT refused, x), so that the page cache had a part in each read"),
        ({"file_system": "overlay"}, "the file lay on an overlay: what is beneath it was measured, whatever that is"),
        ({"file_system": "nfs4"}, "the file lay on another machine (nfs4)"),
        ({"sizes": [4096]}, "slow storage: nothing above 4.10 kB was read, for lack of time"),
        ({"placement": {"cpu": None, "policy": "other", "why_not": "SCHED_RR is refused, no"}},
         "for the reading process SCHED_RR is refused, no"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)  # fmt: skip
def test_what_speaks_against_reads_is_said(changed: dict[str, object], says: str) -> None:
    """One sentence for each reason, none without one."""
    right = {
        "file_system": "ext4", "direct": True, "why_not": None, "device_bytes": 100, "asked_bytes": 100,
        "sizes": [4096, 8192], "effort": {"sizes": [4096, 8192]},
        "placement": {"cpu": 1, "policy": "round robin", "why_not": None},
    }  # fmt: skip
    assert list(flash._doubts(right)) == []
    assert list(flash._doubts(right | changed)) == [says]


def test_others_on_the_disk_are_a_disturbance() -> None:
    """Reads beyond those asked for, and writes, above a limit."""
    quiet = {"wall_ns": 10**9, "steal_ns": 0, "waited_ns": 0, "preempted": 0, "pressure_us": None}
    details = {"disturbance": quiet, "asked_bytes": 10**6, "device_bytes": 10**6 + 10_000, "written_bytes": 10_000}
    assert list(flash._disturbances(details)) == []
    assert list(flash._disturbances(details | {"written_bytes": 90_000})) == [
        "others read or wrote 100 kB on the same disk meanwhile (limit 2% of the reads)"
    ]
    stolen = details | {"disturbance": quiet | {"steal_ns": 10**8}}
    assert next(flash._disturbances(stolen)).startswith("while reading, 10.0% of 1000.0 ms was lost to others")


def test_memory_is_no_flash() -> None:
    """A folder in memory is refused, with a way out, before anything is written."""
    folder = in_memory()
    with pytest.raises(InputError, match=r"lies in memory \(.*\), not on flash; name another with --folder"):
        measure_flash(folder, TINY, 0)


def test_the_file_is_whole_and_has_no_name(on_disk: Path) -> None:
    """Every byte is on the disk while it is open, and no folder lists it."""
    with filled(on_disk, 3 << 20, 0) as fd:
        found = os.fstat(fd)
        assert (found.st_size, found.st_nlink) == (3 << 20, 0)
        assert found.st_blocks * 512 >= 3 << 20
        assert list(on_disk.iterdir()) == []
        assert len(set(os.pread(fd, 4096, 1 << 20))) > 200


def test_without_unnamed_files_the_name_is_removed_at_once(on_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """File systems without O_TMPFILE are measured, too."""
    monkeypatch.delattr(os, "O_TMPFILE")
    with filled(on_disk, 1 << 20, 0) as fd:
        assert os.fstat(fd).st_nlink == 0
        assert list(on_disk.iterdir()) == []


def test_a_file_with_holes_is_refused(on_disk: Path) -> None:
    """It would be read from nowhere, faster than any disk."""
    with (on_disk / "sparse").open("wb+") as file:
        file.truncate(1 << 20)
        with pytest.raises(ExecutionError, match=r"holds 0 B of a file of 1.05 MB, so that reads would not reach it"):
            check_dense(file.fileno(), 1 << 20, on_disk)


def test_a_full_disk_is_noticed_before_writing(on_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what is needed and what is there; nothing is left."""
    real = os.fstatvfs

    def full(fd: int) -> os.statvfs_result:
        values = list(real(fd))
        values[4] = (17 << 20) // values[1]
        return os.statvfs_result(values)

    monkeypatch.setattr(os, "fstatvfs", full)
    with pytest.raises(ExecutionError, match=r"needs 4\.19 MB for a while, has 1\.0. MB free; make room, or name"):
        measure_flash(on_disk, Effort(4 << 20, TINY.sizes, (1,), 1, 1.0), 0)
    assert list(on_disk.iterdir()) == []


def test_a_disk_that_fills_up_meanwhile_is_one_sentence(on_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program may have taken the room."""

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(unnamed.os, "write", full)
    with pytest.raises(ExecutionError, match="the file to be read cannot be written, No space left on device"):
        measure_flash(on_disk, TINY, 0)
    assert list(on_disk.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_one_sentence(on_disk: Path) -> None:
    """A missing one, whoever runs the test."""
    with pytest.raises(InputError, match="gone: cannot be written, No such file or directory; name another"):
        measure_flash(on_disk / "gone", TINY, 0)


def test_a_reading_process_that_fails_says_why(on_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here the file is shorter than it was said to be."""
    monkeypatch.setattr(flash, "filled", lambda folder, size, seed, say: filled(folder, size // 2, seed, say))
    with pytest.raises(ExecutionError, match="reads failed, "):
        measure_flash(on_disk, TINY, 0)


@pytest.mark.parametrize(
    ("program", "says"),
    [("/nowhere/python", "cannot be started, No such file or directory"), ("/bin/false", "ended without a word")],
)
def test_a_reading_process_that_does_not_run_is_one_sentence(
    program: str, says: str, on_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it never starts or ends at once."""
    monkeypatch.setattr(sys, "executable", program)
    with pytest.raises(ExecutionError, match=says):
        measure_flash(on_disk, TINY, 0)
    assert list(on_disk.iterdir()) == []


def test_a_kill_at_any_moment_leaves_nothing(on_disk: Path) -> None:
    """Neither a file nor a process: whoever holds its output sees the end of it."""
    code = "from pathlib import Path; import sys; from edgesim.profiling.flash import Effort, measure_flash;" \
           " sizes = (4096, 65536); print('begun', flush=True);" \
           " measure_flash(Path(sys.argv[1]), Effort(8 << 20, sizes, (1, 2), 10**6, 60.0), 0)"  # fmt: skip
    random = Random(0)
    for _ in range(3):
        command = [sys.executable, "-c", code, str(on_disk)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "begun\n"
            time.sleep(random.uniform(0, 0.8))
            process.send_signal(signal.SIGKILL)
            assert process.communicate(timeout=20)[0] == ""
        assert list(on_disk.iterdir()) == []


@pytest.mark.parametrize("direct", [True, False])
def test_reads_are_made_alone_and_together(direct: bool, tmp_path: Path) -> None:
    """In this process, past the page cache or, where that cannot be, with its pages dropped."""
    with filled(tmp_path, 1 << 20, 0) as fd:
        opened = open_file(Path(f"/proc/self/fd/{fd}"), direct)
        order = Order(fd, 1 << 20, [4096, 8192], [1, 2], 3, 60.0, 0, None, os.getpid())
        reading = Reading(opened, order.file_bytes, 2 * 8192, Random(0))
        lost: list[object] = []
        found = list(visits(reading, order, order.sizes, lost))
        os.close(opened.fd)
    assert sorted((size, depth) for size, depth, _ in found) == sorted([(4096, 1), (4096, 2), (8192, 1), (8192, 2)] * 3)
    assert len(lost) == 6
    rounds = [[(size, depth) for size, depth, _ in found[start : start + 4]] for start in (0, 4, 8)]
    assert len(set(map(tuple, rounds))) > 1, "each round has an order of its own"


def test_the_first_round_is_whole_when_time_is_short(tmp_path: Path) -> None:
    """Every point has samples, however slow the storage."""
    with filled(tmp_path, 1 << 20, 0) as fd:
        opened = open_file(Path(f"/proc/self/fd/{fd}"))
        order = Order(fd, 1 << 20, [4096, 8192], [1, 2], 9, 0.0, 0, None, os.getpid())
        found = list(visits(Reading(opened, order.file_bytes, 2 * 8192, Random(0)), order, order.sizes, []))
        os.close(opened.fd)
    assert len(found) == 4


def test_large_sizes_are_left_out_on_slow_storage() -> None:
    """Three rounds must fit in the time; two sizes are always kept."""
    sizes, depths = (4 * KIB, 64 * KIB, 1024 * KIB, 8192 * KIB), (1, 8)
    assert affordable(sizes, depths, 1e12, 60) == list(sizes)
    rate = 3 * round_bytes(sizes[:3], depths) / 60
    assert affordable(sizes, depths, rate, 60) == list(sizes[:3])
    assert affordable(sizes, depths, 1.0, 60) == list(sizes[:2])


def test_a_visit_to_small_requests_has_more_reads() -> None:
    """One of a large size costs as much as eight of a small one."""
    assert [reads_of(size, 1) for size in (4 * KIB, 256 * KIB, 1024 * KIB, 8192 * KIB)] == [8, 4, 1, 1]
    assert [reads_of(4 * KIB, depth) for depth in (1, 2, 4, 8)] == [8, 4, 2, 1]
