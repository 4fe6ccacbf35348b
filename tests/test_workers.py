"""Many calls on few cores: in order, at once, and whatever happens to a worker."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from edgesim.workers import Lost, batches, each, temporary_folder
from edgesim.workers.sizes import BATCH_S, Batch, Batches
from edgesim.workers.worker import Worker, packed

PROGRAM = """
import os, sys, time
from pathlib import Path
from edgesim.workers import each, temporary_folder

def slow(item):
    (Path(sys.argv[1]) / f"worker-{os.getpid()}").touch()
    time.sleep(60)

with temporary_folder() as folder:
    (Path(sys.argv[1]) / "folder").write_text(str(folder))
    try:
        list(each(slow, range(2), 2))
    except KeyboardInterrupt:
        sys.exit(130)
"""


def killing(*doomed: int) -> Callable[[int], int]:
    """Return a function that ends its process for some items."""

    def call(item: int) -> int:
        if item in doomed:
            os.kill(os.getpid(), signal.SIGKILL)
        return item * item

    return call


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_calls_are_in_order_whoever_does_them(workers: int) -> None:
    """One worker is this process; with more, a function of any kind gets there."""
    seen: list[tuple[int, int]] = []
    found = list(each(lambda item: (item, os.getpid()), range(50), workers, progress=lambda *n: seen.append(n)))
    assert [(index, item) for index, (item, _) in found] == [(item, item) for item in range(50)]  # type: ignore[misc]
    pids = {pid for _, (_, pid) in found}  # type: ignore[misc]
    assert (pids == {os.getpid()}) is (workers == 1)
    assert len(pids) <= workers
    assert seen == [(done, 50) for done in range(1, 51)]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_batch_has_one_value(workers: int) -> None:
    """Whatever the function makes of its items; batches grow, and have every item once."""
    spans, values = zip(*batches(sum, range(5, 10**6), workers), strict=True)
    assert [place for span in sorted(spans, key=lambda span: span[0]) for place in span] == list(range(10**6 - 5))
    assert [sum(range(span.start + 5, span.stop + 5)) for span in spans] == list(values)
    assert max(map(len, spans)) > 1000
    assert list(batches(sum, (), workers)) == []


def test_results_can_be_had_as_they_are_done() -> None:
    """All of them, each with its place."""
    assert dict(each(abs, range(-20, 0), 2, ordered=False)) == {place: 20 - place for place in range(20)}


def test_nothing_to_do_is_done_at_once() -> None:
    """And one item needs no other process."""
    assert list(each(abs, [], 2)) == []
    assert list(each(lambda _: os.getpid(), [1], 4)) == [(0, os.getpid())]


def test_a_call_that_ends_its_worker_is_found() -> None:
    """Everything else is done all the same, and the reason is the signal or the exit code."""
    found = dict(each(killing(13, 700), range(1000), 2))
    assert {place: value for place, value in found.items() if isinstance(value, Lost)} == dict.fromkeys(
        (13, 700), Lost("SIGKILL(-9)")
    )
    assert all(value == place**2 for place, value in found.items() if place not in (13, 700))
    assert dict(each(os._exit, [3, 4], 2)) == {0: Lost("EXIT(3)"), 1: Lost("EXIT(4)")}


def test_a_worker_that_dies_once_is_no_loss(tmp_path: Path) -> None:
    """The batch is tried again; the system may have been short of memory."""

    def once(item: int) -> int:
        if item == 5 and not (tmp_path / "died").exists():
            (tmp_path / "died").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return item

    assert [value for _, value in each(once, range(20), 2)] == list(range(20))
    assert (tmp_path / "died").exists()


def test_a_worker_may_die_while_it_sends_a_value(tmp_path: Path) -> None:
    """Which is longer than a pipe: nobody waits for the rest."""

    def call(items: list[int]) -> bytes:
        if items == [0] and not (tmp_path / "died").exists():
            (tmp_path / "died").touch()
            whole: Callable[..., None] = Connection._send  # type: ignore[attr-defined]

            def half(self: object, content: bytes, *rest: object) -> None:
                whole(self, content[: len(content) // 2], *rest)
                os.kill(os.getpid(), signal.SIGKILL)

            Connection._send = half  # type: ignore[attr-defined]
        return bytes(items) * 2**20

    found = dict(batches(call, range(4), 2, seconds=0))
    assert found == {range(item, item + 1): bytes([item]) * 2**20 for item in range(4)}
    assert (tmp_path / "died").exists()


def test_a_worker_may_die_with_nothing_in_hand() -> None:
    """Another one does the next batch."""
    worker, pids = Worker(packed(lambda _: os.getpid())), list[int]()
    try:
        for _ in range(3):
            outcome = worker.outcome(worker.start([]))
            assert not isinstance(outcome, Lost)
            pids.append(outcome[1])
            os.kill(pids[-1], signal.SIGKILL)
            assert within_a_minute(lambda: worker.pool._flags.broken is not None)  # loky has noticed
    finally:
        worker.end(kill=True)
    assert len(set(pids)) == 3


def test_an_error_reaches_the_caller_and_ends_the_workers(tmp_path: Path) -> None:
    """As it was raised, and though another worker is still busy."""

    def call(item: int) -> None:
        (tmp_path / str(os.getpid())).touch()
        if item == 0:
            raise KeyError("of item 0")
        time.sleep(60)

    with pytest.raises(KeyError, match="of item 0"):
        list(each(call, range(2), 2))
    assert gone([int(path.name) for path in tmp_path.iterdir()])


def test_an_error_that_cannot_be_sent_is_no_death() -> None:
    """Its name and what it says reach the caller all the same."""

    class PairError(Exception):
        def __init__(self, first: int, second: int) -> None:
            super().__init__(f"{first} and {second}")

    def call(item: int) -> None:
        if item == 3:
            raise PairError(1, 2)

    with pytest.raises(RuntimeError, match="PairError: 1 and 2"):
        list(each(call, range(6), 2))


def test_a_caller_that_stops_early_leaves_nobody(tmp_path: Path) -> None:
    """Workers end with the iteration."""

    def call(item: int) -> int:
        (tmp_path / str(os.getpid())).touch()
        return item

    assert next(iter(each(call, range(10**6), 2))) == (0, 0)
    assert gone([int(path.name) for path in tmp_path.iterdir()])


def test_what_cannot_be_sent_is_an_error_of_the_caller() -> None:
    """At once, and not the death of a worker."""
    generator = (item for item in ())
    with pytest.raises(TypeError, match="generator"):
        list(each(lambda _: generator, range(2), 2))


def test_workers_use_one_thread_and_keep_standard_output_clean(capfd: pytest.CaptureFixture[str]) -> None:
    """Numeric libraries would use all cores in each; what a plugin prints would spoil JSON."""

    def call(_: int) -> str:
        print("from a plugin")  # noqa: T201  (that is what plugins do)
        return os.environ["OMP_NUM_THREADS"]

    assert dict(each(call, range(2), 2)) == {0: "1", 1: "1"}
    out, err = capfd.readouterr()
    assert (out, err.count("from a plugin")) == ("", 2)


def test_ctrl_c_is_for_the_caller_alone() -> None:
    """It reaches all processes of a terminal; no worker says a word of it, be it the first of a program or the last."""
    program = Path(__file__).parent / "interrupted.py"
    found = subprocess.run([sys.executable, program], capture_output=True, text=True, check=True)
    assert found.stdout == "{True}\n"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_the_caller(tmp_path: Path, how: signal.Signals) -> None:
    """Neither a worker nor the temporary folder, whether Ctrl-C reaches all or the caller is killed alone."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        while len(list(tmp_path.glob("worker-*"))) < 2:
            assert process.poll() is None
            time.sleep(0.02)
        (os.killpg if how == signal.SIGINT else os.kill)(process.pid, how)
        assert process.wait() == (130 if how == signal.SIGINT else -how)
        assert gone([int(path.name.removeprefix("worker-")) for path in tmp_path.glob("worker-*")])
        folder = Path((tmp_path / "folder").read_text())
        assert within_a_minute(lambda: not folder.exists())
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()


def test_a_folder_is_removed_with_what_is_in_it() -> None:
    """Also when something is raised."""
    with suppress(ValueError), temporary_folder() as folder:
        (folder / "file").write_text("x")
        raise ValueError("inside")
    assert not folder.exists()


def test_batches_follow_the_time_that_calls_take() -> None:
    """Long calls go alone; of short ones as many as fit, fewer towards the end."""
    left = Batches(every=1000)
    first = left.take(2)
    assert first == Batch(range(1))
    assert left.ended(first, (BATCH_S / 100, "value")) == [(range(1), "value")]
    assert left.take(2) == Batch(range(1, 9))  # it grows by 8 at most
    left.ended(Batch(range(8)), (BATCH_S / 10, None))
    assert left.take(2) == Batch(range(9, 73))
    left.ended(Batch(range(64)), (2 * BATCH_S, None))
    assert left.take(2) == Batch(range(73, 105))
    left.size = 10_000
    sizes = []
    while batch := left.take(2):
        sizes.append(len(batch.span))
    assert sum(sizes) == 1000 - 105
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] == 1


def test_a_batch_that_kills_is_halved() -> None:
    """Down to one item, which is given up when it kills alone, and for the second time."""
    left, lost = Batches(every=3), Lost("x")
    assert left.ended(Batch(range(3)), lost) == []
    assert left.again == [Batch(range(2), 1), Batch(range(2, 3), 1)]
    assert left.ended(Batch(range(2, 3), 1), lost) == [(range(2, 3), lost)]
    assert left.ended(Batch(range(1)), lost) == []


def gone(pids: list[int]) -> bool:
    """Wait until processes have ended."""
    assert pids
    return within_a_minute(lambda: not any(alive(pid) for pid in pids))


def alive(pid: int) -> bool:
    """Tell whether a process runs; one that nobody has waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def within_a_minute(holds: Callable[[], bool]) -> bool:
    """Wait for something that must happen, however slow the machine is."""
    deadline = time.monotonic() + 60
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.02)
    return holds()
