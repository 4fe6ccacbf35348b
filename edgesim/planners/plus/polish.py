"""What is left to do where IO budgets are only about right: tables, waits, records, a bounded load buffer."""

from collections.abc import Sequence
from itertools import pairwise
from operator import itemgetter

from edgesim.device import SECOND, Storage
from edgesim.planners.durations import exact_durations
from edgesim.planners.frame import Frame
from edgesim.planners.machine import Machine
from edgesim.planners.pipeline import Pipeline
from edgesim.planners.plus.best import Best, Candidate
from edgesim.planners.plus.stock import Stock
from edgesim.planners.prices import pricing
from edgesim.planners.submodels import names_of

PATIENCE = 40
"""So many refusals in a row end it."""
ROUNDING = 1e-12


def polish(best: Best, goods: Stock, machine: Machine) -> None:
    """Raise shards of the best plan as long as the recurrence finds it in time: those worth most by the byte first.

    Only where what is preloaded are its first shards; these keep their bitwidths.
    """
    plan = best.plan
    if plan is None or not plan.loads or plan.preload != names_of(plan.layers, plan.shards)[: len(plan.preload)]:
        return
    found = (each for each in best.candidates if each.shape == _shape(plan.shards))
    candidate, bits, held = next(found), [width for row in plan.bitwidths for width in row], len(plan.preload)
    frame = _frame(best, candidate, machine)
    sizes, m = frame.prices.size, candidate.shape[1]
    spans = [range(max(start, held), start + m) for start in range(0, len(bits), m)]
    pipeline = Pipeline(frame, bits, held, [sum(sizes[index][bits[index]] for index in span) for span in spans])
    refused = 0
    for shard, higher in _raises(goods, candidate, bits, held) if pipeline.in_time() else ():
        before = bits[shard]
        if goods.bitwidths.index(higher) <= goods.bitwidths.index(before):
            continue
        bits[shard] = higher
        if pipeline.grows(shard, sizes[shard][higher] - sizes[shard][before]):
            refused = 0
            continue
        bits[shard], refused = before, refused + 1
        if refused == PATIENCE:
            break
    best.try_out(candidate, bits, range(held))


def _shape(slices: Sequence[Sequence[int]]) -> tuple[int, int]:
    return len(slices), len(slices[0])


def _raises(goods: Stock, candidate: Candidate, bits: Sequence[int], held: int) -> list[tuple[int, int]]:
    """Return every raise by one step of a shard that is read, what is worth most by the byte first."""
    weight, units, found = goods.flat[candidate.numbers], next(iter(goods.steps.values())), []
    for shard in range(held, len(bits)):
        for low, high in pairwise(goods.bitwidths[goods.bitwidths.index(bits[shard]) :]):
            gain = float(weight[shard]) * (goods.worth[high] - goods.worth[low])
            if gain > 0:
                found.append((gain / max(units[high] - units[low], 1), shard, high))
    found.sort(key=itemgetter(0), reverse=True)
    return [(shard, high) for _, shard, high in found]


def _frame(best: Best, candidate: Candidate, machine: Machine) -> Frame:
    """Return a submodel as the recurrence is told of it, with the very times of its layers."""
    names, budget = candidate.names, best.budget
    return Frame(
        model=best.model, layers=candidate.layers, slices=candidate.slices, layer_ns=0, slack_ns=0, names=names,
        prices=pricing(best.model, best.device)(names), shards_a_load=candidate.shape[1],
        load_buffer_bytes=budget.load_buffer_bytes, target_ns=budget.target_latency_ns,
        durations=exact_durations(best.model, best.device, budget), wakes_ns=machine.wakes_ns, sure=False,
    )  # fmt: skip


def offer_uniform(best: Best, goods: Stock, machine: Machine) -> None:
    """Offer the best pipeline of one bitwidth and no preload set: seldom better, but then it is."""
    rate, most, every = _best_rate(machine.storage), max(goods.worth.values()), []
    for candidate in best.candidates:
        weight = float(goods.flat[candidate.numbers].sum())
        if weight * most > best.worth * (1 - ROUNDING):
            every += [(goods.worth[bits] * weight, bits, candidate) for bits in goods.bitwidths]
    for worth, bits, candidate in sorted(every, key=itemgetter(0), reverse=True):
        if worth <= best.worth * (1 - ROUNDING):
            return
        n, m = candidate.shape
        busy = machine.compute_ns[m] + (0 if machine.ahead else m * machine.unpack_ns[bits])
        read = int(goods.sizes(bits)[candidate.numbers].min()) * m * rate
        if read + busy + (n - 1) * max(read, busy) <= best.budget.target_latency_ns:
            best.try_out(candidate, [bits] * len(candidate.numbers))


def _best_rate(storage: Storage) -> float:
    """Return the least time by the byte that reads can take [ns]."""
    if storage.read.bandwidth is not None:
        return SECOND / storage.read.bandwidth
    return min(time / size for size, time in storage.points[1])
