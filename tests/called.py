"""Sweeps done by the command line, in a process of its own, and all that this starts and leaves."""

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from lent import marked

from edgesim.sweeps.reading import read_sweep

PATIENCE_S = 120.0
"""Whatever takes longer hangs."""
_GRACE_S = 15.0
"""Processes may live so long after their caller; those on a Dask worker have had nothing to do for 10 s then."""
_SCENARIO = """\
schema: edgesim.scenario/1
device: odroid-n2plus
processor: cpu
model: dynabert-12x12
planner: [wrx, load_exec, {name: std_pipeline, options: {bitwidth: 6}}, preload_model]
target_latency: 200 ms
preload_buffer: 1 MB
"""
_SWEEPS = {
    "recurrence": """\
sweep:
  device: [odroid-n2plus, jetson-nano]
  processor: [cpu, gpu]
  load_buffer: [unlimited, 5 MB]
  preload_buffer: {from: 0 B, to: 6 MB, num: 11}
  target_latency: {from: 50 ms, to: 800 ms, num: SIZE}
  where: [preload_buffer != 3 MB]
""",
    "sessions": """\
workload: {kind: server, rate: 2 /s, inferences: 10}
conditions: {io_jitter: {quantiles: {0.1: 0.9, 0.5: 1, 0.9: 1.2}}}
sweep: {seed: {from: 1, to: SIZE, step: 1}, target_latency: [150 ms, 300 ms]}
""",
}
"""Single inferences without events, most of them infeasible or impossible, and sessions that are simulated."""


@dataclass(frozen=True)
class Swept:
    """A sweep, with its rows and the size of its dataset when nothing disturbs it and one process does it."""

    scenario: Path
    out: Path
    rows: pd.DataFrame
    said: str
    """What it says of its rows, before it says where they are."""

    @classmethod
    def of(cls, folder: Path, kind: str, size: int) -> "Swept":
        """Do a sweep of a kind."""
        folder.mkdir()
        scenario = folder / "swept.yaml"
        scenario.write_text(_SCENARIO + _SWEEPS[kind].replace("SIZE", str(size)))
        call = Call(folder, scenario, folder / "out", ["--workers", "1"])
        code, said = call.ended()
        assert code == 0, said
        assert said.endswith(call.wrote), said
        return cls(scenario, folder / "out", read_sweep(folder / "out"), said.removesuffix(call.wrote))

    @property
    def size_bytes(self) -> int:
        """How much of a disk in pages of 4 KiB the dataset takes."""
        return sum(-(-path.stat().st_size // 4096) * 4096 for path in self.out.rglob("*") if path.is_file())


class Call:
    """One call of ``edgesim sweep``, in a process group of its own, and with a mark that all it starts inherit."""

    def __init__(
        self, folder: Path, scenario: Path, out: Path, options: Sequence[str], enter: Sequence[str] = ()
    ) -> None:
        self.mark, self.scratch, self._stderr = uuid.uuid4().hex, folder / "scratch", folder / "stderr"
        self.scratch.mkdir(exist_ok=True)
        self.wrote = f"edgesim: wrote {out}; edgesim report {out} tells what is in it\n"
        program = [sys.executable, str(Path(__file__).with_name("often.py"))]
        with self._stderr.open("wb") as stderr:
            self.process = subprocess.Popen(
                [*enter, *program, "sweep", str(scenario), "--out", str(out), *options],
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                start_new_session=True,
                env=os.environ | {"TMPDIR": str(self.scratch), "OURS": self.mark},
            )

    @property
    def said(self) -> str:
        """What it has said on standard error."""
        return self._stderr.read_text()

    def ended(self) -> tuple[int | None, str]:
        """Wait for its end, and return its exit code and what it said; None if it hangs."""
        try:
            return self.process.wait(PATIENCE_S), self.said
        except subprocess.TimeoutExpired:
            for pid in marked(self.mark):
                os.kill(pid, 9)
            self.process.wait()
            return None, self.said

    def workers(self) -> list[int]:
        """Return the processes that do its batches here, as soon as there are any."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        found: list[int] = []
        while not found and self.process.poll() is None:
            with suppress(OSError):
                found = [int(pid) for pid in children.read_text().split() if b"popen_loky" in _command(pid)]
        return found

    def leaves(self) -> list[str]:
        """Return what is left of it after a while: processes, temporary files and semaphores."""
        deadline = time.monotonic() + _GRACE_S
        while (found := list(self._left())) and time.monotonic() < deadline:
            time.sleep(0.05)
        return found

    def _left(self) -> Iterator[str]:
        for pid in marked(self.mark):
            yield f"process {pid} {_command(str(pid)).decode(errors='replace')[:200]}"
        yield from (str(path) for path in self.scratch.iterdir())
        yield from (str(path) for path in Path("/dev/shm").glob(f"*loky-{self.process.pid}-*"))


def _command(pid: str) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
    return b""
