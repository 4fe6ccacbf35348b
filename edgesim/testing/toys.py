"""Toys with round numbers: every number that is expected of them can be computed in the head.

The toy device reads 1 byte/ns, a toy shard of b bits has 5 b bytes, and a layer of m shards computes in 100 m ns.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from edgesim.cost import request
from edgesim.device import Device
from edgesim.model import Model
from edgesim.plans import Plan
from edgesim.scenario import Scenario
from edgesim.testing.boards import GEOMETRY, ns

LINE = {"bandwidth": "1 GB/s"}
LAYER_NS = {1: 100, 4: 400}


def toy_device(  # noqa: PLR0913  (a test names the few that it is about)
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
