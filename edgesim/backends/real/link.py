"""The executor's end of the link to the loader."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from edgesim.backends.real.jobs import Job


@dataclass(frozen=True, slots=True)
class LoaderSetup:
    """Where the shards are, and how to read them."""

    files: Sequence[Path]
    direct: bool
    cpu: int | None
    realtime: bool
    spins: bool


class Link(Protocol):
    """What the executor knows of the loader, which is a process or a thread."""

    facts: Mapping[str, object]
    """What the loader was granted."""

    def begin(self, job: Job, number: int) -> None:
        """Give a job; when this returns, the loader waits for the word to go."""

    def end(self) -> int:
        """Wait until the job is done, and return how many loads were too slow to emulate."""

    def failure(self) -> BaseException | None:
        """Return why the loader cannot go on, if it cannot."""

    def threads(self) -> list[int]:
        """Return the loader's threads, as the system numbers them."""

    def close(self) -> None:
        """End the loader, whatever it does; once more does nothing."""
