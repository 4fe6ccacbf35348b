"""What WRX looks up of scenarios before it plans for them, as arrays: submodels, their times, and storages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from edgesim.cost import (
    compute_ns,
    decompress_ns,
    hand_off_ns,
    layers_differ,
    overlaps,
    read_ns,
    shard_bytes,
    start_up_ns,
    wakes_ns,
)
from edgesim.model import Model
from edgesim.planners.many.wrx_reads import Reads
from edgesim.planners.submodels import dearest_layer_ns, shapes
from edgesim.scenario import Scenario

if TYPE_CHECKING:
    from edgesim.batch.jobs import Flags, Integers

_MOST = 2**60
_MOST_TO_READ = 2**33
"""Bytes of a layer whose time on a line stays an int64."""


@dataclass(frozen=True, slots=True)
class Bases:
    """B scenarios of one model, whose shards are alike; a submodel n x m of one of them is a frame.

    Parameters
    ----------
    model, scenarios
        Whose numbers these are.
    bitwidths
        Those that may be used, rising, (b,); elsewhere a bitwidth is its place among them.
    size
        Bytes of a shard by bitwidth, (b,).
    first
        Place of each scenario's first frame, and one behind the last, (B + 1,); frames fall in size.
    n, m, layer_ns
        Layers, shards a layer, and time of one layer at the bitwidth dearest to decompress, t(m), of each frame, (F,).
    compute_ns, late_ns
        Time of one layer by number of shards, and the same after a wait, (B, S + 1).
    unpack_ns, late_unpack_ns
        Time to decompress one shard, and the same after a wait, (B, b).
    hand_off_ns, start_up_ns, wakes_ns
        What a wait, the first layer and the first load take longer, (B,).
    exact
        Whether the very times of layers matter (`edgesim.planners.durations.Durations.exact`), (B,).
    reads
        What tells how long reads take.
    """

    model: Model
    scenarios: Sequence[Scenario]
    bitwidths: Sequence[int]
    size: "Integers"
    first: "Integers"
    n: "Integers"
    m: "Integers"
    layer_ns: "Integers"
    compute_ns: "Integers"
    late_ns: "Integers"
    unpack_ns: "Integers"
    late_unpack_ns: "Integers"
    hand_off_ns: "Integers"
    start_up_ns: "Integers"
    wakes_ns: "Integers"
    exact: "Flags"
    reads: Reads


def bases_of(scenarios: Sequence[Scenario], bitwidths: Sequence[int]) -> Bases:
    """Look up what is the same for all budgets; every scenario has passed `can_be_arrays`."""
    model = scenarios[0].model
    frames = [_frames(scenario) for scenario in scenarios]
    on = [(scenario.device, scenario.processor) for scenario in scenarios]
    return Bases(
        model=model,
        scenarios=scenarios,
        bitwidths=bitwidths,
        size=np.array([shard_bytes(model, bits) for bits in bitwidths], np.int64),
        first=np.cumsum([0, *map(len, frames)]),
        **dict(zip(("n", "m", "layer_ns"), np.concatenate(frames).T.copy(), strict=True)),
        compute_ns=_by_shards([compute_ns(*each, model) for each in on], model),
        late_ns=_by_shards([compute_ns(*each, model, after_wait=True) for each in on], model),
        unpack_ns=np.array([[decompress_ns(*each, model, bits) for bits in bitwidths] for each in on], np.int64),
        late_unpack_ns=np.array(
            [[decompress_ns(*each, model, bits, after_wait=True) for bits in bitwidths] for each in on], np.int64
        ),
        hand_off_ns=np.array([hand_off_ns(*each) for each in on], np.int64),
        start_up_ns=np.array([start_up_ns(*each) for each in on], np.int64),
        wakes_ns=np.array([wakes_ns(device.storage) for device, _ in on], np.int64),
        exact=np.array([layers_differ(*each, model) for each in on], np.bool_),
        reads=Reads([device.storage for device, _ in on]),
    )


def _frames(scenario: Scenario) -> "Integers":
    """Return n, m and t(m) of every submodel, the largest first, of equals the deepest, (F, 3)."""
    model, device, budget = scenario.model, scenario.device, scenario.budget
    times = dearest_layer_ns(model, device, budget)
    return np.array([(n, m, times[m]) for n, m in shapes(model, device, budget)], np.int64)


def _by_shards(tables: Sequence[dict[int, int]], model: Model) -> "Integers":
    return np.array([[times.get(m, 0) for m in range(model.shards_per_layer + 1)] for times in tables], np.int64)


def can_be_arrays(scenario: Scenario, bitwidths: Sequence[int]) -> bool:
    """Tell whether a scenario's plans can be made as arrays; if not, the planner is to be asked case by case.

    Shards must be alike and grow with their bitwidth, decompression must be the executor's or cost no waits, and no sum
    of times or bytes may leave 64 bits.
    """
    model, device, processor = scenario.model, scenario.device, scenario.processor
    if model.records is not None or model.decoder is not None:
        return False
    sizes = [shard_bytes(model, bits) for bits in bitwidths]
    if sizes != sorted(sizes) or (overlaps(device, processor, model) and layers_differ(device, processor, model)):
        return False
    layer_bytes = model.shards_per_layer * sizes[-1]
    if layer_bytes >= _MOST_TO_READ:
        return False
    layer_ns = max(compute_ns(device, processor, model, after_wait=True).values())
    unpack_ns = max(decompress_ns(device, processor, model, bits, after_wait=True) for bits in model.bitwidths)
    layer_ns += model.shards_per_layer * unpack_ns + hand_off_ns(device, processor)
    once_ns = start_up_ns(device, processor) + wakes_ns(device.storage)
    most_ns = model.layers * (layer_ns + read_ns(layer_bytes, device.storage)) + once_ns
    working_bytes = 4 * model.parameters_per_shard * model.shards_per_layer + model.activation_bytes
    resident_bytes = sum(model.resident_bytes.values.values())
    return max(most_ns, model.layers * layer_bytes, working_bytes, resident_bytes) < _MOST
