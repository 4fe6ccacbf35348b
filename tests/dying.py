"""Processes that are killed, or kill themselves before any step they take: for programs of their own, not tests.

A process that forks must not have threads.
"""

import os
import signal
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

Step = Callable[[], None]
Prepare = Callable[[], Step]


def killed(
    work: Callable[[Step], object], prepare: Prepare = lambda: lambda: None, after_s: float | None = None
) -> bool:
    """Work in another process, which is killed after a time or kills itself; tell whether it was.

    Parameters
    ----------
    work
        What to do; it is given what to call at each step.
    prepare
        Called in the other process; returns what is called at each step.
    after_s
        When to kill it.
    """
    child = os.fork()
    if child == 0:
        work(prepare())
        os._exit(0)
    if after_s is not None:
        time.sleep(after_s)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise SystemExit("the work failed of itself")
    return os.WIFSIGNALED(status)


def dying_before(number: int) -> Prepare:
    """Make a process kill itself before its n-th step: one of its own, or a file synchronised, renamed or removed."""

    def prepare() -> Step:
        left = count(number - 1, -1)

        def step() -> None:
            if next(left) == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        def stepping(function: Callable[..., Any]) -> Callable[..., Any]:
            return lambda *arguments, **options: (step(), function(*arguments, **options))[1]

        os.fsync, Path.replace, Path.unlink = map(stepping, (os.fsync, Path.replace, Path.unlink))
        return step

    return prepare
