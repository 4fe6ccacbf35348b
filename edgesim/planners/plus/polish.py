"""Raises that the recurrence finds affordable, where a plan's IO budgets were only about right."""

from collections.abc import Sequence
from operator import itemgetter

from edgesim.device import Device
from edgesim.planners.durations import exact_durations
from edgesim.planners.frame import Frame
from edgesim.planners.machine import Machine
from edgesim.planners.pipeline import Pipeline
from edgesim.planners.plus.stock import Stock
from edgesim.planners.prices import pricing
from edgesim.planners.submodels import Rows, names_of

PATIENCE = 40
"""So many refusals in a row end it."""


def polish(goods: Stock, frame: Frame, bits: list[int], held: int) -> bool:
    """Raise shards that are read, as long as the plan ends in time: those worth most by the byte first.

    Parameters
    ----------
    goods
        What shards weigh and are worth.
    frame
        The submodel, from `frame_of`.
    bits
        Bitwidth of each shard, in layer order; changed in place.
    held
        How many of the first shards are preloaded: they keep their bitwidths.

    Returns
    -------
    bool
        Whether any was raised.
    """
    names, sizes, m = frame.names, frame.prices.size, len(frame.slices[0])
    spans = [range(max(start, held), start + m) for start in range(0, len(bits), m)]
    loaded = [sum(sizes[index][bits[index]] for index in span) for span in spans]
    pipeline = Pipeline(frame, bits, held, loaded)
    if not pipeline.in_time():
        return False
    raised = refused = 0
    for shard, higher in _raises(goods, [goods.weight[name] for name in names], bits, held):
        before = bits[shard]
        if goods.bitwidths.index(higher) <= goods.bitwidths.index(before):
            continue
        bits[shard] = higher
        if pipeline.grows(shard, sizes[shard][higher] - sizes[shard][before]):
            raised, refused = raised + 1, 0
            continue
        bits[shard], refused = before, refused + 1
        if refused == PATIENCE:
            break
    return raised > 0


def _raises(goods: Stock, weight: Sequence[float], bits: Sequence[int], held: int) -> list[tuple[int, int]]:
    """Return every raise by one step of a shard that is read, what is worth most by the byte first."""
    found = []
    steps = list(zip(goods.bitwidths, goods.bitwidths[1:], strict=False))
    unit = next(iter(goods.steps.values()))
    for shard in range(held, len(bits)):
        start = goods.bitwidths.index(bits[shard])
        for low, high in steps[start:]:
            gain = weight[shard] * (goods.worth[high] - goods.worth[low])
            if gain > 0:
                found.append((gain / max(unit[high] - unit[low], 1), shard, high))
    found.sort(key=itemgetter(0), reverse=True)
    return [(shard, high) for _, shard, high in found]


def frame_of(goods: Stock, device: Device, machine: Machine, layers: tuple[int, ...], slices: Rows) -> Frame:
    """Return a submodel as the recurrence is told of it, with the very times of its layers."""
    names = names_of(layers, slices)
    return Frame(
        model=goods.model, layers=layers, slices=slices, layer_ns=0, slack_ns=0, names=names,
        prices=pricing(goods.model, device)(names), shards_a_load=len(slices[0]),
        load_buffer_bytes=machine.budget.load_buffer_bytes, target_ns=machine.budget.target_latency_ns,
        durations=exact_durations(goods.model, device, machine.budget), wakes_ns=machine.wakes_ns, sure=False,
    )  # fmt: skip
