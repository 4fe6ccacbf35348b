"""A solution of an integer program as a plan: the requests that let it end in time, if there are any."""

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

from edgesim.cost import request
from edgesim.device import Device
from edgesim.model import Model
from edgesim.planners.optimum.case import Case
from edgesim.planners.optimum.program import Choice
from edgesim.plans import Load, Plan
from edgesim.recurrence import makespan_ns
from edgesim.rules import waits_for_itself
from edgesim.work import price

MOST_GROUPINGS = 10
"""Up to so many layers, all 2**(n - 1) ways to group them in requests are tried."""


def plans(case: Case, choice: Choice, model: Model, *, every: bool) -> Iterator[Plan]:
    """Yield a choice with its requests: one for each layer, then those that join consecutive layers.

    Parameters
    ----------
    case, choice, model
        The submodel, and bitwidth and place of its shards.
    every
        Join layers in every way that there is; else by twos, threes and so on.
    """
    n, m = case.shape
    bits = [width for width, _ in choice]
    preload = tuple(name for name, (_, kept) in zip(case.names, choice, strict=True) if kept)
    rows = tuple(tuple(bits[start : start + m]) for start in range(0, n * m, m))
    missing = [
        [(case.names[index], bits[index]) for index in range(layer * m, (layer + 1) * m) if not choice[index][1]]
        for layer in range(n)
    ]
    reading = [row for row in missing if row]
    for ends in _groupings(len(reading), every=every):
        loads = tuple(_joined(model, reading[start:end]) for start, end in pairwise(ends))
        yield Plan(case.layers, case.slices, rows, preload, loads, retain=preload)


def _joined(model: Model, rows: Sequence[Sequence[tuple[tuple[int, int], int]]]) -> Load:
    return request(model, (pair for row in rows for pair in row))


def _groupings(count: int, *, every: bool) -> Iterator[list[int]]:
    """Yield the ends of groups of consecutive layers, 0 first; one layer a group before all others."""
    if every:
        for cuts in range(count - 1, -1, -1):
            yield from ([0, *inner, count] for inner in combinations(range(1, count), cuts))
        if not count:
            yield [0]
        return
    for step in range(1, count + 1):
        yield [*range(0, count, step), count]
    if not count:
        yield [0]


def lateness_ns(plan: Plan, model: Model, device: Device, case: Case) -> int | None:
    """Return by how much a plan misses the target [ns], not above 0 if it meets it; None if it waits for itself."""
    budget = case.machine.budget
    work = price(plan, model, device, budget.processor, plan.preload)
    if next(waits_for_itself(work, budget.load_buffer_bytes), None):
        return None
    return makespan_ns(work, budget.load_buffer_bytes) - budget.target_latency_ns


def in_time(case: Case, choice: Choice, model: Model, device: Device, *, every: bool) -> tuple[Plan | None, int | None]:
    """Return a plan of a choice that meets the target, or by how much the best of them misses it [ns].

    Returns
    -------
    tuple
        The plan or None, and the least lateness; None where every plan would wait for itself.
    """
    least = None
    for plan in plans(case, choice, model, every=every):
        late = lateness_ns(plan, model, device, case)
        if late is not None and late <= 0:
            return plan, late
        least = min((time for time in (late, least) if time is not None), default=None)
    return None, least
