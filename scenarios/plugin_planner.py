"""A planner in a file of its own; the scenario beside it names it as ``./plugin_planner.py:all_or_nothing``."""

from edgesim import Budget, Device, InfeasibleError, Model, Plan
from edgesim.cost import compute_ns, decompress_ns, request, shard_bytes


def all_or_nothing(model: Model, device: Device, budget: Budget, *, bitwidth: int = 4) -> Plan:
    """Execute as many layers of full width as can be computed and, one after the other, read in time."""
    width, busy = max(compute_ns(device, budget.processor, model).items())
    busy += width * decompress_ns(device, budget.processor, model, bitwidth)
    whole = request(model, [((0, index), bitwidth) for index in range(width)])
    depth = min(model.layers, budget.target_latency_ns // busy)
    if depth < model.min_layers:
        raise InfeasibleError(f"{model.min_layers} layers of {width} shards take {model.min_layers * busy} ns")
    kept = min(width, budget.preload_bytes // shard_bytes(model, bitwidth))
    loads = []
    for layer in range(depth):
        rest = [((layer, index), bitwidth) for index in range(kept if layer == 0 else 0, width)]
        loads += [request(model, rest)] if rest else []
    if budget.load_buffer_bytes is not None and whole.bytes > budget.load_buffer_bytes:
        raise InfeasibleError(f"a layer of {whole.bytes} B does not fit the load buffer")
    preload = tuple((0, index) for index in range(kept))
    layers, rows = tuple(range(depth)), (tuple(range(width)),) * depth
    return Plan(layers, rows, ((bitwidth,) * width,) * depth, preload, tuple(loads), retain=preload)
