"""Loads in order, on one lane or several, on an absolute schedule; a loader that fails or is alone does not go on."""

import os
import threading
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from executed import waiting

from edgesim.backends.real import lanes, loading
from edgesim.backends.real.control import BLOCKED, FAILED, FINISHED, GO, STOP, Notes, clear, control_bytes, notes, row
from edgesim.backends.real.jobs import Job, Read, Step
from edgesim.backends.real.lanes import perform
from edgesim.backends.real.loading import Loader, StoppedError
from edgesim.backends.real.reader import open_file

pytestmark = pytest.mark.skipif(not hasattr(os, "preadv"), reason="real execution is for systems with preadv")
BYTES = 16
MS = 1_000_000


@pytest.fixture
def loader(tmp_path: Path) -> Loader:
    """Make a loader of one file, in this thread; the inference may start at once."""
    (tmp_path / "file").write_bytes(bytes(range(200)))
    words = memoryview(bytearray(control_bytes(20))).cast("q")
    words[GO] = 1
    return Loader(words, memoryview(bytearray(400)), [open_file(tmp_path / "file", direct=False)], spins=False)


def job_of(times: Sequence[tuple[int, ...]], lanes: int = 1, room: Sequence[int] = ()) -> Job:
    """Return loads of 16 B each that are to last so long by requests in service."""
    layers = room or [0] * len(times)
    return Job(
        tuple(
            Step(needed, 0, (Read(0, BYTES * n, ((BYTES * n, BYTES),)),), emulated)
            for n, (needed, emulated) in enumerate(zip(layers, times, strict=True))
        ),
        lanes,
    )


def performed(loader: Loader, job: Job) -> list[Notes]:
    """Do a job and return what was noted; every byte has come to its place."""
    clear(loader.words, len(job.steps))
    perform(loader, job, 1, loader.prepare(job))
    end = BYTES * len(job.steps)
    assert bytes(loader.arena[:end]) == bytes(range(end))
    return list(notes(loader.words, len(job.steps)))


def test_loads_last_as_long_as_on_the_emulated_storage(loader: Loader) -> None:
    """None is done before it is due: each after the one before and its own time, from the start."""
    times = [2 * MS, MS, 3 * MS, MS]
    found = performed(loader, job_of([(time,) for time in times]))
    begin = found[0].start_ns
    assert all(note.end_ns >= begin + sum(times[: n + 1]) for n, note in enumerate(found))
    assert [note.start_ns for note in found[1:]] == [note.end_ns for note in found[:-1]]


def test_what_is_late_once_does_not_make_all_late(loader: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow read is counted; those behind it are due when they would have been without it."""
    dues, genuine = [], Loader.load

    def load(self: Loader, index: int, times: tuple[int, int], *more: object) -> int:
        dues.append(times[1])
        return genuine(self, index, times, *more)

    def read(*what: object) -> None:
        if len(dues) == 2:
            time.sleep(0.012)

    monkeypatch.setattr(Loader, "load", load)
    monkeypatch.setattr(loading, "read_exactly", read)
    job = job_of([(5 * MS,), (10 * MS,), (5 * MS,)])
    clear(loader.words, 3)
    late = perform(loader, job, 1, loader.prepare(job))
    assert late >= 1
    assert 1 in loader.late
    assert [after - before for before, after in pairwise(dues)] == [10 * MS, 5 * MS]


def test_a_load_that_waited_is_timed_from_its_own_start(loader: Loader) -> None:
    """The schedule of the emulated storage goes on when the load buffer has room again."""
    job = job_of([(MS,), (MS,)], room=[0, 1])
    clear(loader.words, 2)
    thread = threading.Thread(target=perform, args=(loader, job, 1, loader.prepare(job)))
    thread.start()
    waiting(lambda: bool(loader.words[row(1) + BLOCKED]))
    time.sleep(0.005)
    finished = time.monotonic_ns()
    loader.words[FINISHED] = 1
    thread.join()
    first, second = notes(loader.words, 2)
    assert second.blocked_ns == first.end_ns
    assert second.start_ns >= finished
    assert second.end_ns >= second.start_ns + MS


def test_a_load_does_not_start_before_the_layer_that_makes_room(
    loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if that finished between the end of the load before and the look at it."""
    finished, genuine = [], Loader.admit

    def admit(self: Loader, index: int, *more: object) -> bool:
        if index == 1:
            finished.append(time.monotonic_ns())
            self.words[FINISHED] = 1
        return genuine(self, index, *more)

    monkeypatch.setattr(Loader, "admit", admit)
    first, second = performed(loader, job_of([(), ()], room=[0, 1]))
    assert not second.blocked_ns
    assert first.end_ns <= finished[0] <= second.start_ns


def test_lanes_load_side_by_side(loader: Loader) -> None:
    """Loads are issued in order on the lane that is free first, each timed for the requests then in service."""
    begin = time.monotonic_ns()
    found = performed(loader, job_of([(5 * MS, 20 * MS), (5 * MS, 20 * MS), (5 * MS, 30 * MS), (MS, 2 * MS)], lanes=2))
    assert [note.start_ns for note in found] == sorted(note.start_ns for note in found)
    for lane in (0, 1):
        own = [note for note in found if note.lane == lane]
        assert all(before.end_ns <= after.start_ns for before, after in pairwise(own))
    due = [5 * MS, 20 * MS, 5 * MS + 30 * MS, 20 * MS + 2 * MS]
    assert all(note.end_ns >= begin + ns for note, ns in zip(found, due, strict=True))
    if not loader.late:
        assert [note.lane for note in found] == [0, 1, 0, 1]


@pytest.mark.parametrize("lanes", [1, 2, 3])
@pytest.mark.parametrize("kind", [OSError, ZeroDivisionError])
def test_a_lane_that_fails_ends_them_all(
    loader: Loader, monkeypatch: pytest.MonkeyPatch, lanes: int, kind: type[Exception]
) -> None:
    """Also one that waits for a layer which will never finish; what failed first is what is raised."""
    job = job_of([()] * 6, lanes, room=[0, 9, 9, 9, 9, 9] if lanes > 1 else [0] * 6)

    def read(*what: object) -> None:
        if lanes > 1:
            waiting(lambda: bool(loader.words[row(1) + BLOCKED]))
        raise kind("broken")

    monkeypatch.setattr(loading, "read_exactly", read)
    clear(loader.words, 6)
    with pytest.raises(kind, match="broken"):
        perform(loader, job, 1, loader.prepare(job))
    assert loader.words[FAILED] == 1


@pytest.mark.parametrize("lanes", [1, 2])
def test_a_loader_ends_with_its_executor(loader: Loader, lanes: int) -> None:
    """It stops when it is told, and when the process that it reads for has gone, whatever it waits for."""
    for job in (job_of([()], lanes, room=[1]), job_of([(10**15,) * lanes], lanes)):
        for parent in (None, os.getpid()):
            clear(loader.words, 1)
            loader.parent, loader.words[GO] = parent, 1
            if parent is None:
                threading.Timer(0.01, lambda: loader.words.__setitem__(GO, STOP)).start()
            with pytest.raises(StoppedError):
                perform(loader, job, 1, loader.prepare(job))


def test_nothing_is_read_before_the_word_to_go(loader: Loader) -> None:
    """An inference that is called off before it began leaves nothing but a stopped loader."""
    loader.words[GO] = STOP
    with pytest.raises(StoppedError):
        perform(loader, job_of([()]), 2, loader.prepare(job_of([()])))
    assert not any(loader.arena)


def test_a_thread_more_needs_no_lane_of_its_own(loader: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one lane nothing is handed to another thread."""
    monkeypatch.setattr(lanes.threading, "Thread", lambda **what: pytest.fail("a thread was started"))
    performed(loader, job_of([(), ()]))
