"""Kill writers of datasets at every step and at random moments, and resume each: ``killing_sweeps.py FOLDER``."""

import json
import os
import sys
import time
from functools import partial
from pathlib import Path
from random import Random

import pyarrow.parquet  # noqa: F401  (once, not in each process)
from dying import Step, dying_before, killed
from swept import COLUMNS, LABELS, identity, left_over, rows

from edgesim.sweeps import begin
from edgesim.sweeps import dataset as module
from edgesim.sweeps.dataset import Dataset
from edgesim.sweeps.manifest import Call, Manifest, read_manifest
from edgesim.sweeps.reading import read_sweep

POINTS, BATCH, PLANNERS, MOMENTS = 12, 4, 2, 12


def resumed(folder: Path, step: Step = lambda: None, pause_s: float = 0) -> None:
    """Write what is missing of a sweep, each batch at once."""
    module.SECONDS = module.SHARE = 0
    with Dataset.open(folder, identity(POINTS), COLUMNS, resume=True) as dataset:
        pending = dataset.pending()
        for first in range(0, len(pending), BATCH):
            step()
            time.sleep(pause_s)
            dataset.add(rows(pending[first : first + BATCH], LABELS[:PLANNERS]))
        dataset.close(complete=True)


def main(folder: Path) -> None:
    """Write how many writers were killed, and the datasets that differ from an undisturbed one once resumed."""
    Manifest(identity=identity(0), columns={}, calls=(Call(started=""),))  # pydantic builds them once
    begin.versions = dict  # git takes longer than all the rest
    os.fsync = lambda descriptor: None  # what a process wrote outlives it without
    steps, kills, random, names = 0, 0, Random(0), ["timed"]

    def again(name: str) -> None:
        killed(partial(resumed, folder / name))
        names.append(name)

    while killed(partial(resumed, folder / f"step-{steps + 1}"), dying_before(steps + 1)):
        steps += 1
        if steps % 2:
            killed(partial(resumed, folder / f"step-{steps}"), dying_before(random.randrange(1, 40)))
        again(f"step-{steps}")
    began = time.perf_counter()
    slowly = partial(resumed, pause_s=0.02)
    killed(lambda step: slowly(folder / "timed"))
    duration_s = time.perf_counter() - began
    for moment in range(MOMENTS):
        while killed(partial(slowly, folder / f"moment-{moment}"), after_s=random.random() * duration_s):
            kills += 1
        again(f"moment-{moment}")
    wanted = rows(range(POINTS), LABELS[:PLANNERS])
    wrong = [name for name in names if not _is_right(folder / name, wanted)]
    sys.stdout.write(json.dumps({"steps": steps, "kills": kills, "wrong": wrong}))


def _is_right(folder: Path, wanted: object) -> bool:
    manifest = read_manifest(folder)
    whole = manifest.complete and manifest.rows == POINTS and not left_over(folder)
    return whole and read_sweep(folder).equals(wanted)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
