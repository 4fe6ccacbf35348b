"""The loader as a process of its own, seen from the executor."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from edgesim.backends.real.control import FAILED, GO
from edgesim.backends.real.jobs import Job
from edgesim.backends.real.link import LoaderSetup
from edgesim.backends.real.shared import Shared
from edgesim.errors import EdgesimError, ExecutionError, InputError


class ProcessLink:
    """Starts the process and speaks to it in lines of JSON.

    Parameters
    ----------
    shared
        Memory that the process is to share.
    setup
        What it is to read, and how.

    Raises
    ------
    InputError, ExecutionError
        If the process cannot be had, or cannot open the files.
    """

    def __init__(self, shared: Shared, setup: LoaderSetup) -> None:
        self._words = shared.words
        self._words[GO] = 0
        self._process = _started(shared.memory.fd)
        try:
            self._say({
                "memory": shared.memory.fd, "control": shared.control, "bytes": len(shared.memory.mapped),
                "cpu": setup.cpu,
                "files": [str(path.absolute()) for path in setup.files], "direct": setup.direct,
                "realtime": setup.realtime, "spins": setup.spins,
            })  # fmt: skip
            self.facts: Mapping[str, object] = {"loader": "process"} | self._answer()
        except BaseException:
            self.close()
            raise

    def begin(self, job: Job, number: int) -> None:
        """Give a job; when this returns, the loader waits for the word to go."""
        self._say({"job": job, "number": number})
        self._answer()

    def end(self) -> int:
        """Wait until the job is done, and return how many loads were too slow to emulate."""
        return int(self._answer()["overruns"])

    def failure(self) -> BaseException | None:
        """Return why the loader cannot go on, if it cannot."""
        if self._words[FAILED]:
            try:
                self._answer()
            except EdgesimError as error:
                return error
        return self._gone() if self._exit_code() is not None else None

    def threads(self) -> list[int]:
        """Return the loader's threads, as the system numbers them."""
        return [self._process.pid]

    def close(self) -> None:
        """End the loader, whatever it does: it holds nothing that it would have to put in order."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.kill()
        process.wait()
        process.stdout.close()
        with suppress(OSError):  # there may be something that was still to be written to it
            process.stdin.close()

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
        if "refused" in found:
            kind = InputError if found["exit_code"] == InputError.exit_code else ExecutionError
            raise kind(found["refused"])
        return found

    def _exit_code(self) -> int | None:
        """Return how the process ended, if it has.

        `Popen.poll` would take a lock, and keep it for ever if Ctrl-C came at the wrong moment.
        """
        found = os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if found is None:
            return None
        return found.si_status if found.si_code == os.CLD_EXITED else -found.si_status

    def _gone(self) -> ExecutionError:
        code, until = self._exit_code(), time.monotonic() + 1
        while code is None and time.monotonic() < until:
            time.sleep(1e-3)
            code = self._exit_code()
        shown = "none yet" if code is None else code
        return ExecutionError(f"the loader process ended before its time, exit code {shown}; run it again, and if it"
                              " happens again look for what kills it")  # fmt: skip


def _started(memory: int) -> "subprocess.Popen[str]":
    """Start the loader, which inherits the memory, and a deaf ear to Ctrl-C: who waits for it ends it."""
    main = threading.current_thread() is threading.main_thread()
    code = f"from edgesim.backends.real.process import main; main({os.getpid()}, {main})"
    path = os.pathsep.join(folder or str(Path.cwd()) for folder in sys.path)  # what this process would import
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return subprocess.Popen(
            [sys.executable, "-P", "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=[memory],
            text=True, env=os.environ | {"PYTHONPATH": path},
        )  # fmt: skip
    except OSError as error:
        raise ExecutionError(f"the loader process cannot be started, {error.strerror}; make the loader a thread"
                             ) from error  # fmt: skip
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
