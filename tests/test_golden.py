"""Plans and metrics of every planner on a small grid, as committed files that a change of a planner shows as a diff.

``pytest tests/test_golden.py --force-regen`` writes them anew (and fails once, by design); the review reads the diff.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from pytest_regressions.data_regression import DataRegressionFixture

from edgesim import Result, compare, read_scenario
from edgesim.cost import bits_of

SCENARIOS = ["fig6", "quickstart", "paper-odroid-400ms", "paper-jetson-200ms", "phone-ufs4", "distilbert-skew"]
VARIANTS = [
    "wrx",
    "wrx[variant=as_published]",
    "wrx[use_slack=false]",
    "wrx[upgrade_to=6]",
    "wrx[granularity=shard]",
    "wrx[granularity={group: 2}]",
    "wrx[preload_bitwidth=6]",
    *(f"{name}[bitwidth={bits}]" for name in ("load_exec", "std_pipeline", "preload_model") for bits in (2, 6, 32)),
    *(f"{name}[bitwidth=6]" for name in ("balanced_lock", "mmap_lru", "parallel_load")),
    *(f"{name}[bitwidth=6]" for name in ("demand_layering", "device_map", "one_ahead", "pipeswitch")),
    "dynabert",
    "flexgen",
]
METRICS = [
    "latency_ns", "meets_target", "stall_ns", "blocked_ns", "io_busy_ns", "compute_busy_ns", "loaded_bytes",
    "preload_bytes", "load_buffer_peak_bytes", "working_bytes", "held_memory_bytes", "peak_memory_bytes", "energy_pj",
]  # fmt: skip


def summary(result: Result) -> dict[str, Any]:
    """Write a plan in few lines: bits of each layer's shards (* preloaded), read requests, budgets, metrics."""
    plan, metrics = result.plan, asdict(result.metrics)
    bits, preloaded = bits_of(plan), set(plan.preload)
    rows = {
        layer: " ".join(f"{bits[layer, s]}{'*' if (layer, s) in preloaded else ''}" for s in shards)
        for layer, shards in zip(plan.layers, plan.shards, strict=True)
    }
    fidelity = result.metrics.fidelity
    return {
        "bits": rows,
        "reads": " ".join(str(load.bytes) for load in plan.loads),
        "io_budget": " ".join(str(budget) for budget in plan.io_budget_ns),
        "metrics": {name: metrics[name] for name in METRICS} | {"fidelity": fidelity and round(fidelity, 12)},
    }


@pytest.mark.parametrize("name", SCENARIOS)
def test_plans_and_metrics_are_those_committed(
    name: str, data_regression: DataRegressionFixture, original_datadir: Path
) -> None:
    """Every planner decides, and every metric comes out, as in the committed file."""
    comparison = compare(read_scenario(name), VARIANTS)
    found = {result.planner: summary(result) for result in comparison.results}
    found |= {left.planner: left.reason for left in comparison.left_out}
    data_regression.check(found, fullpath=original_datadir.parent / "golden" / f"{name}.yaml")
