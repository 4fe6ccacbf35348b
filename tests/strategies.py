"""Random devices, models, scenarios and plans, as `edgesim.testing` makes them.

Hypothesis draws what a small counterexample depends on (sizes, kinds), and a seed for the rest: a case costs a few
milliseconds that way, and shrinks well enough.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from random import Random

from hypothesis import strategies as st

from edgesim.cost import compute_ns, request
from edgesim.device import Device
from edgesim.model import Model
from edgesim.plans import Load, Plan, Shard
from edgesim.rules import waits_for_itself
from edgesim.scenario import Scenario
from edgesim.testing.boards import BITWIDTHS, GEOMETRY, ns
from edgesim.testing.draws import random_device, random_model, scenario_of
from edgesim.testing.toys import LINE, toy_device, toy_model, toy_plan, toy_scenario
from edgesim.work import first_and_later

__all__ = [  # what several tests take from here, wherever it is made
    "BITWIDTHS",
    "GEOMETRY",
    "LINE",
    "SEEDS",
    "Case",
    "cases",
    "devices",
    "legal_cases",
    "made_legal",
    "ns",
    "plans",
    "scenarios",
    "toy_device",
    "toy_model",
    "toy_plan",
    "toy_scenario",
]

Case = tuple[Scenario, Plan]
SEEDS = st.integers(0, 2**32)
_SIZES = st.tuples(st.integers(1, 6), st.integers(1, 5)) | st.tuples(st.integers(3, 6), st.integers(2, 5))
_INFERENCES = st.integers(1, 4)


@st.composite
def devices(draw: st.DrawFn, shards: int = 3, max_lanes: int = 4) -> Device:
    """Draw any storage and processor; at least one number of shards up to `shards` is measured."""
    return random_device(Random(draw(SEEDS)), shards, max_lanes)


@st.composite
def models(draw: st.DrawFn) -> Model:
    """Draw a small model of any kind; its distortion may be unknown."""
    (layers, shards), random = draw(_SIZES), Random(draw(SEEDS))
    return random_model(random, layers, shards)


@st.composite
def scenarios(draw: st.DrawFn, max_lanes: int = 4) -> Scenario:
    """Draw targets from hopeless to ample, any preload buffer, load buffers from too small to unlimited."""
    model, inferences = draw(models()), draw(_INFERENCES)
    device, random = draw(devices(model.shards_per_layer, max_lanes)), Random(draw(SEEDS))
    return scenario_of(random, model, device, inferences)


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
