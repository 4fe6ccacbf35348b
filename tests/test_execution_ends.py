"""However an execution ends, nothing of it is left: no process, no memory, no file; and what was wrong is said."""

import gc
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from executed import Double, make_store, model_of, scenario_of, waiting, wanted_output
from stores import records_of
from strategies import toy_plan
from tiny import contents, flipped

from edgesim.backends.real import process_link
from edgesim.backends.real.engine import Engine, Settings
from edgesim.errors import ExecutionError, InputError
from edgesim.plans import Plan
from edgesim.records import Records
from edgesim.shards.store import Store

pytestmark = [
    pytest.mark.xdist_group("execution"),
    pytest.mark.skipif(sys.platform != "linux", reason="real execution is for Linux"),
]
LOADERS = ["process", "thread"]
MOMENTS = ["reading", "computing"]
ROWS = [[2, 6, 32]] * 4


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Build a store that a test may damage."""
    return make_store(tmp_path / "store")


def plan_of(store: Store, **more: object) -> Plan:
    """Return a plan of all layers."""
    return toy_plan(model_of(store), ROWS, **more)


def execute(engine: Engine, plan: Plan, inferences: int = 1) -> None:
    """Execute a plan without bounds."""
    model = model_of(engine.store)
    assert len(list(engine.run(plan, model, scenario_of(model, inferences=inferences).session))) == inferences


def open_engine(store: Store, loader: str) -> Engine:
    """Open an engine that asks for no privileges."""
    return Engine(store, Double(store), Settings(loader=loader, realtime=False))


def descriptors() -> int:
    """Return how many files this process has open."""
    gc.collect()  # a traceback that was kept keeps views of the memory, and it keeps its file
    return len(list(Path("/proc/self/fd").iterdir()))


def gone(pid: int) -> bool:
    """Tell whether a process has ended, whoever is to be told of it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def assert_closed(engine: Engine) -> None:
    """Assert that neither loader nor memory is left, and that it says so."""
    assert engine.shared.closed
    assert all(_ended(engine, thread) for thread in engine.link.threads())
    with pytest.raises(ValueError, match="closed"):
        execute(engine, plan_of(engine.store))


def _ended(engine: Engine, thread: int) -> bool:
    if engine.settings.loader == "process":
        return gone(thread)
    return not any(alive.native_id == thread for alive in threading.enumerate())


def damage(store: Store, layer: int, place: int) -> Path:
    """Flip a bit in a layer's file."""
    path = store.folder / store.manifest.layer_files[layer]
    path.write_bytes(flipped(path.read_bytes(), 8 * place + 3))
    return path


def refused(store: Store, settings: Settings, plan: Plan) -> str:
    """Execute a plan that cannot be, and return what is said; nothing of it is left."""
    before = descriptors()
    said = _refused(store, settings, plan)
    assert descriptors() == before
    return said


def _refused(store: Store, settings: Settings, plan: Plan) -> str:
    try:
        with Engine(store, Double(store), settings) as engine:
            execute(engine, plan)
    except InputError as error:
        return str(error)
    return pytest.fail("the plan was executed")


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("preloaded", [(), ((2, 1),)], ids=["loaded", "preloaded"])
def test_a_damaged_shard_is_named(store: Store, loader: str, preloaded: tuple[tuple[int, int], ...]) -> None:
    """One flipped bit anywhere in it: file, layer and shard are told, as a mistake in a file."""
    path = damage(store, 2, store.records.placed[2, 1, 6][0] + 777)
    said = refused(store, Settings(loader=loader, realtime=False), plan_of(store, preload=preloaded))
    assert said == f"{path}: layer 2, shard 1 at 6 bits is damaged, its checksum is wrong; make the store anew"


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("direct", [True, False])
@pytest.mark.parametrize("preloaded", [(), ((1, 2),)], ids=["loaded", "preloaded"])
def test_a_file_cut_short_is_named(
    store: Store, loader: str, direct: bool, preloaded: tuple[tuple[int, int], ...]
) -> None:
    """The user is told which, and that the store must be made anew."""
    path = store.folder / store.manifest.layer_files[1]
    os.truncate(path, store.records.placed[1, 2, 32][0] + 5000)
    settings = Settings(loader=loader, direct=direct, realtime=False)
    said = refused(store, settings, plan_of(store, preload=preloaded))
    assert said.startswith(f"{path}: ends at ")
    assert said.endswith("make the store anew")


@pytest.mark.parametrize("loader", LOADERS)
def test_a_missing_file_is_named(store: Store, loader: str) -> None:
    """An engine that cannot be opened leaves nothing open."""
    path = store.folder / store.manifest.layer_files[3]
    path.unlink()
    said = refused(store, Settings(loader=loader), plan_of(store))
    assert said == f"{path}: cannot be read, No such file or directory"


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("kind", [ZeroDivisionError, KeyboardInterrupt])
def test_an_exception_in_the_processor_ends_the_loader(store: Store, loader: str, kind: type[BaseException]) -> None:
    """It is raised as it is, while the loader waits for a layer that never finishes."""

    def fail(layer: int) -> None:
        raise kind

    model, plan = model_of(store), plan_of(store)
    scenario = scenario_of(model).model_copy(update={"load_buffer_bytes": plan.loads[0].bytes})
    with open_engine(store, loader) as engine:
        engine.work.computing = fail
        with pytest.raises(kind):
            list(engine.run(plan, model, scenario.session))
        assert_closed(engine)


@pytest.mark.parametrize("loader", LOADERS)
def test_a_session_may_be_abandoned(store: Store, loader: str) -> None:
    """Who wants no more inferences may go on with other plans on the same engine."""
    model = model_of(store)
    with open_engine(store, loader) as engine:
        for stopped_after in (1, 2):
            run = engine.run(plan_of(store), model, scenario_of(model, inferences=5).session)
            for _ in range(stopped_after):
                next(run)
            run.close()
        execute(engine, plan_of(store, preload=((0, 0),)), inferences=3)
        assert np.array_equal(engine.output(), wanted_output(store, plan_of(store)))


@pytest.mark.parametrize("loader", LOADERS)
def test_closing_twice_closes_nothing_else(store: Store, loader: str) -> None:
    """The second time the numbers of its files may be another's."""
    engine = open_engine(store, loader)
    execute(engine, plan_of(store))
    engine.close()
    files = [os.open(store.folder, os.O_RDONLY) for _ in range(20)]
    engine.close()
    assert all(os.fstat(file) for file in files)
    for file in files:
        os.close(file)
    assert_closed(engine)


def test_a_loader_that_hangs_is_ended(store: Store) -> None:
    """A stopped process hears nothing, and is killed."""
    engine = open_engine(store, "process")
    (pid,) = engine.link.threads()
    os.kill(pid, signal.SIGSTOP)
    engine.close()
    assert gone(pid)


@pytest.mark.parametrize("lanes", [1, 2])
def test_a_loader_that_is_killed_is_told(store: Store, lanes: int) -> None:
    """Between two inferences, or in one: the executor does not wait for it."""
    with open_engine(store, "process") as engine:
        os.kill(engine.link.threads()[0], signal.SIGKILL)
        with pytest.raises(ExecutionError, match="exit code -9; run it again"):
            execute(engine, plan_of(store, lanes=lanes))
    with open_engine(store, "process") as engine:
        engine.work.computing = lambda layer: os.kill(engine.link.threads()[0], signal.SIGKILL)
        model, plan = model_of(store), plan_of(store, lanes=lanes)
        scenario = scenario_of(model).model_copy(update={"load_buffer_bytes": plan.loads[0].bytes})
        with pytest.raises(ExecutionError, match="exit code -9; run it again"):
            list(engine.run(plan, model, scenario.session))
        assert_closed(engine)


def test_a_loader_that_cannot_be_started_is_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence names the way that needs no process; nothing is left open."""

    def refuse(*what: object, **more: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    before = descriptors()
    monkeypatch.setattr(process_link.subprocess, "Popen", refuse)
    with pytest.raises(
        ExecutionError, match=r"^the loader process cannot be started, Resource .*make the loader a thread"
    ):
        open_engine(store, "process")
    assert descriptors() == before
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_real_execution_is_for_linux(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere one sentence says so."""
    monkeypatch.delattr(os, "memfd_create")
    with pytest.raises(ExecutionError, match=r"needs Linux.*take the backend simulated"):
        open_engine(store, "thread")


def test_an_engine_outlives_the_thread_that_made_it(store: Store) -> None:
    """The kernel must not end the loader with the thread that started it."""
    engines: list[Engine] = []
    thread = threading.Thread(target=lambda: engines.append(open_engine(store, "process")))
    thread.start()
    thread.join()
    with engines[0] as engine:
        execute(engine, plan_of(store), inferences=2)


def test_a_process_forked_meanwhile_keeps_no_loader(store: Store) -> None:
    """It has inherited the pipes, so that their end does not tell the loader anything."""
    engine = open_engine(store, "process")
    (pid,) = engine.link.threads()
    sleeper = subprocess.Popen(["sleep", "60"], close_fds=False)
    engine.close()
    assert gone(pid)
    sleeper.kill()
    sleeper.wait()


@dataclass
class Victim:
    """An execution in a process of its own, and everything that it started."""

    store: Store
    arguments: tuple[str, ...]
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)
    before: dict[str, bytes] = field(default_factory=dict)

    def __enter__(self) -> "Victim":
        self.before = contents(self.store.folder)
        self.process = subprocess.Popen(
            [sys.executable, Path(__file__).parent / "executing.py", self.store.folder, *self.arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
            env=os.environ | {"EDGESIM_MARK": self.mark, "TMPDIR": str(self.temporary())},
        )  # fmt: skip
        assert self.process.stdout is not None
        self.loader = int((self.process.stdout.readline().split() or ["0"])[0])
        return self

    def temporary(self) -> Path:
        """Return a folder for files that should not be left."""
        folder = self.store.folder.parent / "temporary"
        folder.mkdir(exist_ok=True)
        return folder

    def __exit__(self, *what: object) -> None:
        for pid in self.left():
            os.kill(pid, signal.SIGKILL)
        self.process.communicate()

    def ended(self) -> tuple[int, str]:
        """Wait for its end, assert that nothing is left, and return exit code and what it said."""
        _, said = self.process.communicate(timeout=60)
        waiting(lambda: not self.left())
        assert contents(self.store.folder) == self.before
        assert not list(self.temporary().iterdir())
        assert not [path for path in Path("/dev/shm").iterdir() if "edgesim" in path.name]
        return self.process.returncode, said

    def left(self) -> list[int]:
        """Return the processes that it is or has started and that have not ended."""
        return list(self._left())

    def _left(self) -> Iterator[int]:
        for path in Path("/proc").glob("[0-9]*/environ"):
            try:
                if self.mark.encode() in path.read_bytes():
                    yield int(path.parent.name)
            except OSError:  # it has ended meanwhile, or is another user's
                pass


def test_a_killed_loader_ends_the_execution(store: Store) -> None:
    """The executor does not wait for ever: one sentence, and the exit code of what cannot be executed here."""
    with Victim(store, ("process", "reading")) as victim:
        os.kill(victim.loader, signal.SIGKILL)
        code, said = victim.ended()
    assert code == ExecutionError.exit_code
    assert said == ("the loader process ended before its time, exit code -9; run it again, and if it happens again look"
                    " for what kills it\n")  # fmt: skip


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("made_by", [(), ("thread",)], ids=["main thread", "other thread"])
def test_a_killed_execution_leaves_no_loader(store: Store, moment: str, made_by: tuple[str, ...]) -> None:
    """Nobody is left to tell the loader, which notices by itself."""
    with Victim(store, ("process", moment, *made_by)) as victim:
        assert victim.loader in victim.left()
        victim.process.kill()
        code, said = victim.ended()
    assert (code, said) == (-signal.SIGKILL, "")


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("loader", LOADERS)
def test_ctrl_c_ends_everything(store: Store, moment: str, loader: str) -> None:
    """It reaches all processes at once; what is raised is the interrupt, and nothing else is said."""
    with Victim(store, (loader, moment)) as victim:
        os.killpg(victim.process.pid, signal.SIGINT)
        code, said = victim.ended()
    assert (code, said) == (130, "interrupted, closed: True\n")


def test_ctrl_c_ends_a_loader_that_hangs(store: Store) -> None:
    """A loader that does not answer is no reason to wait."""
    with Victim(store, ("process", "reading")) as victim:
        os.kill(victim.loader, signal.SIGSTOP)
        victim.process.send_signal(signal.SIGINT)
        code, said = victim.ended()
    assert (code, said) == (130, "interrupted, closed: True\n")


def test_a_damaged_shard_has_the_exit_code_of_a_wrong_file(store: Store) -> None:
    """The sentence is all that is said."""
    damage(store, 0, store.records.placed[0, 1, 6][0] + 100)
    with Victim(store, ("process", "computing")) as victim:
        code, said = victim.ended()
    assert code == InputError.exit_code
    assert said.count("\n") == 1


def test_a_missing_pytorch_is_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence has the command that installs it."""
    monkeypatch.setitem(sys.modules, "edgesim.backends.real.torch_processors", None)
    with pytest.raises(InputError, match=r"^torch is needed for this; install it with: pip install 'edgesim\[real\]'$"):
        Engine(store, "cpu")


def test_another_model_s_store_is_refused(store: Store) -> None:
    """Before anything is read."""
    model = model_of(store)
    placed = {version: (offset + 4096, size) for version, (offset, size) in model.records.placed.items()}
    other = model.model_copy(update={"records": Records.model_validate(records_of(placed))})
    with (
        open_engine(store, "thread") as engine,
        pytest.raises(InputError, match="has other shards than tiny describes"),
    ):
        next(engine.run(plan_of(store), other, scenario_of(other).session))


def test_looking_for_the_loader_takes_no_lock(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """`Popen.poll` takes one that an interrupt at the wrong moment would leave taken: closing would wait for ever."""
    with open_engine(store, "process") as engine:
        with monkeypatch.context() as patch:
            patch.setattr(subprocess.Popen, "poll", lambda process: pytest.fail("a lock was taken"))
            assert engine.link.failure() is None
            os.kill(engine.link.threads()[0], signal.SIGKILL)
            waiting(lambda: engine.link.failure() is not None)
        assert str(engine.link.failure()).startswith("the loader process ended before its time, exit code -9;")
