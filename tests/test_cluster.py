"""Batches on a Dask cluster: the same values, and whatever happens to a worker, the scheduler or the caller."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from lent import Lent, marked

from edgesim.errors import ExecutionError, InputError
from edgesim.workers import Lost, batches, connection, remote
from edgesim.workers import cluster as clusters

pytestmark = pytest.mark.xdist_group("cluster")  # they share one

PROGRAM = """
import os, sys, time
from pathlib import Path
from edgesim.errors import ExecutionError
from edgesim.workers import batches

cluster, folder = sys.argv[1:]

def slow(items):
    Path(folder, str(os.getpid())).touch()
    time.sleep(60)

try:
    list(batches(slow, range(2), 2, cluster=cluster))
except KeyboardInterrupt:
    sys.exit(130)
except ExecutionError as error:
    sys.exit(f"edgesim: {error}")
"""


@pytest.fixture(scope="module")
def lent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lent]:
    """Two workers."""
    cluster = Lent(tmp_path_factory.mktemp("lent"))
    cluster.schedule()
    cluster.work()
    cluster.work()
    yield cluster
    cluster.end()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Lent]:
    """One to be spoilt; nothing of it has been started."""
    cluster = Lent(tmp_path)
    yield cluster
    cluster.end()


class Counted(Sequence[int]):
    """Items that are made when they are asked for, far too many to be listed."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.asked = 0

    def __len__(self) -> int:
        return self.number

    def __getitem__(self, place: Any) -> Any:  # noqa: ANN401  (it is never a slice)
        self.asked += 1
        return place * 3


def squares(items: list[int]) -> tuple[int, list[int]]:
    """Return who did it, and what."""
    return os.getpid(), [item * item for item in items]


def all_of(found: Iterator[tuple[range, Any]]) -> dict[int, Any]:
    """Return the value of each item, each having been found once."""
    values: dict[int, Any] = {}
    for span, value in found:
        assert not values.keys() & set(span)
        values.update(dict.fromkeys(span, value) if isinstance(value, Lost) else zip(span, value[1], strict=True))
    return values


def test_a_local_cluster_gives_the_same_values(capfd: pytest.CaptureFixture[str]) -> None:
    """Of two workers, whose processes use one thread each, and keep standard output clean."""

    def call(items: list[int]) -> tuple[str | None, list[int]]:
        time.sleep(0.01)
        print("from a plugin")  # noqa: T201  (that is what plugins do)
        return os.environ.get("OMP_NUM_THREADS"), [item * item for item in items]

    found = list(batches(call, range(-50, 50), 2, cluster="local", seconds=0.01))
    assert all_of(iter(found)) == {place: (place - 50) ** 2 for place in range(100)}
    assert {value[0] for _, value in found if not isinstance(value, Lost)} == {"1"}
    out, err = capfd.readouterr()
    assert out == ""
    assert set("".join(err.split("\n")).split("from a plugin")) == {""}  # lines of two processes may come mixed
    assert "from a plugin" in err


def test_a_cluster_that_is_there_gives_the_same_values(lent: Lent) -> None:
    """A function of any kind gets there; each worker does some."""
    found = list(batches(lambda items: (time.sleep(0.01), squares(items))[1], range(300), cluster=lent.address))
    assert all_of(iter(found)) == {place: place * place for place in range(300)}
    pids = {value[0] for _, value in found if not isinstance(value, Lost)}
    assert len(pids) == 2
    assert os.getpid() not in pids


@pytest.mark.parametrize("where", ["here", "processes", "lent"])
def test_no_more_is_begun_than_workers_need(lent: Lent, where: str) -> None:
    """Items are made when their turn comes, and a caller who takes his time is not buried in results."""
    items = Counted(10**9)
    cluster = lent.address.removeprefix("tcp://") if where == "lent" else None
    with closing(batches(squares, items, 1 if where == "here" else 2, cluster=cluster, seconds=0)) as found:
        taken = 0
        for span, value in found:
            assert not isinstance(value, Lost)
            assert value[1] == [(3 * place) ** 2 for place in span]
            taken += len(span)
            time.sleep(0.1 if taken < 5 else 0)
            assert items.asked - taken <= 8  # those found together, and two for each worker
            if taken >= 30:
                break


def test_an_item_that_ends_its_process_is_found(lent: Lent) -> None:
    """All others are done all the same, and workers outlive it."""

    def call(items: list[int]) -> tuple[int, list[int]]:
        if 13 in items:
            os.kill(os.getpid(), signal.SIGKILL)
        return squares(items)

    values = all_of(batches(call, range(100), cluster=lent.address))
    assert values == {place: place**2 for place in range(100)} | {13: Lost("SIGKILL(-9)")}
    assert [process.poll() for process in lent.processes] == [None] * len(lent.processes)


def test_workers_may_go_and_come(lent: Lent, tmp_path: Path) -> None:
    """One is killed in the middle of a batch: nothing is lost, nothing done twice; another one joins and is used."""
    joined = tmp_path / "joined"

    def call(items: list[int]) -> tuple[int, list[int]]:
        if not joined.exists():
            time.sleep(0.2)
        return squares(items)

    found, pids, dead = [], set[int](), False
    for span, value in batches(call, range(400), cluster=lent.address, seconds=0):
        found.append((span, value))
        pids.add(value[0])
        if len(pids) == 2 and not dead:
            lent.processes[-1].kill()
            lent.work()
            dead = True
        if len(pids) == 3:
            joined.touch()
    assert all_of(iter(found)) == {place: place * place for place in range(400)}
    assert len(pids) == 3


def test_an_error_of_a_call_reaches_the_caller(lent: Lent) -> None:
    """As it was raised."""

    def call(items: list[int]) -> None:
        raise KeyError(f"of item {items[0]}")

    with pytest.raises(KeyError, match="of item 0"):
        list(batches(call, range(1), cluster=lent.address))


def test_another_version_is_one_sentence(lent: Lent, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says which worker, and what it has."""
    has = remote.versions()
    monkeypatch.setattr(remote, "versions", lambda: "edgesim 0.0.1 on Python 3.2")
    says = (
        rf"^cluster tcp://\S+: worker tcp://\S+ has {has}, this is edgesim 0.0.1 on Python 3.2; install the same there$"
    )
    with pytest.raises(ExecutionError, match=says):
        list(batches(squares, range(9), cluster=lent.address))


def test_only_workers_need_edgesim(tmp_path: Path, other: Lent) -> None:
    """A scheduler knows nothing of it; a worker without it is one sentence, and none the worse for it."""
    (tmp_path / "false" / "edgesim").mkdir(parents=True)
    (tmp_path / "false" / "edgesim" / "__init__.py").touch()  # has its name, and nothing in it
    false = str(tmp_path / "false")
    other.schedule(PYTHONPATH=false)
    worker = other.work(PYTHONPATH=false)
    with pytest.raises(
        ExecutionError, match=rf"^cluster {other.address}: a worker has no edgesim\.workers; install edgesim "
    ):
        list(batches(squares, range(9), cluster=other.address))
    assert worker.poll() is None
    worker.kill()
    other.work()
    assert all_of(batches(squares, range(9), cluster=other.address)) == {place: place * place for place in range(9)}


def test_a_cluster_without_workers_is_not_waited_for_for_ever(other: Lent, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says how to start some."""
    other.schedule()
    monkeypatch.setattr(clusters, "PATIENCE_S", 1.5)
    with pytest.raises(
        ExecutionError, match=r"no workers for 1\.5 s; start some with: dask worker tcp://\S+, and go on with --resume$"
    ):
        list(batches(squares, range(9), cluster=other.address))


def test_a_scheduler_that_dies_is_one_sentence(other: Lent) -> None:
    """Soon, and nothing else is said."""
    scheduler, begun = other.schedule(), other.folder / "begun"
    other.work()
    begun.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, other.address, str(begun)], stderr=subprocess.PIPE, text=True
    ) as process:
        while not list(begun.iterdir()):
            assert process.poll() is None
            time.sleep(0.02)
        scheduler.kill()
        says = f"edgesim: cluster {other.address}: the scheduler is gone; start it again, and go on with --resume\n"
        assert process.communicate()[1] == says


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which is said after a while; what is no address, at once."""
    monkeypatch.setattr(connection, "CONNECTS_S", 0.3)
    with pytest.raises(
        ExecutionError, match=r"^cluster 127\.0\.0\.1:1: no scheduler answers in 0\.3 s; start one with: "
    ):
        list(batches(squares, range(9), cluster="127.0.0.1:1"))
    for wrong in ("here", "host:port", "http://x", "lcoal"):
        with pytest.raises(
            InputError, match=f"^cluster: '{wrong}' is no address of a scheduler; give host:port, or 'local'$"
        ):
            list(batches(squares, range(9), cluster=wrong))
    with pytest.raises(InputError, match=r"^cluster: 'x://y:1' is no address of a scheduler; give host:port"):
        list(batches(squares, range(9), cluster="x://y:1"))


@pytest.mark.parametrize("cluster", ["local", "127.0.0.1:1"])
def test_a_missing_extra_is_one_sentence(cluster: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says how to install it."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(
        InputError, match=r"^Dask is needed for this; install it with: pip install 'edgesim\[cluster\]'$"
    ):
        list(batches(squares, range(9), cluster=cluster))


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_local_cluster_does_not_outlive_the_caller(tmp_path: Path, how: signal.Signals) -> None:
    """Neither a process nor a folder, whether Ctrl-C reaches all or the caller is killed alone; nothing is said."""
    begun, scratch, mark = tmp_path / "begun", tmp_path / "scratch", uuid.uuid4().hex
    begun.mkdir()
    scratch.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "local", str(begun)],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"TMPDIR": str(scratch), "OURS": mark},
    ) as process:
        while len(list(begun.iterdir())) < 2:
            assert process.poll() is None
            time.sleep(0.02)
        assert len(marked(mark)) > 5
        (os.killpg if how == signal.SIGINT else os.kill)(process.pid, how)
        assert process.wait() == (130 if how == signal.SIGINT else -how)
        assert process.stderr is not None
        assert process.stderr.read() == ""
    deadline = time.monotonic() + 60
    while (marked(mark) or list(scratch.iterdir())) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert marked(mark) == []
    assert list(scratch.iterdir()) == []
