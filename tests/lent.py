"""A Dask cluster that somebody else has started, and what processes have become of a call."""

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Lent:
    """A scheduler and its workers, each a process of its own, as somebody else would have started them."""

    folder: Path
    address: str = ""
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    def start(self, *words: str, **variables: str) -> "subprocess.Popen[bytes]":
        """Start a part of it, with nothing to say."""
        command = [sys.executable, "-m", "dask", *words, "--no-dashboard"]
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        ours = {"PYTHONPATH": os.pathsep.join(sys.path), "DASK_TEMPORARY_DIRECTORY": str(self.folder)}
        environment = os.environ | ours | variables
        process = subprocess.Popen(command, cwd=self.folder, env=environment, **silent)  # type: ignore[call-overload]
        self.processes.append(process)
        return process  # type: ignore[no-any-return]

    def schedule(self, **variables: str) -> "subprocess.Popen[bytes]":
        """Start the scheduler, on a port that is free."""
        file = self.folder / "scheduler.json"
        where = ("--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file))
        scheduler = self.start("scheduler", *where, **variables)
        while not self.address:
            assert scheduler.poll() is None
            time.sleep(0.02)
            with suppress(OSError, ValueError, KeyError):
                self.address = json.loads(file.read_text())["address"]
        return scheduler

    def work(self, **variables: str) -> "subprocess.Popen[bytes]":
        """Start a worker of one thread that nobody starts again."""
        return self.start("worker", self.address, "--no-nanny", "--nthreads", "1", **variables)

    def end(self) -> None:
        """End all that is left."""
        for process in self.processes:
            process.kill()
            process.wait()


def marked(mark: str) -> list[int]:
    """Return the processes that have inherited a variable."""
    found = []
    for folder in Path("/proc").iterdir():
        with suppress(OSError):
            if folder.name.isdigit() and mark.encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
    return found
