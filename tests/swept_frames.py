"""Frames as sweeps have them: real ones from `run`, and made ones of given figures."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from edgesim import InfeasibleError, read_scenario, run
from edgesim.files import read_choice
from edgesim.report.text import render
from edgesim.sweeps.columns import DONE, INFEASIBLE, Rows, row_columns
from edgesim.sweeps.findings import Report
from edgesim.sweeps.shown import report_text

PLANNERS = ("wrx", "std_pipeline[bitwidth=2]", "std_pipeline[bitwidth=6]", "preload_model[bitwidth=6]")


def real_frame(keys: Mapping[str, Sequence[str]], planners: Iterable[str] = PLANNERS) -> pd.DataFrame:
    """Run the quickstart with every value of some keys with every other, and each planner."""
    cases = [(values, label) for values in product(*keys.values()) for label in planners]
    rows = Rows(row_columns({}, sessions=False), len(cases))
    for point, (values, label) in enumerate(cases):
        scenario = read_scenario("quickstart", dict(zip(keys, values, strict=True)))
        asked = {
            "point": point, "scenario": scenario.name, "device": scenario.device.name, "planner": label,
            "processor": scenario.processor, "model": scenario.model.name, "status": DONE, "engine": "simulation",
            "preload_buffer_bytes": scenario.preload_bytes, "load_buffer_bytes": scenario.load_buffer_bytes,
            "target_latency_ns": scenario.target_latency_ns,
        }  # fmt: skip
        try:
            rows.fill(point, run(scenario, read_choice(label)).to_row() | asked)
        except InfeasibleError as error:
            rows.fill(point, asked | {"status": INFEASIBLE, "reason": str(error), "engine": None})
    return rows.frame()


def made_frame(
    rows: Sequence[Mapping[str, Any]], swept: Mapping[str, type] | None = None, *, sessions: bool = False
) -> pd.DataFrame:
    """Return a frame of rows that are done unless they say otherwise; figures not given are ordinary ones."""
    usual = {
        "scenario": "made", "device": "d", "processor": "cpu", "model": "m", "planner": "wrx", "status": DONE,
        "target_latency_ns": 10**8, "preload_buffer_bytes": 10**6,
    }  # fmt: skip
    figures = {"latency_ns": 9 * 10**7, "meets_target": True, "held_memory_bytes": 10**7, "peak_memory_bytes": 10**8}
    found = Rows(row_columns(swept or {}, sessions=sessions), len(rows))
    for point, row in enumerate(rows):
        done = row.get("status", DONE) == DONE
        found.fill(point, {"point": point} | usual | (figures if done else {}) | dict(row))
    return found.frame()


def random_frame(random: np.random.Generator, number: int, levels: int = 6) -> pd.DataFrame:
    """Return a frame over two devices, four targets, three buffers and four planners, with ties and unknown figures."""
    rows: list[dict[str, Any]] = []
    for _ in range(number):
        latency, held, good, status = random.integers(0, levels, 4).tolist()
        row: dict[str, Any] = {
            "device": f"d{random.integers(2)}", "planner": f"p{random.integers(4)}",
            "target_latency_ns": 10**8 * int(random.integers(1, 5)),
            "preload_buffer_bytes": 10**6 * int(random.integers(1, 4)),
            "status": DONE if status else INFEASIBLE,
        }  # fmt: skip
        if status:
            row |= {
                "latency_ns": 10**8 * (latency + 1), "held_memory_bytes": held + 1,
                "peak_memory_bytes": 100 * (held + good), "fidelity": None if good == 0 else good / levels,
                "meets_target": 10**8 * (latency + 1) <= row["target_latency_ns"],
            }  # fmt: skip
        rows.append(row)
    return made_frame(rows)


def text_of(found: Report) -> str:
    """Return what is shown, with single spaces."""
    return "\n".join(" ".join(line.split()) for line in render(report_text(found), 200).splitlines())
