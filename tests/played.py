"""Results with every kind of span, lane and session, for what draws and writes them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

import edgesim
from edgesim import Device, Result, Scenario, Timeline
from edgesim.metrics import measure

SHIPPED = Path(__file__).parents[1]
Played = tuple[Result, Scenario]


def played(
    planner: str = "wrx",
    *,
    lanes: int = 1,
    overlap: bool = False,
    held: bool = False,
    hand_off: str = "",
    **changes: object,
) -> tuple[Result, Scenario]:
    """Run a planner on the Odroid for 300 ms; some keys of the scenario file, the device or the plan may differ."""
    device = yaml.safe_load((SHIPPED / "device_profiles/odroid-n2plus.yaml").read_text())
    device["processors"]["cpu"]["decompress"]["overlap"] = overlap
    if hand_off:
        device["processors"]["cpu"]["hand_off"] = {"time": hand_off}
    if lanes > 1:
        depths = {
            depth: {"table": [["100 kB", time], ["1 MB", "30 ms"]]} for depth, time in ((1, "2 ms"), (lanes, "5 ms"))
        }
        device["storage"] = {"lanes": lanes, "read": {"depths": depths}}
    form = {"schema": "edgesim.scenario/1", "name": "case", "processor": "cpu", "planner": planner.partition("[")[0]}
    form |= {"target_latency": "300 ms", "preload_buffer": "1 MB", "device": Device.model_validate(device)}
    scenario = Scenario.model_validate(form | {"model": edgesim.read_model("dynabert-12x12")} | changes)
    result = edgesim.run(scenario, planner)
    after = [None, None, *range(len(result.plan.loads) - 2)] if held else [None] * len(result.plan.loads)
    loads = tuple(replace(load, after=layer) for load, layer in zip(result.plan.loads, after, strict=True))
    plan = replace(result.plan, lanes=lanes, loads=loads)
    timeline = edgesim.simulate(plan, scenario)
    parts = [
        Timeline((request,), tuple(span for span in timeline.spans if span.request == number))
        for number, request in enumerate(timeline.requests)
    ]
    return replace(result, plan=plan, timeline=timeline, metrics=measure(parts, plan, scenario)), scenario


CASES: dict[str, dict[str, Any]] = {
    "wrx": {"load_buffer": "8 MB"},
    "stalls": {"planner": "std_pipeline[bitwidth=32]", "target_latency": "2500 ms"},
    "no_loads": {"planner": "preload_model"},
    "one_load": {"planner": "load_exec[bitwidth=2]"},
    "cold_session": {"workload": {"inferences": 3, "start": "cold"}},
    "blocked": {"planner": "wrx[granularity=shard]", "load_buffer": "5 MB", "target_latency": "600 ms"},
    "held": {"held": True, "target_latency": "600 ms"},
    "overlap": {"overlap": True},
    "hand_offs": {"planner": "std_pipeline[bitwidth=32]", "target_latency": "2500 ms", "hand_off": "20 ms"},
    "lanes": {"lanes": 3, "planner": "wrx[granularity=shard]", "workload": {"inferences": 2}},
}
