"""Campaigns without real execution: simulated timelines, bent to order, stand for real ones."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from executed import SEQ_LEN
from strategies import BITWIDTHS, toy_device, toy_model, toy_plan, toy_scenario

from edgesim.backends.simulated import execute
from edgesim.device import Device
from edgesim.figures import Metrics
from edgesim.metrics import measure, tally
from edgesim.plans import Plan
from edgesim.result import Result
from edgesim.scenario import Scenario
from edgesim.shards.store import Store
from edgesim.timeline import EXECUTOR, Span, Timeline
from edgesim.validation.cases import case_of
from edgesim.validation.records import Campaign, Case, Run

Bend = Callable[[int], int]
"""From a simulated time [ns] to a real one."""


def result_of(scenario: Scenario, plan: Plan, planner: str = "toy") -> Result:
    """Simulate a plan."""
    parts = list(execute(plan, scenario.model, scenario.device, scenario.session))
    timeline = Timeline(
        tuple(request for part in parts for request in part.requests), tuple(span for p in parts for span in p.spans)
    )
    names = (scenario.name, scenario.device.name, scenario.processor, scenario.model.name, planner)
    return Result(*names, plan, measure(parts, plan, scenario), (), timeline)


def simulated_case(scenario: Scenario, plan: Plan, planner: str = "toy", changes: dict[str, str] | None = None) -> Case:
    """Return the case of a plan."""
    return case_of(result_of(scenario, plan, planner), scenario, changes or {})


def toy_case(
    bits: Sequence[Sequence[int]] = ((6, 6), (6, 6)),
    *,
    throttle: Device | None = None,
    target_ns: int = 1000,
    planner: str = "toy",
    changes: dict[str, str] | None = None,
    unpack_ns: int = 0,
    layer_ns: int = 100,
    **plan: Any,  # noqa: ANN401  (any field of a plan)
) -> Case:
    """Return a case of two layers of two shards that load in 60 ns and compute in 200 ns, unless told otherwise."""
    model = toy_model(bitwidths=(2, 6, 32))
    device = toy_device(layer_ns={1: layer_ns, 4: 4 * layer_ns}, unpack_ns=unpack_ns)
    scenario = toy_scenario(model, device, target_ns=target_ns, preload=10**6)
    scenario = scenario.model_copy(update={"throttle": throttle})
    return simulated_case(scenario, toy_plan(model, bits, **plan), planner, changes)


def run_of(case: Case, timeline: Timeline | None = None, **changes: Any) -> Run:  # noqa: ANN401  (any field of a run)
    """Return a run that took the simulated times, or those of a timeline."""
    shown = timeline or case.simulated
    run = Run(1, shown, metrics_of(case, shown), 0, 0, 0, 0, None, None)
    return run._replace(**changes)


def metrics_of(case: Case, timeline: Timeline) -> Metrics:
    """Measure the times of a timeline; its memory is the simulated one."""
    first = tally(Timeline(timeline.requests[:1], tuple(span for span in timeline.spans if span.request == 0)))
    latency = timeline.requests[0].finish_ns - timeline.requests[0].arrival_ns
    return replace(case.metrics, latency_ns=latency, **first._asdict())


def bent(timeline: Timeline, bend: Bend) -> Timeline:
    """Move every edge of every span."""
    return Timeline(
        tuple(
            request._replace(**{key: bend(getattr(request, key)) for key in request._fields[:3]})
            for request in timeline.requests
        ),
        tuple(span._replace(start_ns=bend(span.start_ns), end_ns=bend(span.end_ns)) for span in timeline.spans),
    )


def stretched(timeline: Timeline, numerator: int, denominator: int = 1) -> Timeline:
    """Make everything take so many times as long."""
    return bent(timeline, lambda time: time * numerator // denominator)


def stretched_run(case: Case, numerator: int, denominator: int = 1, **changes: Any) -> Run:  # noqa: ANN401
    """Return a run in which everything took so many times as long."""
    return run_of(case, stretched(case.simulated, numerator, denominator), **changes)


def with_handoffs(timeline: Timeline, gap_ns: int) -> Timeline:
    """Put a hand-off after every stall; what comes after it comes later, the loads come as before."""
    ends = [span.end_ns for span in timeline.spans if span.kind == "stall"]
    spans: list[Span] = []
    for span in timeline.spans:
        late = gap_ns * sum(end <= span.start_ns for end in ends) if span.lane == EXECUTOR else 0
        spans.append(span._replace(start_ns=span.start_ns + late, end_ns=span.end_ns + late))
        if span.kind == "stall":
            begun = span.end_ns + late
            spans.append(span._replace(kind="handoff", start_ns=begun, end_ns=begun + gap_ns))
    finish = [request._replace(finish_ns=request.finish_ns + gap_ns * len(ends)) for request in timeline.requests]
    return Timeline(tuple(finish), tuple(spans))


def campaign_of(
    *rows: tuple[Case, Sequence[Run]], tolerance: float = 0.05, circumstances: dict[str, Any] | None = None
) -> Campaign:
    """Return a campaign of cases with their runs."""
    cases, runs = zip(*rows, strict=True)
    return Campaign("toy", tolerance, cases, tuple(map(tuple, runs)), circumstances or {})


def write_scenario(store: Store, **changes: object) -> Path:
    """Write a scenario for a store, with a device profile of round numbers; return its path."""
    shape, folder = store.manifest.architecture, store.folder.parent
    geometry = {"hidden": shape.hidden, "heads": shape.heads, "ffn": shape.ffn, "seq_len": SEQ_LEN, "dtype": "fp32"}
    model = {
        "schema": "edgesim.model/1", "name": "tiny", "layers": shape.layers, "shards_per_layer": shape.heads,
        "geometry": geometry, "parameters_per_shard": shape.parameters_per_shard, "bitwidths": list(BITWIDTHS),
        "records": {"file": f"{store.folder.name}/records.csv"},
    }  # fmt: skip
    times = {m: f"{20 * m} us" for m in range(1, shape.heads + 1)}
    unpack = dict.fromkeys(BITWIDTHS, "20 us")
    cpu = {"layer_times": [{"geometry": geometry, "time": times}], "decompress": {"per_shard": unpack}}
    device = {"schema": "edgesim.device/1", "name": "here", "storage": {"read": {"bandwidth": "200 MB/s"}},
              "processors": {"cpu": cpu}}  # fmt: skip
    scenario = {
        "schema": "edgesim.scenario/1", "device": "./here.yaml", "processor": "cpu", "store": store.folder.name,
        "model": "./model.yaml", "planner": "std_pipeline", "target_latency": "100 ms", "preload_buffer": "0 B",
    }  # fmt: skip
    for name, form in (("model", model), ("here", device), ("mine", scenario | changes)):
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(form))
    return folder / "mine.yaml"
