"""The best plan of a tiny scenario by trying them all: the optimum's own oracle."""

from collections.abc import Iterator
from itertools import combinations, pairwise, product

from edgesim.cost import request, stored_bytes
from edgesim.plans import Plan, Shard
from edgesim.planners.submodels import layers_of, shapes, slices_of
from edgesim.quality import fidelity
from edgesim.recurrence import makespan_ns
from edgesim.rules import waits_for_itself
from edgesim.scenario import Scenario
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
