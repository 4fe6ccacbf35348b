"""Toys with round numbers, and random devices, models, scenarios and plans.

The toy device reads 1 byte/ns, a toy shard of b bits has 5 b bytes, and a layer of m shards computes in 100 m ns: every
expected number can be computed in the head. Hypothesis draws what a small counterexample depends on (sizes, kinds), and
a seed for the rest: a case costs a few milliseconds that way, and shrinks well enough.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from random import Random
from typing import Any

from boards import BITWIDTHS, GEOMETRY, ns, random_processors, random_storage
from hypothesis import strategies as st
from stores import random_records

from edgesim.cost import compute_ns, decompress_ns, load_ns, request
from edgesim.device import Device
from edgesim.model import Model
from edgesim.plans import Load, Plan, Shard
from edgesim.rules import waits_for_itself
from edgesim.scenario import Scenario
from edgesim.work import first_and_later

LINE = {"bandwidth": "1 GB/s"}
LAYER_NS = {1: 100, 4: 400}
Case = tuple[Scenario, Plan]
SEEDS = st.integers(0, 2**32)
_SIZES = st.tuples(st.integers(1, 6), st.integers(1, 5)) | st.tuples(st.integers(3, 6), st.integers(2, 5))
_INFERENCES = st.integers(1, 4)
_LAYER_RULES = ["first", "uniform", "importance"]


def toy_device(
    *,
    read: Mapping[str, object] = LINE,
    lanes: int = 1,
    layer_ns: Mapping[int, int] = LAYER_NS,
    unpack_ns: int | Mapping[int, int] = 0,
    overlap: bool = False,
    after_wait_ns: tuple[Mapping[int, int], int | Mapping[int, int]] | None = None,
    hand_off_ns: int = 0,
    start_up_ns: int = 0,
    **more: object,
) -> Device:
    """Build a device that reads 1 byte/ns and decompresses in no time, unless told otherwise.

    `after_wait_ns` are layer and decompression times after a wait.
    """
    times = {"geometry": GEOMETRY, "time": ns(layer_ns)}
    unpack = {"per_shard": ns(unpack_ns), "overlap": overlap}
    if after_wait_ns:
        times["after_wait"], unpack["after_wait"] = map(ns, after_wait_ns)
    cpu = {"layer_times": [times], "decompress": unpack}
    if hand_off_ns:
        cpu["hand_off"] = {"time": ns(hand_off_ns)}
    if start_up_ns:
        cpu["start_up"] = {"time": ns(start_up_ns)}
    form = {"schema": "edgesim.device/1", "name": "toy", "storage": {"read": read, "lanes": lanes}}
    return Device.model_validate(form | {"processors": {"cpu": cpu}} | more)


def toy_model(*, layers: int = 2, shards: int = 2, bitwidths: Sequence[int] = (2, 6, 32), **more: object) -> Model:
    """Build a model whose shards of b bits have 5 b bytes, unless told otherwise."""
    form = {"schema": "edgesim.model/1", "name": "toy", "geometry": GEOMETRY, "parameters_per_shard": 40}
    return Model.model_validate(form | {"layers": layers, "shards_per_layer": shards, "bitwidths": bitwidths} | more)


def toy_scenario(
    model: Model | None = None,
    device: Device | None = None,
    *,
    target_ns: int = 1000,
    preload: int = 0,
    load_buffer: int | None = None,
    **workload: object,
) -> Scenario:
    """Build a scenario on the processor ``cpu``; buffers in bytes, None is unlimited."""
    return Scenario.model_validate(
        {
            "schema": "edgesim.scenario/1",
            "name": "toy",
            "device": device or toy_device(),
            "processor": "cpu",
            "model": model or toy_model(),
            "planner": "wrx",
            "target_latency": ns(target_ns),
            "preload_buffer": f"{preload} B",
            "load_buffer": "unlimited" if load_buffer is None else f"{load_buffer} B",
            "workload": workload,
        }
    )


def toy_plan(model: Model, bits: Sequence[Sequence[int]], **more: Any) -> Plan:  # noqa: ANN401  (any field of a plan)
    """Build a plan of the first slices of the first layers: one load a layer, without what is preloaded."""
    kept = set(more.get("preload", ()))
    rows = [[((layer, index), width) for index, width in enumerate(row)] for layer, row in enumerate(bits)]
    missing = [[pair for pair in row if pair[0] not in kept] for row in rows]
    plan = {
        "layers": tuple(range(len(bits))),
        "shards": tuple(tuple(range(len(row))) for row in bits),
        "bitwidths": tuple(map(tuple, bits)),
        "loads": tuple(request(model, row) for row in missing if row),
    }
    return Plan(**plan | more)


@st.composite
def devices(draw: st.DrawFn, shards: int = 3, max_lanes: int = 4) -> Device:
    """Draw any storage and processor; at least one number of shards up to `shards` is measured."""
    random = Random(draw(SEEDS))
    kind = random.randrange(10)
    processors = random_processors(random, shards)
    return toy_device(storage=random_storage(random, kind if max_lanes > 1 else kind % 5), processors=processors)


def random_importance(random: Random, layers: int, shards: int) -> dict[str, object]:
    """Return importance that was not measured, or was measured with noise below zero and ties."""
    values: list[float] = random.choice([[], [-1, 0, 0.25, 1, 2], [random.uniform(-1, 3) for _ in range(99)]])
    if not values:
        return {"kind": "uniform"}
    rows = [random.choices(values, k=shards) for _ in range(layers)]
    rows[0][0] = 1 if max(map(max, rows)) <= 0 else rows[0][0]
    return {"values": rows}


@st.composite
def models(draw: st.DrawFn) -> Model:
    """Draw a small model of any kind; its distortion may be unknown."""
    (layers, shards), random = draw(_SIZES), Random(draw(SEEDS))
    bitwidths, weights = sorted(random.sample(BITWIDTHS, random.choice([1, 2, 3, 4, 6]))), random.randint(1, 60)
    return toy_model(
        layers=layers,
        shards=shards,
        bitwidths=bitwidths,
        parameters_per_shard=weights,
        outlier_fraction=random.choice([0.0, 0.02, 0.3, 0.9]),
        min_layers=random.randint(1, min(layers, 3)),
        activation_bytes=f"{random.randint(0, 50)} B",
        submodel={"layers": random.choice(_LAYER_RULES), "shards": random.choice(["first", "importance"])},
        importance=random_importance(random, layers, shards),
        distortion=random.choice([None, {bits: 0.5**bits for bits in BITWIDTHS[:-1]}]),
        records=random.choice([None, random_records(random, layers, shards, bitwidths, weights)]),
    )


def random_target_ns(random: Random, model: Model, device: Device) -> int:
    """Return about what some submodel needs at some mean bitwidth, or anything."""
    n = random.randint(model.min_layers, model.layers)
    m, layer_ns = random.choice(list(compute_ns(device, "cpu", model).items()))
    busy = n * (layer_ns + m * max(decompress_ns(device, "cpu", model, bits) for bits in model.bitwidths))
    rows = [[((layer, s), random.choice(model.bitwidths)) for s in range(m)] for layer in range(n)]
    io = sum(load_ns(request(model, row).extents, device.storage) for row in rows)
    return random.choice([max(busy, io), busy + io // n, busy + io // n, busy + io, random.randint(1, 2 * busy)])


@st.composite
def scenarios(draw: st.DrawFn, max_lanes: int = 4) -> Scenario:
    """Draw targets from hopeless to ample, any preload buffer, load buffers from too small to unlimited."""
    model, inferences = draw(models()), draw(_INFERENCES)
    device, random = draw(devices(model.shards_per_layer, max_lanes)), Random(draw(SEEDS))
    return toy_scenario(
        model,
        device,
        target_ns=random_target_ns(random, model, device),
        preload=random.choice([0, round(10 ** random.uniform(0, 3.3))]),
        load_buffer=random.choice([None, None, round(10 ** random.uniform(1, 3.5))]),
        inferences=inferences,
        start=random.choice(["warm", "cold"]),
    )


@st.composite
def plans(draw: st.DrawFn, scenario: Scenario) -> Plan:
    """Draw any well-formed plan; it may wait for itself, and keep more than the preload buffer holds."""
    model, random = scenario.model, Random(draw(SEEDS))
    allowed = list(compute_ns(scenario.device, scenario.processor, model))
    n = max(random.randint(model.min_layers, model.layers) for _ in range(2))
    layers = sorted(random.sample(range(model.layers), n))
    shards = [tuple(random.sample(range(model.shards_per_layer), random.choice(allowed))) for _ in layers]
    bits = {
        (layer, index): random.choice(model.bitwidths)
        for layer, row in zip(layers, shards, strict=True)
        for index in row
    }
    preload = random_kept(random, list(bits))
    loads = random_loads(random, [shard for shard in bits if shard not in preload], layers)
    return Plan(
        layers=tuple(layers),
        shards=tuple(shards),
        bitwidths=tuple(tuple(bits[layer, index] for index in row) for layer, row in zip(layers, shards, strict=True)),
        preload=preload,
        loads=tuple(
            random_extents(random, request(model, [(shard, bits[shard]) for shard in part], after))
            for part, after in loads
        ),
        retain=random.choice([preload, random_kept(random, list(bits))]),
        lanes=random.randint(1, scenario.device.storage.lanes),
    )


def random_kept(random: Random, shards: Sequence[Shard]) -> tuple[Shard, ...]:
    """Return no shards, the bottom-most, or any."""
    count = random.randint(0, len(shards))
    return random.choice(
        [(), tuple(shards[: count // 2]), tuple(random.sample(shards, count // 2)), tuple(shards[:count])]
    )


def random_loads(
    random: Random, shards: Sequence[Shard], layers: Sequence[int]
) -> list[tuple[list[Shard], int | None]]:
    """Return shards in any grouping, mostly in layer order; some held back, rarely for a layer that needs them."""
    order = random.sample(shards, len(shards)) if random.random() < 0.3 else list(shards)
    within, between = random.choice([(0.0, 0.2), (0.0, 1.0), (1.0, 1.0), (0.3, 0.5), (0.5, 0.8)])
    parts = [order[:1]] if order else []
    for before, shard in pairwise(order):
        if random.random() < (within if before[0] == shard[0] else between):
            parts.append([])
        parts[-1].append(shard)
    held = random.choice([0.0, 0.0, 0.3, 0.8])
    position = {layer: index for index, layer in enumerate(layers)}
    return [(part, _after(random, held, min(position[s[0]] for s in part), len(layers))) for part in parts]


def _after(random: Random, held: float, first: int, n: int) -> int | None:
    last = n if random.random() < 0.05 else first
    return random.randrange(last) if last and random.random() < held else None


def random_extents(random: Random, load: Load) -> Load:
    """Return a load as it is, padded, or read in two pieces."""
    kind = random.random()
    if kind < 0.2:
        return replace(load, extents=(load.bytes + random.randint(0, 64),))
    if kind < 0.3 and load.bytes > 1:
        first = random.randint(1, load.bytes - 1)
        return replace(load, extents=(first, load.bytes - first))
    return load


@st.composite
def cases(draw: st.DrawFn, max_lanes: int = 4) -> Case:
    """Draw a scenario and any well-formed plan that its preload buffer can hold; it may wait for itself."""
    scenario, random = draw(scenarios(max_lanes)), Random(draw(SEEDS))
    plan = draw(plans(scenario))
    ample = sum(load.bytes for load in plan.loads)
    room = random.choice([None, random.randint(0, ample), random.randint(ample // 3, ample)])
    return scenario.model_copy(update={"preload_bytes": 10**6, "load_buffer_bytes": room}), plan


@st.composite
def legal_cases(draw: st.DrawFn, max_lanes: int = 4) -> Case:
    """Draw a scenario and a legal plan."""
    return made_legal(*draw(cases(max_lanes)))


def made_legal(scenario: Scenario, plan: Plan) -> Case:
    """Return a case as it is, or where it would wait for itself, with the least load buffer that it can use."""
    if not may_wait(scenario, plan, scenario.load_buffer_bytes):
        return scenario, plan
    if may_wait(scenario, plan, None):
        plan = replace(plan, loads=tuple(replace(load, after=None) for load in plan.loads))
    least = bisect_left(range(10**6), True, key=lambda room: not may_wait(scenario, plan, room))
    return scenario.model_copy(update={"load_buffer_bytes": least}), plan


def may_wait(scenario: Scenario, plan: Plan, load_buffer: int | None) -> bool:
    """Tell whether the rules expect the first or a later inference to wait for itself."""
    works = first_and_later(plan, scenario.model, scenario.device, scenario.session)
    return any(next(waits_for_itself(work, load_buffer), None) for work in works)
