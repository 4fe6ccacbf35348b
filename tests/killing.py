"""Kill builds of a store at every step and at random moments, and take each up again: ``python killing.py FOLDER``."""

import json
import sys
import time
from functools import partial
from pathlib import Path
from random import Random

from dying import Step, dying_before, killed
from tiny import build_tiny, contents, tiny_plan

from edgesim.shards import kernels

MOMENTS = 6


def larger_build(folder: Path, step: Step = lambda: None) -> None:
    """Build a store that takes some tenths of a second."""
    build_tiny(folder, tiny_plan(hidden=64, ffn=256), progress=lambda done, every: step())


def main(folder: Path) -> None:
    """Write how many builds were killed, and what differed from an undisturbed one when it was built again."""
    kernels.compiler = lambda: None  # compiling would take longer than building
    larger_build(folder / "undisturbed")
    wanted, wrong, steps = contents(folder / "undisturbed"), [], 0

    def again(name: str) -> None:
        larger_build(folder / name)
        found = contents(folder / name)
        wrong.extend(f"{name}: {file}" for file in found.keys() | wanted if found.get(file) != wanted.get(file))

    while killed(partial(larger_build, folder / f"step-{steps + 1}"), dying_before(steps + 1)):
        steps += 1
        again(f"step-{steps}")
    began = time.perf_counter()
    larger_build(folder / "timed")
    duration_s, random = time.perf_counter() - began, Random(0)
    for moment in range(MOMENTS):
        name = f"moment-{moment}"
        killed(partial(larger_build, folder / name), after_s=random.random() * duration_s)
        again(name)
    sys.stdout.write(json.dumps({"steps": steps, "wrong": wrong}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
