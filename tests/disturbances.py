"""What may happen to a sweep, at a random moment: each function does one sweep that it happens to, to its end."""

import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from disturbed import Round
from lent import Lent
from small_disk import small_disk

ONE, TWO = ("--workers", "1"), ("--workers", "2")
LOCAL = (*TWO, "--cluster", "local")
_GONE = (
    r"edgesim: cluster \S+: (the scheduler is gone; start it again, and|no scheduler answers in 10 s; start one) .*\n"
)
_FULL = r"edgesim: \S+: cannot be written, No space left on device; what was written before is kept: free some .*\n"
_INTERRUPTED = r"edgesim: interrupted(; what is done is in \S+, go on with --resume)?\n"
_LARGE = 2**28


def worker_killed(round_: Round) -> None:
    """SIGKILL of one worker process or of both: the same call goes on."""
    call = round_.call(*TWO)
    if round_.moment(call) and (workers := call.workers()):
        _kill_some(round_, workers)
    round_.ended(call)


def parent_killed(round_: Round, options: Sequence[str] = TWO) -> None:
    """SIGKILL of the command, perhaps before it has begun, and perhaps of those that resume it: nobody outlives it."""
    while round_.kills < 3:
        call = round_.call(*options)
        if round_.random.random() < 0.2:
            time.sleep(round_.random.random() * 1.5)
        else:
            round_.moment(call)
        call.process.kill()
        round_.kills += round_.ended(call, -signal.SIGKILL)
        if round_.random.random() < 0.5:
            break
    _resume(round_)


def local_cluster_killed(round_: Round) -> None:
    """SIGKILL of a command that has started a Dask cluster: nothing of that outlives it."""
    parent_killed(round_, LOCAL)


def interrupted(round_: Round) -> None:
    """Ctrl-C, which reaches all processes: one word, and the rows so far are kept."""
    call = round_.call(*TWO)
    if round_.moment(call):
        os.killpg(call.process.pid, signal.SIGINT)
    round_.kills += round_.ended(call, 130, _INTERRUPTED)
    _resume(round_)


def disk_full(round_: Round) -> None:
    """Room for some rows only: one sentence, each time until there is enough."""
    folder = round_.folder / "disk"
    folder.mkdir()
    size = 16384 + int(round_.random.random() * 0.8 * round_.swept.size_bytes)
    with small_disk(folder, size) as disk:
        round_.out = disk.seen / "out"
        workers = TWO
        while round_.ended(round_.call(*workers, enter=disk.enter, out=folder / "out"), 5, _FULL):
            round_.kills += 1
            workers = round_.random.choice([ONE, TWO])
            size = _LARGE if round_.random.random() < 0.5 else size + 16384
            disk.resize(size)


def dask_worker_killed(round_: Round) -> None:
    """SIGKILL of one Dask worker of two, or of both before another one joins: the same call goes on."""
    with lent(round_.folder) as cluster:
        workers = [process.pid for process in cluster.processes[1:]]
        call = round_.call("--cluster", cluster.address)
        if round_.moment(call):
            _kill_some(round_, workers)
            cluster.work()
        round_.ended(call)


def dask_scheduler_killed(round_: Round) -> None:
    """SIGKILL of the Dask scheduler: one sentence; it is resumed by another cluster, or without one."""
    with lent(round_.folder) as cluster:
        call = round_.call("--cluster", cluster.address)
        if round_.moment(call):
            cluster.processes[0].kill()
        round_.kills += round_.ended(call, 5, _GONE)
    if round_.random.random() < 0.5:
        _resume(round_)
        return
    with lent(round_.folder) as cluster:
        round_.ended(round_.call("--cluster", cluster.address))


def undisturbed_on_dask(round_: Round) -> None:
    """Two Dask workers on loopback do all that one process does."""
    with lent(round_.folder) as cluster:
        round_.ended(round_.call("--cluster", cluster.address))


def _resume(round_: Round) -> None:
    """Go on to the end, on one process or on two."""
    round_.ended(round_.call(*round_.random.choice([ONE, TWO])))


def _kill_some(round_: Round, pids: Sequence[int]) -> None:
    """Kill one process, or all."""
    for pid in pids if round_.random.random() < 0.3 else [round_.random.choice(pids)]:
        with suppress(ProcessLookupError):  # the sweep has ended meanwhile
            os.kill(pid, signal.SIGKILL)
            round_.kills += 1


@contextmanager
def lent(folder: Path) -> Iterator[Lent]:
    """Have a Dask scheduler and two workers for the time of a context."""
    cluster = Lent(Path(mkdtemp(prefix="dask-", dir=folder)))
    try:
        cluster.schedule()
        cluster.work()
        cluster.work()
        yield cluster
    finally:
        cluster.end()


CASES = (
    worker_killed, parent_killed, local_cluster_killed, interrupted, disk_full, dask_worker_killed,
    dask_scheduler_killed, undisturbed_on_dask,
)  # fmt: skip
