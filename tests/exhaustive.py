"""The best plan of a tiny scenario by trying them all: the optimum's own oracle."""

from collections.abc import Iterator
from itertools import combinations, pairwise, product
from random import Random

from edgesim.cost import request, stored_bytes
from edgesim.planners.submodels import layers_of, shapes, slices_of
from edgesim.plans import Plan, Shard
from edgesim.quality import fidelity
from edgesim.recurrence import makespan_ns
from edgesim.rules import waits_for_itself
from edgesim.scenario import Scenario
from edgesim.testing.boards import BITWIDTHS, random_processors, random_storage
from edgesim.testing.draws import random_importance, random_records, random_target_ns
from edgesim.testing.toys import toy_device, toy_model, toy_scenario
from edgesim.work import price


def best_fidelity(scenario: Scenario) -> float | None:
    """Return the best fidelity of all plans of one lane whose requests bring whole layers' missing shards."""
    found = (fidelity(plan, scenario.model) for plan in every_plan(scenario) if meets(plan, scenario))
    return max((value for value in found if value is not None), default=None)


def every_plan(scenario: Scenario) -> Iterator[Plan]:
    """Yield every submodel with every bitwidth, every preload set that fits, and every grouping of requests."""
    model = scenario.model
    for n, m in shapes(model, scenario.device, scenario.budget):
        layers = layers_of(model, n)
        slices = slices_of(model, layers, m)
        names = [(layer, index) for layer, row in zip(layers, slices, strict=True) for index in row]
        for bits in product(model.bitwidths, repeat=n * m):
            width = dict(zip(names, bits, strict=True))
            rows = tuple(tuple(bits[start : start + m]) for start in range(0, n * m, m))
            for preload in _preloads(scenario, width):
                missing = [[(s, width[s]) for s in names if s[0] == layer and s not in preload] for layer in layers]
                reading = [row for row in missing if row]
                for ends in _groupings(len(reading)):
                    parts = [[pair for row in reading[a:b] for pair in row] for a, b in pairwise(ends)]
                    loads = tuple(request(model, part) for part in parts)
                    yield Plan(layers, slices, rows, preload, loads, retain=preload)


def _preloads(scenario: Scenario, width: dict[Shard, int]) -> Iterator[tuple[Shard, ...]]:
    for count in range(len(width) + 1):
        for kept in combinations(width, count):
            if sum(stored_bytes(scenario.model, s, width[s]) for s in kept) <= scenario.preload_bytes:
                yield kept


def _groupings(count: int) -> Iterator[list[int]]:
    for size in range(max(count, 1)):
        for inner in combinations(range(1, count), size):
            yield [0, *inner, count] if count else [0]


def meets(plan: Plan, scenario: Scenario) -> bool:
    """Tell whether a plan ends in time."""
    work = price(plan, scenario.model, scenario.device, scenario.processor, plan.preload)
    room = scenario.load_buffer_bytes
    return not any(waits_for_itself(work, room)) and makespan_ns(work, room) <= scenario.target_latency_ns


def tiny_scenario(seed: int) -> Scenario:
    """Return a scenario of at most four shards, on any device with one lane."""
    random = Random(seed)
    layers, shards = random.choice([(1, 2), (2, 1), (2, 2), (3, 1), (1, 3), (4, 1)])
    count = random.choice([1, 2, 3] if layers * shards == 4 else [1, 2, 3, 4])
    bitwidths, weights = sorted(random.sample(BITWIDTHS, count)), random.randint(1, 60)
    model = toy_model(
        layers=layers,
        shards=shards,
        bitwidths=bitwidths,
        parameters_per_shard=weights,
        outlier_fraction=random.choice([0.0, 0.02, 0.3, 0.9]),
        min_layers=random.randint(1, layers),
        submodel={
            "layers": random.choice(["first", "uniform", "importance"]),
            "shards": random.choice(["first", "importance"]),
        },
        importance=random_importance(random, layers, shards),
        distortion={bits: 0.5**bits for bits in BITWIDTHS[:-1]},
        records=random.choice([None, None, random_records(random, layers, shards, bitwidths, weights)]),
    )
    device = toy_device(
        storage=random_storage(random, random.randrange(5)), processors=random_processors(random, shards)
    )
    return toy_scenario(
        model,
        device,
        target_ns=random_target_ns(random, model, device),
        preload=random.choice([0, round(10 ** random.uniform(0, 2.6))]),
        load_buffer=random.choice([None, None, round(10 ** random.uniform(1, 2.8))]),
    )
