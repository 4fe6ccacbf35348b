"""Execute plans again and again, some of them killed: ``python -m tests.campaigns.leaks [--runs 200 --killed 20]``.

Every run is a process of its own with a loader process of its own; which runs are killed, what is killed in them (the
execution, or its loader) and when is random. Then this process opens and closes as many engines itself. It prints what
is left of it all, and exits with 1 if that is anything.
"""

import argparse
import gc
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

TESTS = Path(__file__).parents[1]
sys.path.insert(0, str(TESTS))

from executed import Double, make_store, model_of, scenario_of  # noqa: E402
from strategies import toy_plan  # noqa: E402
from tiny import contents  # noqa: E402

from edgesim.backends.real.engine import Engine, Settings  # noqa: E402
from edgesim.shards.store import Store, open_store  # noqa: E402

INFERENCES = 20
_GRACE_S = 10
_RSS_LIMIT = 2 << 20


@dataclass(frozen=True)
class Left:
    """What is left behind: all of it should be nothing, and the memory flat."""

    processes: int
    shared_memories: int
    files: int
    descriptors: int
    rss_bytes: int

    @property
    def is_nothing(self) -> bool:
        """Whether nothing leaks; an allocator's last pages are no leak."""
        return not any((self.processes, self.shared_memories, self.files, self.descriptors)) and self.flat

    @property
    def flat(self) -> bool:
        """Whether this process did not grow."""
        return self.rss_bytes <= _RSS_LIMIT


def execute(store: Store, loader: str = "process") -> None:
    """Execute a session: bounded load buffer, several inferences, from cold."""
    model = model_of(store)
    plan = toy_plan(model, [[2, 6, 32]] * 4, preload=((0, 0),), retain=((0, 0),))
    room = max(load.bytes for load in plan.loads)
    scenario = scenario_of(model, inferences=INFERENCES, start="cold").model_copy(update={"load_buffer_bytes": room})
    with Engine(store, Double(store), Settings(loader=loader, realtime=False)) as engine:  # type: ignore[arg-type]
        for _ in engine.run(plan, model, scenario.session):
            pass


def marked(mark: str) -> Iterator[int]:
    """Yield the processes that have a mark in their environment, or inherited it."""
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # it has ended meanwhile, or is another user's
            if mark.encode() in path.read_bytes():
                yield int(path.parent.name)


def shared_memories(pids: Sequence[int]) -> int:
    """Count the memories of edgesim that some processes have, and any that has a name."""
    named = [path for path in Path("/dev/shm").iterdir() if "edgesim" in path.name]
    found = len(named)
    for pid in pids:
        for path in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                found += "memfd:edgesim" in str(path.readlink())
    return found


def start(store: Store, mark: str) -> "subprocess.Popen[bytes]":
    """Start a run."""
    command = [sys.executable, "-m", "tests.campaigns.leaks", "--execute", str(store.folder)]
    return subprocess.Popen(command, cwd=TESTS.parent, env=os.environ | {"EDGESIM_MARK": mark},
                            stderr=subprocess.DEVNULL)  # fmt: skip


def run(store: Store, mark: str, kill_after_s: float | None, random: Random) -> None:
    """Execute in another process, which or whose loader is killed after some time, if it still runs then."""
    process = start(store, mark)
    if kill_after_s is not None:
        time.sleep(kill_after_s)
        loaders = [pid for pid in marked(mark) if pid != process.pid]
        victim = random.choice([process.pid, *loaders])
        with suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
    code = process.wait(timeout=60)
    if kill_after_s is None and code:
        raise SystemExit(f"a run that nobody killed failed, exit code {code}")


def rss_bytes() -> int:
    """Return the memory of this process that is in use."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def own_engines(store: Store, count: int) -> tuple[int, int]:
    """Open, use and close engines in this process; return by how much its files and its memory grew."""
    for loader in ("process", "thread"):  # what is loaded once is no leak
        for _ in range(3):
            execute(store, loader)
    gc.collect()
    files, memory = len(os.listdir("/proc/self/fd")), rss_bytes()  # noqa: PTH208  (counted as the system does)
    for number in range(count):
        execute(store, ("process", "thread")[number % 2])
    gc.collect()
    return len(os.listdir("/proc/self/fd")) - files, rss_bytes() - memory  # noqa: PTH208


def measure(folder: Path, runs: int, killed: int) -> Left:
    """Do all runs on a store in an empty folder, and return what is left."""
    random, mark = Random(0), uuid.uuid4().hex
    store = make_store(folder / "store")
    before = contents(store.folder)
    began = time.perf_counter()
    run(store, mark, None, random)
    lasts_s = time.perf_counter() - began
    doomed = set(random.sample(range(runs), killed))
    for number in range(runs):
        run(store, mark, random.uniform(0.2, 1) * lasts_s if number in doomed else None, random)
    deadline = time.monotonic() + _GRACE_S
    while (pids := list(marked(mark))) and time.monotonic() < deadline:
        time.sleep(0.05)
    after = contents(store.folder)
    changed = sum(after.get(name) != before.get(name) for name in after.keys() | before)
    others = len(list(folder.iterdir())) - 1
    descriptors, grown = own_engines(store, max(6, runs // 4))
    return Left(len(pids), shared_memories([*pids, os.getpid()]), changed + others, descriptors, grown)


def main() -> int:
    """Print what is left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--killed", type=int, default=20)
    parser.add_argument("--execute", type=Path, help="only execute once, on this store")
    options = parser.parse_args()
    if options.execute:
        execute(open_store(options.execute))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TMPDIR"] = folder
        left = measure(Path(folder), options.runs, options.killed)
    figures = ", ".join(f"{name} {value}" for name, value in asdict(left).items())
    verdict = "nothing is left" if left.is_nothing else "SOMETHING IS LEFT"
    print(f"{options.runs} runs, {options.killed} of them killed: {verdict} ({figures})")
    return 0 if left.is_nothing else 1


if __name__ == "__main__":
    sys.exit(main())
