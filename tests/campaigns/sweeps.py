"""How fast sweeps are, and how much memory they take: ``python -m tests.campaigns.sweeps [--points N] [--most N]``.

In one run on one machine: a stored sweep of a hundred thousand points, WRX and five baselines on 12 x 12 shards; the
same points through the recurrence and through the simulation; sessions on one worker and on two; and the memory of all
processes of a sweep of a million points.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from edgesim.sweeps.ready import Where, read_sweep_file
from tests.bench.sweeps import BASE, UNCHECKED

_GRID = """\
sweep:
  storage.read.bandwidth: {from: 20 MB/s, to: 2 GB/s, log: 13}
  preload_buffer: {from: 0 B, to: 12 MB, num: 13}
  target_latency: {from: 60 ms, to: 654 ms, num: TARGETS}
"""
_SESSIONS = """\
workload: {kind: server, rate: 2 /s, inferences: 1000}
sweep:
  seed: {from: 0, to: 39, step: 1}
  target_latency: [150 ms, 200 ms, 400 ms]
"""
_PER_TARGET = 13 * 13 * 6


def _written(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(BASE + text)
    return path


def _grid(folder: Path, points: int) -> Path:
    targets = -(-points // _PER_TARGET)
    return _written(folder, f"grid-{points}", _GRID.replace("TARGETS", str(targets)))


def stored(path: Path, workers: int) -> str:
    """Run a sweep as a user does, in a process of its own; say how long it took and the memory of all its processes."""
    out = path.with_suffix(".swept")
    command = [sys.executable, "-m", "edgesim", "sweep", str(path), "--out", str(out), "--workers", str(workers)]
    began = time.perf_counter()
    process = subprocess.Popen([*command, "--json", "-"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:
        peak = max(peak, _memory_kb(process.pid))
        time.sleep(0.2)
    taken = time.perf_counter() - began
    assert process.stdout is not None
    manifest = json.load(process.stdout)
    rows = sum(manifest["parts"].values())
    counts = {status: 0 for found in manifest["counts"].values() for status in found}
    for found in manifest["counts"].values():
        for status, number in found.items():
            counts[status] += number
    size = sum(part.stat().st_size for part in out.rglob("*.parquet"))
    return (f"{rows:,} points on {workers} workers: {taken:.1f} s, {rows / taken:,.0f}/s; all processes together"
            f" {peak / 1024:,.0f} MB at their peak; {size / rows:.0f} B a row; {counts}")  # fmt: skip


def _memory_kb(pid: int) -> int:
    """Return the proportional memory of a process and all it has started [KiB]."""
    total = 0
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        total = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (OSError, StopIteration):
        return total
    return total + sum(_memory_kb(int(child)) for child in children)


def engines(path: Path, number: int) -> str:
    """Compute the same points both ways, in this process."""
    made = read_sweep_file(path)
    fast = replace(made.evaluate, sample=UNCHECKED)
    slow = replace(fast, simulate=True)
    points = range(len(made.space) // 2, len(made.space) // 2 + number)
    times = []
    for evaluate in (fast, slow):
        began = time.perf_counter()
        evaluate(points)
        times.append(time.perf_counter() - began)
    ours, theirs = times
    return (f"{number:,} points: recurrence {ours / number * 1e6:.0f} us a point, simulation"
            f" {theirs / number * 1e6:.0f} us, {theirs / ours:.1f} x")  # fmt: skip


def scaling(path: Path) -> str:
    """Simulate sessions on one worker and on two."""
    made = read_sweep_file(path)
    times = {}
    for workers in (1, 2):
        began = time.perf_counter()
        rows = sum(map(len, made.frames(range(len(made.space)), Where(workers))))
        times[workers] = time.perf_counter() - began
    return (f"{rows} sessions: {times[1]:.1f} s on one worker, {times[2]:.1f} s on two,"
            f" {times[1] / times[2]:.2f} x")  # fmt: skip


def main() -> None:
    """Measure all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=100_000, help="of the sweep that is timed")
    parser.add_argument("--both", type=int, default=12_000, help="points that are computed both ways")
    parser.add_argument("--most", type=int, default=1_000_000, help="of the sweep whose memory is measured; 0 for none")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(stored(_grid(folder, options.points), 2), flush=True)
        print(engines(_grid(folder, options.points), options.both), flush=True)
        print(scaling(_written(folder, "sessions", _SESSIONS)), flush=True)
        if options.most:
            print(stored(_grid(folder, options.most), 2), flush=True)


if __name__ == "__main__":
    main()
