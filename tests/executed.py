"""Real executions of tiny stores without PyTorch: a processor in NumPy, and what holds of every timeline."""

import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from strategies import BITWIDTHS, SEEDS, Case, made_legal, ns, plans, toy_device, toy_scenario
from tiny import build_tiny, tiny_plan

from edgesim.device import Device
from edgesim.model import Model
from edgesim.plans import Plan
from edgesim.scenario import Scenario
from edgesim.shards.record import decompress
from edgesim.shards.slicing import LayerBuffer
from edgesim.shards.store import Store
from edgesim.timeline import EXECUTOR, LOADER, Span, Timeline
from edgesim.work import traffic

SEQ_LEN = 4
WORK = ("load", "decompress", "compute")
"""Kinds of spans that are there however long anything takes."""


def make_store(folder: Path, layers: int = 4, heads: int = 3, order: tuple[int, ...] | None = None) -> Store:
    """Build a store of records from 4 to 36 KiB."""
    return build_tiny(folder, tiny_plan(layers=layers, hidden=48, heads=heads, ffn=96, order=order))


def model_of(store: Store) -> Model:
    """Return the model of a store, as its own model file would describe it."""
    shape = store.manifest.architecture
    geometry = {"hidden": shape.hidden, "heads": shape.heads, "ffn": shape.ffn, "seq_len": SEQ_LEN, "dtype": "fp32"}
    return Model.model_validate({
        "schema": "edgesim.model/1", "name": store.manifest.name, "layers": shape.layers,
        "shards_per_layer": shape.heads, "geometry": geometry, "parameters_per_shard": shape.parameters_per_shard,
        "bitwidths": BITWIDTHS, "records": store.records,
    })  # fmt: skip


def scenario_of(model: Model, device: Device | None = None, **workload: object) -> Scenario:
    """Build a scenario without bounds for a model, on a device that knows its geometry."""
    times = {"geometry": model.geometry, "time": ns({m: 100 * m for m in range(1, model.shards_per_layer + 1)})}
    cpu = {"layer_times": [times], "decompress": {"per_shard": ns(dict.fromkeys(BITWIDTHS, 10))}}
    made = device or toy_device(processors={"cpu": cpu, "cuda": cpu}, lanes=2, read=_TWO_LANES)
    return toy_scenario(model, made, preload=10**9, **workload)


_TWO_LANES = {"depths": {depth: {"table": [["4 KiB", f"{depth * 10} us"], ["1 MB", "1 ms"]]} for depth in (1, 2)}}


@st.composite
def executions(draw: st.DrawFn, model: Model) -> Case:
    """Draw any legal plan and session of a store's model."""
    random = Random(draw(SEEDS))
    scenario = scenario_of(model, inferences=random.randint(1, 3), start=random.choice(["warm", "cold"]))
    plan = draw(plans(scenario))
    ample = sum(load.bytes for load in plan.loads)
    room = random.choice([None, random.randint(0, ample), random.randint(ample // 3, ample)])
    return made_legal(scenario.model_copy(update={"load_buffer_bytes": room}), plan)


class Double:
    """Really verifies and decompresses the shards, and computes a small product with them.

    Parameters
    ----------
    store
        What is executed.
    computing
        Called with the number of the layer whenever one is computed, to wait or to fail.
    """

    def __init__(self, store: Store, computing: Callable[[int], None] = lambda layer: None) -> None:
        shape = store.manifest.architecture
        self.store, self.computing = store, computing
        self.input = np.linspace(-1, 1, shape.hidden, dtype=np.float32)
        self.state = self.input
        self.buffer = LayerBuffer(shape.hidden, shape.ffn, shape.heads)

    def warm_up(self) -> None:
        """Have the kernels compiled."""
        record = self.store.read(0, 0, 2)
        decompress(record, self.buffer.places(1, 0))

    def begin(self) -> None:
        """Take the first layer's input."""
        self.state = self.input

    def unpack(self, layer: int, slices: Sequence[int], bits: Sequence[int], records: Sequence[memoryview]) -> None:
        """Verify and decompress the shards of one layer."""
        for position, (shard, width, record) in enumerate(zip(slices, bits, records, strict=True)):
            packed = self.store.verified(record, layer, shard, width)
            decompress(packed, self.buffer.places(len(slices), position))

    def copy(self, m: int) -> bool:
        """Nothing is copied."""
        return False

    def compute(self, layer: int, slices: tuple[int, ...]) -> None:
        """Execute one layer; every weight of it counts."""
        self.computing(layer)
        for piece in self.buffer.pieces(len(slices)).values():
            self.state = np.tanh(self.state + np.tanh(piece @ self.state) @ piece)

    def output(self) -> NDArray[np.float32]:
        """Return the last layer's output."""
        return self.state[np.newaxis]


def wanted_output(store: Store, plan: Plan) -> NDArray[np.float32]:
    """Return what a plan's layers give, read shard by shard."""
    double = Double(store)
    for layer, slices, bits in zip(plan.layers, plan.shards, plan.bitwidths, strict=True):
        for position, (shard, width) in enumerate(zip(slices, bits, strict=True)):
            decompress(store.read(layer, shard, width), double.buffer.places(len(slices), position))
        double.compute(layer, slices)
    return double.output()


def rows(timeline: Timeline, kinds: Sequence[str] = WORK) -> dict[str, list[tuple[str, int, int]]]:
    """Return kind, layer and bytes of each span, in order, by kind of lane: loader or executor.

    Which of several lanes a load gets depends on which is free first; the order of the loads does not.
    """
    found: dict[str, list[tuple[str, int, int]]] = {EXECUTOR: [], LOADER: []}
    for span in timeline.spans:
        if span.kind in kinds:
            found[span.lane.rstrip("0123456789")].append((span.kind, span.layer, span.bytes))
    return found


def check_timeline(timeline: Timeline, plan: Plan, scenario: Scenario) -> None:
    """Assert what holds of every inference, however long anything took."""
    (request,) = timeline.requests
    by_lane: dict[str, list[Span]] = {}
    for span in timeline.spans:
        by_lane.setdefault(span.lane, []).append(span)
        assert request.start_ns <= span.start_ns < span.end_ns <= request.finish_ns
    for spans in by_lane.values():
        assert all(before.end_ns <= after.start_ns for before, after in pairwise(spans))
    executor = by_lane[EXECUTOR]
    assert sum(span.end_ns - span.start_ns for span in executor) == request.finish_ns - request.start_ns
    _check_causes(timeline, plan, scenario)


def _check_causes(timeline: Timeline, plan: Plan, scenario: Scenario) -> None:
    """Assert that loads come in order and have room, and layers are executed when they are resident."""
    number = timeline.spans[0].request
    first = plan.preload if scenario.workload.start == "warm" else ()
    moved = traffic(plan, scenario.model, plan.retain if number else first)
    loads = [span for span in timeline.spans if span.kind == "load"]
    starts, finished = _executed(timeline, "decompress"), _executed(timeline, "compute")
    assert [span.bytes for span in loads] == [load.bytes for load in moved.loads]
    assert all(before.start_ns <= after.start_ns for before, after in pairwise(loads))
    buffered = 0
    for span, n_bytes, after, served in zip(loads, moved.buffer_bytes, moved.after, moved.load_layers, strict=True):
        buffered += n_bytes
        done = [index for index, (_, end) in enumerate(finished) if end <= span.start_ns]
        assert after < len(done)
        held = buffered - sum(moved.freed_bytes[index] for index in done)
        assert plan.ignores_buffers or scenario.load_buffer_bytes is None or held <= scenario.load_buffer_bytes
        assert all(span.end_ns <= starts[layer][0] for layer in served)


def _executed(timeline: Timeline, kind: str) -> list[tuple[int, int]]:
    return [(span.start_ns, span.end_ns) for span in timeline.spans if span.kind == kind]


def check_session(timelines: Sequence[Timeline], plan: Plan, scenario: Scenario) -> None:
    """Assert that real inferences are as they should be, and the same spans in the same order as simulated ones."""
    from edgesim.backends.simulated import execute

    simulated = list(execute(plan, scenario.model, scenario.device, scenario.session))
    assert len(timelines) == len(simulated)
    for real, wanted in zip(timelines, simulated, strict=True):
        check_timeline(real, plan, scenario)
        assert rows(real) == rows(wanted)
    assert all(a.requests[0].finish_ns <= b.requests[0].start_ns for a, b in pairwise(timelines))


def waiting(condition: Callable[[], bool]) -> None:
    """Wait until something is the case; it is a bug if it never is."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "what was waited for did not happen"
        time.sleep(1e-4)
