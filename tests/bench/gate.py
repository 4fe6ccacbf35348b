"""Print how long the regression gate takes for 10,000 cells: ``python -m tests.bench.gate``, in the repository.

The shipped grid's devices, models and planners, at more targets and buffers. Asking the planners alone, one after the
other in one process, is the measure.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from edgesim.files import read_grid
from edgesim.grid import Grid
from edgesim.regression.cells import Side, Trial, cells
from edgesim.regression.verbs import record, regress
from edgesim.workers import cores

CELLS = 10_000


def large_grid() -> Grid:
    """Return the shipped grid with at least so many cells."""
    grid = read_grid("regress")
    least, most = min(grid.target_latency_ns), max(grid.target_latency_ns)
    count = -(-CELLS * len(grid.target_latency_ns) // len(cells(grid)))
    targets = tuple(round(least * (most / least) ** (place / (count - 1))) for place in range(count))
    return grid.model_copy(update={"target_latency_ns": targets})


def seconds(call: Callable[[], object]) -> float:
    """Time one call."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def lines() -> Iterator[str]:
    """Yield a line for each way to use the gate."""
    grid = large_grid()
    trial, every = Trial.of(grid, [Side(None, grid.folder)]), cells(grid)
    yield f"{len(every):,} cells, {len(grid.planners)} planners, {len(grid.scenarios)} places, {cores()} cores"
    asking = seconds(lambda: [trial.answer(trial.sides[0], cell) for cell in every])
    yield f"asking the planners alone, one process: {asking:.1f} s"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plans.json.gz"
        for what, call in (
            ("--record", lambda: record(path, grid)),
            ("--against", lambda: regress(grid, against=path)),
            ("--base HEAD", lambda: regress(grid, base="HEAD")),
        ):
            took = seconds(call)
            yield f"{what}: {took:.1f} s, {took / asking:.2f} x asking the planners alone"


if __name__ == "__main__":
    for line in lines():
        print(line, flush=True)
