"""The executor's end of the link to the loader, which is a process or a thread."""

import json
import mmap
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from edgesim.backends.real.control import FAILED, GO, STOP, control_bytes
from edgesim.backends.real.jobs import Job
from edgesim.backends.real.loading import Loader, StoppedError
from edgesim.backends.real.reader import ShortReadError, open_file
from edgesim.errors import EdgesimError, ExecutionError, InputError

PAGE = mmap.PAGESIZE


class Shared:
    """Memory that both sides see: the control words, then the arena. It has no name, so nothing of it can be left."""

    def __init__(self, loads: int, arena_bytes: int) -> None:
        self.control = -(-control_bytes(loads) // PAGE) * PAGE
        self.arena_size = max(PAGE, -(-arena_bytes // PAGE) * PAGE)
        self.fd = os.memfd_create("edgesim", os.MFD_CLOEXEC)
        os.ftruncate(self.fd, self.control + self.arena_size)
        self._map = mmap.mmap(self.fd, self.control + self.arena_size)
        memory = memoryview(self._map)
        self.words, self.arena = memory[: self.control].cast("q"), memory[self.control :]

    def forget(self) -> None:
        """Give the arena's pages back to the system."""
        self._map.madvise(mmap.MADV_REMOVE, self.control, self.arena_size)

    @property
    def arena_bytes(self) -> int:
        """What the system has set aside for the arena since it was last given back [B]."""
        return max(0, os.fstat(self.fd).st_blocks * 512 - self.control)

    def close(self) -> None:
        """Let go of the memory; it ends with its last user."""
        os.close(self.fd)


class Link(Protocol):
    """What the executor knows of the loader."""

    @property
    def facts(self) -> Mapping[str, object]:
        """What the loader was granted."""

    def begin(self, job: Job, number: int) -> None:
        """Give a job; when this returns, the loader waits for the word to go."""

    def end(self) -> int:
        """Wait until the job is done, and return how many reads were too slow to emulate."""

    def failure(self) -> EdgesimError | None:
        """Return why the loader cannot go on, if it cannot."""

    def threads(self) -> list[int]:
        """Return the loader's threads, as the system numbers them."""

    def close(self) -> None:
        """End the loader."""


@dataclass(frozen=True, slots=True)
class LoaderSetup:
    """Where the shards are, and how to read them."""

    files: Sequence[Path]
    direct: bool
    cpu: int | None
    realtime: bool
    spins: bool


class ProcessLink:
    """The loader as a process of its own."""

    def __init__(self, shared: Shared, setup: LoaderSetup) -> None:
        self._words = shared.words
        self._words[GO] = 0
        code = f"from edgesim.backends.real.process import main; main({os.getpid()})"
        found = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}  # what this process would import
        self._process = subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=[shared.fd],
            text=True, env=found,
        )  # fmt: skip
        try:
            self._say({
                "memory": shared.fd, "control": shared.control, "arena": shared.arena_size, "cpu": setup.cpu,
                "files": [str(path.absolute()) for path in setup.files], "direct": setup.direct,
                "realtime": setup.realtime, "spins": setup.spins,
            })  # fmt: skip
            self.facts = {"loader": "process"} | self._answer()
        except BaseException:
            self.close()
            raise

    def begin(self, job: Job, number: int) -> None:
        """Give a job; when this returns, the loader waits for the word to go."""
        self._say({"job": job, "number": number})
        self._answer()

    def end(self) -> int:
        """Wait until the job is done, and return how many reads were too slow to emulate."""
        return int(self._answer()["overruns"])

    def failure(self) -> EdgesimError | None:
        """Return why the loader cannot go on, if it cannot."""
        if self._words[FAILED]:
            try:
                self._answer()
            except EdgesimError as error:
                return error
        return self._gone() if self._process.poll() is not None else None

    def threads(self) -> list[int]:
        """Return the loader's threads, as the system numbers them."""
        return [self._process.pid]

    def close(self) -> None:
        """End the loader: it stops by itself, or is killed."""
        self._words[GO] = STOP
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(OSError):  # it has gone with something still to be written to it
            process.stdin.close()
        try:
            process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()

    def _say(self, request: dict[str, object]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except OSError as error:
            raise self._gone() from error

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise self._gone()
        found: dict[str, Any] = json.loads(line)
        if "failed" in found:
            raise _error(found["failed"], found["short"])
        return found

    def _gone(self) -> ExecutionError:
        try:
            code: object = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            code = "none yet"
        return ExecutionError(f"the loader process ended before its time, exit code {code}; run it again, and if it"
                              " happens again look for what kills it")  # fmt: skip


@dataclass(slots=True)
class ThreadLink:
    """The loader as a thread of this process, where another process is not to be had; both then share Python's lock."""

    shared: Shared
    setup: LoaderSetup
    facts: Mapping[str, object] = field(init=False)
    _loader: Loader = field(init=False)
    _thread: threading.Thread | None = None
    _failure: EdgesimError | None = None

    def __post_init__(self) -> None:
        self.shared.words[GO] = 0
        try:
            files = [open_file(path, self.setup.direct) for path in self.setup.files]
        except OSError as error:
            raise _error(f"{error.filename}: {error.strerror}", short=False) from error
        self._loader = Loader(self.shared.words, self.shared.arena, files, spins=False)
        why_not = next((file.why_not for file in files if file.why_not), None)
        self.facts = {"loader": "thread", "direct": all(file.direct for file in files), "why_not": why_not}

    def begin(self, job: Job, number: int) -> None:
        """Give a job; when this returns, the loader waits for the word to go."""
        reads = self._loader.prepare(job)
        self._thread = threading.Thread(target=self._work, args=(job, number, reads), daemon=True)
        self._thread.start()

    def _work(self, job: Job, number: int, reads: Any) -> None:  # noqa: ANN401  (as `Loader.run` takes them)
        try:
            self._loader.run(job, number, reads)
        except StoppedError:
            pass
        except OSError as error:
            self._failure = _error(str(error.strerror or error), isinstance(error, ShortReadError))

    def end(self) -> int:
        """Wait until the job is done, and return how many reads were too slow to emulate."""
        if self._thread:
            self._thread.join()
        if self._failure:
            raise self._failure
        return self._loader.overruns

    def failure(self) -> EdgesimError | None:
        """Return why the loader cannot go on, if it cannot."""
        if self.shared.words[FAILED] and self._thread:
            self._thread.join(1)
        return self._failure

    def threads(self) -> list[int]:
        """Return the loader's threads, as the system numbers them."""
        number = self._thread.native_id if self._thread else None
        return [number] if number else []

    def close(self) -> None:
        """End the loader."""
        self.shared.words[GO] = STOP
        if self._thread:
            self._thread.join(1)
        for file in self._loader.files:
            os.close(file.fd)


def _error(message: str, short: bool) -> EdgesimError:
    return InputError(f"{message}; make the store anew") if short else ExecutionError(message)
