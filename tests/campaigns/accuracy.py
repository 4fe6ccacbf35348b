"""Measured test accuracy of every planner on every task at three targets, beside the memory that it needs.

``python -m tests.campaigns.accuracy --store STORE --out FILE`` writes one row for each plan; the documents' table is
made of them by ``python -m tests.documents``.
"""

import argparse
import csv
import sys
from collections.abc import Iterator
from pathlib import Path

from edgesim import compare, read_scenario
from edgesim.accuracy import TASKS, evaluate
from edgesim.files import read_choice
from edgesim.report.text import shape

TARGETS = ("100 ms", "150 ms", "200 ms")
HEADER = [
    "task", "target", "planner", "shape", "meets_target", "accuracy", "predicted", "fidelity", "loss", "preload_bytes",
    "held_memory_bytes", "load_buffer_peak_bytes", "peak_memory_bytes", "latency_ns",
]  # fmt: skip


def rows(task: str, target: str, store: Path) -> Iterator[list[object]]:
    """Yield a row for each planner that has a plan."""
    scenario = read_scenario(f"minilm-{task}", {"target_latency": target})
    results = compare(scenario).results
    measured = evaluate(scenario, [read_choice(result.planner) for result in results], store=store)
    for result, found in zip(results, measured, strict=True):
        metrics = result.metrics
        yield [
            task, target, result.planner, shape(result.plan), metrics.meets_target, f"{found.accuracy:.4f}",
            f"{found.predicted:.4f}" if found.predicted is not None else "", f"{metrics.fidelity:.5f}",
            f"{found.loss:.4f}", metrics.preload_bytes, metrics.held_memory_bytes, metrics.load_buffer_peak_bytes,
            metrics.peak_memory_bytes, metrics.latency_ns,
        ]  # fmt: skip


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    found = []
    for task in TASKS:
        for target in TARGETS:
            for row in rows(task, target, options.store):
                found.append(row)
                print(*row, file=sys.stderr, flush=True)
    with options.out.open("w", newline="") as file:
        written = csv.writer(file, lineterminator="\n")
        written.writerows([HEADER, *found])


if __name__ == "__main__":
    main()
