"""The loader as a thread of this process, where another process is not to be had; both then share Python's lock."""

import os
import threading
from collections.abc import Mapping, Sequence

from edgesim.backends.real.control import FAILED, GO, STOP
from edgesim.backends.real.jobs import Job
from edgesim.backends.real.lanes import perform
from edgesim.backends.real.link import LoaderSetup
from edgesim.backends.real.loading import Loader, Reads
from edgesim.backends.real.reader import Opened, open_file, read_facts, refusal
from edgesim.backends.real.shared import Shared


class ThreadLink:
    """Starts a thread for each inference.

    Parameters
    ----------
    shared
        Memory that shards are read into.
    setup
        What is to be read, and how; a thread is neither pinned nor of real-time priority.

    Raises
    ------
    InputError, ExecutionError
        If a file cannot be opened.
    """

    def __init__(self, shared: Shared, setup: LoaderSetup) -> None:
        shared.words[GO] = 0
        self._files: list[Opened] = []
        try:
            for path in setup.files:
                self._files.append(open_file(path, setup.direct))
        except OSError as error:
            self._close_files()
            raise refusal(error) from error
        self._loader = Loader(shared.words, shared.arena, self._files, spins=False)
        self._thread = threading.Thread()
        self._overruns = 0
        self._failure: BaseException | None = None
        self.facts: Mapping[str, object] = {"loader": "thread"} | read_facts(self._files)

    def begin(self, job: Job, number: int) -> None:
        """Give a job; when this returns, the loader waits for the word to go."""
        reads = self._loader.prepare(job)
        self._thread = threading.Thread(target=self._work, args=(job, number, reads), daemon=True)
        self._thread.start()

    def _work(self, job: Job, number: int, reads: Sequence[Reads]) -> None:
        try:
            self._overruns = perform(self._loader, job, number, reads)
        except OSError as error:
            self._failure = refusal(error)
        except BaseException as error:
            self._failure = error

    def end(self) -> int:
        """Wait until the job is done, and return how many loads were too slow to emulate."""
        self._thread.join()
        if self._failure:
            raise self._failure
        return self._overruns

    def failure(self) -> BaseException | None:
        """Return why the loader cannot go on, if it cannot."""
        if self._loader.words[FAILED]:
            self._thread.join(1)
        return self._failure

    def threads(self) -> list[int]:
        """Return the loader's threads, as the system numbers them."""
        return [self._thread.native_id] if self._thread.native_id else []

    def close(self) -> None:
        """End the loader; a read that does not end keeps its file."""
        self._loader.words[GO] = STOP
        if self._thread.ident:
            self._thread.join(1)
        if not self._thread.is_alive():
            self._close_files()

    def _close_files(self) -> None:
        while self._files:
            os.close(self._files.pop().fd)
