"""Rows as a sweep has them, made up: the same for a point whenever they are asked for."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from edgesim.sweeps.manifest import Identity

LABELS = (
    "wrx", "std_pipeline[bitwidth=6]", "device_map[x={a: 1, b: null},y=true]", "./my planners/two.py:plan", "../../etc",
    "größer ✓", "a%2Fb=c&d+e;f", "?*|<>\"'", ".",
)  # fmt: skip
LARGE = 2**53 + 1
"""Not a float."""


def rows(points: Sequence[int], labels: Sequence[str] = LABELS) -> pd.DataFrame:
    """Return the rows of some points: texts, integers that are no floats, and columns that are NA for all or some."""
    numbers = np.array(points, np.int64)
    fails = numbers % 5 == 4
    made: dict[str, Any] = {
        "point": pd.array(numbers, dtype="Int64"),
        "scenario": pd.array(["mine"] * len(numbers), dtype="string"),
        "planner": pd.array([labels[number % len(labels)] for number in points], dtype="string"),
        "throttle": pd.array([pd.NA] * len(numbers), dtype="string"),
        "load_buffer_bytes": pd.array([pd.NA] * len(numbers), dtype="Int64"),
        "storage.read.bandwidth": pd.arrays.FloatingArray(numbers / 3, numbers < 0),
        "status": pd.array(np.where(fails, "infeasible", "done"), dtype="string"),
        "reason": pd.array([f"short by {n} ns" if n % 5 == 4 else pd.NA for n in points], dtype="string"),
        "latency_ns": pd.arrays.IntegerArray(LARGE + numbers, fails),
        "meets_target": pd.arrays.BooleanArray(numbers % 2 == 0, fails),
        "fidelity": pd.arrays.FloatingArray(1 / (2 + numbers), fails),
    }
    return pd.DataFrame(made)


COLUMNS = {name: str(kind) for name, kind in rows([]).dtypes.items()}


def identity(points: int, **other: Any) -> Identity:  # noqa: ANN401  (any field)
    """Return what makes a sweep that sweep."""
    fields = {"scenario": "mine", "file": "mine.yaml", "inputs": {"mine.yaml": "00"}, "planners": LABELS,
              "keys": ("storage.read.bandwidth",), "points": points, "source": "11"}  # fmt: skip
    return Identity(**(fields | other))


def left_over(folder: Path) -> list[str]:
    """Return the files of a dataset that no reader should find."""
    return [path.name for path in folder.rglob(".edgesim*")]
