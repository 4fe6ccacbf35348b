"""Print what planning costs, as ratios within one run: ``python -m tests.bench.planners``."""

from collections.abc import Iterator
from functools import partial

from edgesim import read_scenario
from edgesim.planners.baselines import std_pipeline
from edgesim.planners.wrx import wrx
from edgesim.planners.wrx_plus import wrx_plus

from .__main__ import best_seconds

KNAPSACKS = {
    "quickstart": 2,
    "paper-odroid-400ms": 1,
    "paper-jetson-150ms": 2,
    "minilm-signature": 2,
    "bounded-load-buffer": 4,
    "executed-minilm": 77,
    "plugin-planner": 102,
}
"""How many knapsacks `wrx_plus` packs at most, by shipped scenario."""


def lines() -> Iterator[str]:
    """Plan each scenario in turn with three planners."""
    for name in KNAPSACKS:
        scenario = read_scenario(name)
        inputs = scenario.model, scenario.device, scenario.budget
        plus, own, pipeline = best_seconds(
            partial(wrx_plus, *inputs), partial(wrx, *inputs), partial(std_pipeline, *inputs, bitwidth=6)
        )
        yield (
            f"{name}: wrx_plus : wrx : std_pipeline = {plus / pipeline:.1f} : {own / pipeline:.2f} : 1,"
            f" wrx_plus {plus * 1e3:.1f} ms, {plus / own:.1f} x wrx"
        )


if __name__ == "__main__":
    for line in lines():
        print(line, flush=True)
