"""How long this machine takes to decompress and compute layers, in pipelines of the shape that plans have."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from random import Random
from typing import Any

import numpy as np

from edgesim.backends.real.engine import Engine, Settings
from edgesim.cost import request
from edgesim.device import Storage
from edgesim.files import read_model
from edgesim.host.disturbance import Disturbance, total, why_disturbed
from edgesim.model import Model
from edgesim.plans import Plan
from edgesim.profiling.measured import Measured, Say, silent
from edgesim.profiling.samples import Sample
from edgesim.reads import Read
from edgesim.session import Session
from edgesim.shards.manifest import MODEL
from edgesim.shards.store import Store
from edgesim.spread import COLD, COPY, DECOMPRESS, FIRST, HAND_OFF, HOT, LAYER, READ
from edgesim.timeline import EXECUTOR, Timeline

_INFERENCES = 3
"""Of each plan, one after another: filling the preload buffer takes longer than executing what is in it."""
_KINDS = ("resident", "waiting", "reading")
_PAUSE_S = 0.01
"""Before a plan is executed: an inference is seldom the only thing that an app does."""
_COPY_BYTES = 64 << 20
_WAITS = (1.5, 3.0)
"""How long a load takes in a pipeline that waits, least and most, by the mean layer of one that does not."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is executed: rounds over all numbers of shards, for at most some time."""

    rounds: int
    seconds: float


FULL = Effort(30, 140.0)
QUICK = Effort(3, 25.0)


def measure_compute(store: Store, processor: str, effort: Effort, seed: int, say: Say = silent) -> Measured:
    """Time layers, decompression, hand-off and copying of memory.

    Every number of shards is executed in each round in random order: once with all shards resident, so that no layer
    waits, once with reads that last longer than layers, so that every one does, and once with reads as they are.

    Raises
    ------
    InputError, ExecutionError
        As `edgesim.backends.real.Engine`.
    """
    model = read_model(store.folder / MODEL)
    random, samples, lost = Random(seed), list[Sample](), list[Disturbance]()
    with Engine(store, processor, Settings(), model.geometry.seq_len) as engine:
        pipelines = _Pipelines(engine, model, processor, random)
        pipelines.warm_up()
        copied = _copier()
        began, every = time.monotonic(), effort.rounds * len(_KINDS) * model.shards_per_layer
        for done, (m, kind) in enumerate(_order(effort.rounds, model.shards_per_layer, random)):
            if done >= len(_KINDS) * model.shards_per_layer and time.monotonic() - began > effort.seconds:
                break
            samples += pipelines.woken(m) if kind == "reading" else pipelines.timed(m, kind == "waiting", lost)
            if m == 1:
                samples.append(copied())
            say("execute", done + 1, every)
        say("execute", every, every)
        lost_in_all = total(lost)
        details = {**engine.facts, "disturbance": asdict(lost_in_all), "overruns": pipelines.overruns}
    why = why_disturbed(lost_in_all)
    disturbances = () if why is None else (f"while executing, {why}",)
    return Measured(samples, _method(model, details), details, tuple(_doubts(details)), disturbances)


def _order(rounds: int, shards: int, random: Random) -> Iterator[tuple[int, str]]:
    kinds = [(m, kind) for m in range(1, shards + 1) for kind in _KINDS]
    for _ in range(rounds):
        random.shuffle(kinds)
        yield from kinds


class _Pipelines:
    """Plans of one model as they are executed to be timed."""

    def __init__(self, engine: Engine, model: Model, processor: str, random: Random) -> None:
        self.engine, self.model, self.random = engine, model, random
        self.session = Session(processor, None, _INFERENCES, "warm")
        self.busy_ns, self.overruns = dict[int, int](), 0

    def warm_up(self) -> None:
        """Execute the largest plan twice: what is compiled or allocated by the first layers is not to be timed."""
        for _ in range(2):
            self.timed(self.model.shards_per_layer, waits=False, lost=[])

    def timed(self, m: int, waits: bool, lost: list[Disturbance]) -> list[Sample]:
        """Execute a random plan of m shards a layer and return the times of its layers."""
        plan, found = self._plan(m, waits), list[Sample]()
        time.sleep(_PAUSE_S)
        emulated = self._slow(plan) if waits else None
        for timeline in self.engine.run(plan, self.model, self.session, emulated):
            found += layer_samples(timeline, plan)
            self.overruns += self.engine.overruns
            if self.engine.disturbance is not None:
                lost.append(self.engine.disturbance)
        if not waits:
            self.busy_ns[m] = sum(sample.ns for sample in found) // (_INFERENCES * len(plan.layers))
        return found

    def woken(self, m: int) -> Iterator[Sample]:
        """Execute a plan that reads the first m shards of each layer, and yield the time of its first read."""
        layers, bits = tuple(range(self.model.layers)), self.random.choice(self.model.bitwidths)
        loads = tuple(request(self.model, [((layer, shard), bits) for shard in range(m)]) for layer in layers)
        plan = Plan(layers, (tuple(range(m)),) * len(layers), ((bits,) * m,) * len(layers), loads=loads)
        time.sleep(_PAUSE_S)
        (timeline,) = self.engine.run(plan, self.model, self.session._replace(inferences=1))
        first = next(span for span in timeline.spans if span.kind == "load")
        if loads[0].extents == (first.bytes,):
            yield Sample(READ, (first.bytes, 1), FIRST, first.end_ns - first.start_ns)

    def _plan(self, m: int, waits: bool) -> Plan:
        """Return a plan of random slices, of one random bitwidth in each layer, read by layer or resident."""
        layers = tuple(range(self.model.layers))
        shards = tuple(tuple(sorted(self.random.sample(range(self.model.shards_per_layer), m))) for _ in layers)
        bits = [self.random.choice(self.model.bitwidths) for _ in layers]
        rows = tuple((width,) * m for width in bits)
        named = [tuple((layer, shard) for shard in row) for layer, row in zip(layers, shards, strict=True)]
        if waits:
            pairs = ([(shard, width) for shard in row] for row, width in zip(named, bits, strict=True))
            return Plan(layers, shards, rows, loads=tuple(request(self.model, row) for row in pairs))
        resident = tuple(shard for row in named for shard in row)
        return Plan(layers, shards, rows, preload=resident, retain=resident)

    def _slow(self, plan: Plan) -> Storage:
        """Return storage that takes longer for each load than a layer takes."""
        extents, m = max(len(load.extents) for load in plan.loads), len(plan.shards[0])
        busy = self.busy_ns.get(m, max(self.busy_ns.values()))
        latency = round(busy * self.random.uniform(*_WAITS)) // extents
        return Storage(read=Read(latency=f"{latency} ns", bandwidth="1 TB/s"))


def layer_samples(timeline: Timeline, plan: Plan) -> Iterator[Sample]:
    """Yield what one inference tells of its layers: decompression, computation, and the hand-off where one waited.

    The first layer is a kind of its own: what was before it is no layer. That of a later inference is left out: it
    comes right after another one.
    """
    times: dict[int, Counter[str]] = {layer: Counter() for layer in plan.layers}
    for span in timeline.spans:
        if span.lane == EXECUTOR:
            times[span.layer][span.kind] += span.end_ns - span.start_ns
    for layer, bits in zip(plan.layers, plan.bitwidths, strict=True):
        kinds, first = times[layer], layer == plan.layers[0]
        if first and timeline.spans[0].request > 0:
            continue
        state = FIRST if first else COLD if kinds["stall"] else HOT
        yield Sample(DECOMPRESS, (len(bits), bits[0]), state, max(1, kinds["decompress"]))
        yield Sample(LAYER, (len(bits),), state, kinds["copy"] + kinds["compute"])
        if kinds["handoff"]:
            yield Sample(HAND_OFF, (), COLD, kinds["handoff"])


def _copier() -> Callable[[], Sample]:
    """Return what times one copy of memory that no cache holds."""
    source, target = np.ones(_COPY_BYTES, np.uint8), np.zeros(_COPY_BYTES, np.uint8)

    def copied() -> Sample:
        began = time.monotonic_ns()
        np.copyto(target, source)
        return Sample(COPY, (_COPY_BYTES,), HOT, time.monotonic_ns() - began)

    return copied


def _method(model: Model, details: Mapping[str, Any]) -> str:
    executor = details["executor"]
    on = "any CPU" if executor["cpu"] is None else f"CPU {executor['cpu']}"
    return (f"plans of {model.name}, every layer of random shards at one random bitwidth, executed by the real backend"
            f" on one thread on {on} with policy {executor['policy']}, all numbers of shards in random order; all"
            " shards resident, the first layer of each inference left out")  # fmt: skip


def _doubts(details: Mapping[str, Any]) -> Iterator[str]:
    """Say what should make one doubt the layer times."""
    for who, key in (("executor", "executor"), ("loader", "placement")):
        if why_not := (details.get(key) or {}).get("why_not"):
            yield f"for the {who} {why_not}"
