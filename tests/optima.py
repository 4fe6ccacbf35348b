"""The documents' tables of how far planners are from the optimum, computed from the committed files."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from edgesim.planners.optimum import gap_to
from edgesim.units import show_bytes, show_ns

OPTIMA = Path(__file__).parents[1] / "scenarios" / "optima"
CASES, TIMES = OPTIMA / "optima.csv", OPTIMA / "timings.csv"
NAMES = {"wrx": "wrx", "pipeline": "best uniform pipeline", "wrx_plus": "wrx_plus", "oracle": "oracle"}
NEAR = 1e-3
"""The oracle's default gap."""
Row = dict[str, str]
Table = tuple[tuple[str, ...], list[list[str]]]


def read(path: Path) -> list[Row]:
    """Return the rows of a file."""
    with path.open() as file:
        return list(csv.DictReader(file))


def gap(row: Row, planner: str) -> float:
    """Return how far a plan is from the proven bound, as a share of it; all of it where there is no plan."""
    return gap_to(float(row["bound"]), float(row[planner] or 0))


def blocks(path: Path) -> dict[str, list[Row]]:
    """Return the rows of each block, by its load buffers."""
    every = read(path)
    small = [row for row in every if row["load_buffer_bytes"]]
    sizes = sorted({int(row["load_buffer_bytes"]) for row in small})
    unlimited = [row for row in every if not row["load_buffer_bytes"]]
    return {"unlimited": unlimited, " or ".join(map(show_bytes, sizes)): small}


def feasible(rows: Iterable[Row]) -> list[Row]:
    """Return those for which there is a plan."""
    return [row for row in rows if row["bound"]]


def percentiles(values: Sequence[float], *wanted: int) -> list[float]:
    """Return percentiles of some values."""
    return [float(value) for value in np.percentile(values, wanted)]


def percent(value: float) -> str:
    """Write a share with two decimals."""
    return f"{100 * value:.2f} %"


def distances(path: Path = CASES) -> Table:
    """Return how far below the bound each planner's fidelity is, one row a block and planner."""
    head = ("load buffer", "cases", "planner", "median gap", "p90", "p99", "worst", "within 0.1 %", "without a plan")
    table = []
    for block, rows in blocks(path).items():
        kept = feasible(rows)
        for planner, name in NAMES.items():
            gaps = [gap(row, planner) for row in kept]
            near = sum(each <= NEAR for each in gaps) / len(gaps)
            table.append([
                block, f"{len(kept)} ({len(rows) - len(kept)} more are infeasible)", name,
                *map(percent, percentiles(gaps, 50, 90, 99, 100)), f"{near:.1%}",
                str(sum(not row[planner] for row in kept)),
            ])  # fmt: skip
        behind = [1 - float(row["wrx_plus"] or 0) / float(row["oracle"]) for row in kept if row["oracle"]]
        near = sum(each <= NEAR for each in behind) / len(behind)
        table.append([
            block, str(len(behind)), "wrx_plus, to the oracle's plan",
            *map(percent, percentiles(behind, 50, 90, 99, 100)),
            f"{near:.1%}", "-",
        ])  # fmt: skip
    return head, table


def distances_by_device(path: Path = CASES) -> Table:
    """Return the same by device, load buffer unlimited: median, p90, p99 and worst."""
    rows = feasible(blocks(path)["unlimited"])
    table = []
    for device in sorted({row["device"] for row in rows}):
        own = [row for row in rows if row["device"] == device]
        cells = [percentiles([gap(row, planner) for row in own], 50, 90, 99, 100) for planner in NAMES]
        table.append([device, str(len(own)), *(", ".join(f"{100 * value:.2f}" for value in cell) for cell in cells)])
    return ("device", "cases", *(f"{name} [%]" for name in NAMES.values())), table


def times(path: Path = CASES) -> Table:
    """Return how long planning takes, again and the first time; the oracle is asked once."""
    head = ("load buffer", "planner", "median", "p95", "longest", "first call: median", "p95", "longest")
    table = []
    for block, rows in blocks(path).items():
        for planner in ("wrx", "wrx_plus"):
            again, first = (_times(feasible(rows), f"{planner}_{which}us") for which in ("", "first_"))
            table.append([block, planner, *again, *first])
        table.append([block, "oracle's search", "-", "-", "-", *_times(feasible(rows), "oracle_us")])
    return head, table


def oracle_times(path: Path = TIMES) -> Table:
    """Return how long the oracle takes for random importances, and its search alone when it starts from nothing."""
    head = ("12 x 12 shards of random importance", "instances", "oracle: median", "p95", "longest", "proven",
            "worst gap", "from nothing: median", "p95", "longest", "proven")  # fmt: skip
    every = feasible(read(path))
    table = []
    for name, wanted in (("all executed", "12x12"), ("any n x m", "all")):
        rows = [row for row in every if row["submodel"] == wanted]
        cells = [[*_times(rows, f"{how}_us"), _proven(rows, f"{how}_proven")] for how in ("oracle", "alone")]
        worst = percent(max(gap(row, "oracle") for row in rows))
        table.append([name, str(len(rows)), *cells[0], worst, *cells[1]])
    return head, table


def _proven(rows: Sequence[Row], column: str) -> str:
    return f"{sum(row[column] == '1' for row in rows)} of {len(rows)}"


def _times(rows: Iterable[Row], column: str) -> list[str]:
    found = percentiles([float(row[column]) for row in rows], 50, 95, 100)
    return [show_ns(round(1000 * each)) for each in found]


def printed(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table for a terminal."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in (head, *rows))


TABLES = {
    "the distances": distances,
    "the distances by device": distances_by_device,
    "the planning times": times,
    "the oracle's times": oracle_times,
}
"""What makes each table, by its name in the documents."""
