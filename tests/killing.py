"""Kill builds of one store at every step and at random moments, and take each up again: ``python killing.py FOLDER``.

A process that forks must not have threads, so this is a program of its own and not part of a test.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from tiny import build_tiny, contents, tiny_plan

from edgesim.shards import kernels

MOMENTS = 6


def larger_build(folder: Path, progress: Callable[[int, int], None] = lambda done, every: None) -> None:
    """Build a store that takes some tenths of a second."""
    build_tiny(folder, tiny_plan(hidden=64, ffn=256), progress=progress)


def killed(folder: Path, prepare: Callable[[], Callable[[], None]], after_s: float | None = None) -> bool:
    """Build in another process, which is killed or kills itself; tell whether it was."""
    child = os.fork()
    if child == 0:
        step = prepare()
        larger_build(folder, lambda done, every: step())
        os._exit(0)
    if after_s is not None:
        time.sleep(after_s)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise SystemExit("a build failed of itself")
    return os.WIFSIGNALED(status)


def dying_before(number: int) -> Callable[[], Callable[[], None]]:
    """Make a process kill itself before its n-th step: a slice, or a file synchronised, renamed or removed."""

    def prepare() -> Callable[[], None]:
        left = count(number - 1, -1)

        def step() -> None:
            if next(left) == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        def stepping(function: Callable[..., Any]) -> Callable[..., Any]:
            return lambda *arguments, **options: (step(), function(*arguments, **options))[1]

        os.fsync, Path.replace, Path.unlink = map(stepping, (os.fsync, Path.replace, Path.unlink))
        return step

    return prepare


def main(folder: Path) -> None:
    """Write how many builds were killed, and what differed from an undisturbed one when it was built again."""
    kernels.compiler = lambda: None  # compiling would take longer than building
    larger_build(folder / "undisturbed")
    wanted, wrong, steps = contents(folder / "undisturbed"), [], 0

    def again(name: str) -> None:
        larger_build(folder / name)
        found = contents(folder / name)
        wrong.extend(f"{name}: {file}" for file in found.keys() | wanted if found.get(file) != wanted.get(file))

    while killed(folder / f"step-{steps + 1}", dying_before(steps + 1)):
        steps += 1
        again(f"step-{steps}")
    began = time.perf_counter()
    larger_build(folder / "timed")
    duration_s, random = time.perf_counter() - began, Random(0)
    for moment in range(MOMENTS):
        killed(folder / f"moment-{moment}", lambda: lambda: None, random.random() * duration_s)
        again(f"moment-{moment}")
    sys.stdout.write(json.dumps({"steps": steps, "wrong": wrong}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
