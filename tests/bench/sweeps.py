"""A sweep whose points need no events: WRX and five baselines over bandwidths, buffers and targets."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import pandas as pd

from edgesim.sweeps.ready import Sweep, read_sweep_file
from edgesim.sweeps.sampling import Sample

POINTS = 3 * 3 * 20 * 6
BASE = """\
schema: edgesim.scenario/1
device: odroid-n2plus
processor: cpu
model: dynabert-12x12
planner: [wrx, load_exec, std_pipeline, {name: std_pipeline, options: {bitwidth: 6}}, preload_model, dynabert]
target_latency: 200 ms
preload_buffer: 1 MB
"""
_GRID = """\
sweep:
  storage.read.bandwidth: {from: 20 MB/s, to: 320 MB/s, log: 3}
  preload_buffer: [0 B, 1 MB, 5 MB]
  target_latency: {from: 100 ms, to: 480 ms, num: 20}
"""
UNCHECKED = Sample(2**62)


def swept() -> Sweep:
    """Read the sweep."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "bench.yaml"
        path.write_text(BASE + _GRID)
        return read_sweep_file(path)


def at_once(made: Sweep, *, simulate: bool) -> pd.DataFrame:
    """Compute all points one way only, in this process."""
    return replace(made.evaluate, sample=UNCHECKED, simulate=simulate)(range(len(made.space)))


def sweep_lines(rounds: int = 3) -> Iterator[str]:
    """Compute the same points through the recurrence and through the simulation."""
    times: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(rounds):
        for simulate, seconds in times.items():
            made = swept()  # read anew, so that nothing is known of it
            began = perf_counter()
            at_once(made, simulate=simulate)
            seconds.append(perf_counter() - began)
    ours, theirs = min(times[False]), min(times[True])
    yield (
        f"{POINTS:,} points of a sweep: {ours / POINTS * 1e6:.0f} us a point, rows included;"
        f" the simulation takes {theirs / ours:.0f} x as long"
    )
