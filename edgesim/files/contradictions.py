"""Numbers that a file may have, but that contradict one another: the shape of a model, and what memory must hold."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from edgesim.device import Device
from edgesim.document import Where
from edgesim.model import Geometry, Model
from edgesim.scenario import Scenario
from edgesim.units import show_bytes

_BIASES = 1.05
"""How much more weights than its matrices a layer may have, for biases and norms."""
Doubt = tuple[Where, str]
"""Where it is, and what."""


def of_model(model: Model) -> Iterator[Doubt]:
    """Yield which numbers of a model cannot all be right, if its layers are those of a transformer."""
    heads = model.decoder.kv_heads if model.decoder else model.geometry.heads
    if model.decoder is None:
        yield from _uneven(model.geometry, ("geometry",))
        yield from _weights(model)
    if heads % model.shards_per_layer and not (model.decoder and model.decoder.experts):
        said = f"{model.shards_per_layer} shards cannot share {heads} heads{' of keys' * bool(model.decoder)} evenly"
        yield ("shards_per_layer",), f"shards_per_layer: {said}"
    for few, many in pairwise(sorted(model.distortion.values) if model.distortion else ()):
        less, more = model.distortion.values[few], model.distortion.values[many]  # type: ignore[union-attr]
        if more > less:
            yield ("distortion", many), f"distortion: {more:g} at {many} bits is more than {less:g} at {few} bits"


def _uneven(geometry: Geometry, where: Where) -> Iterator[Doubt]:
    if geometry.hidden % geometry.heads:
        said = f"hidden {geometry.hidden} is no multiple of {geometry.heads} heads"
        yield (*where, "heads"), f"geometry: {said}"


def _weights(model: Model) -> Iterator[Doubt]:
    """Compare weights with those of attention and FFN: the least with shared keys and values, the most with a gate."""
    shards, hidden, ffn = model.shards_per_layer, model.geometry.hidden, model.geometry.ffn
    least, most = 2 * hidden * (hidden + ffn), hidden * (4 * hidden + 3 * ffn) * _BIASES
    if not least <= shards * model.parameters_per_shard <= most:
        usual = hidden * (4 * hidden + 2 * ffn)
        said = f"{shards} shards of {model.parameters_per_shard:,} are no layer of hidden {hidden} and ffn {ffn}"
        repair = f"its attention and FFN have {usual:,} weights, {usual // shards:,} a shard"
        yield ("parameters_per_shard",), f"parameters_per_shard: {said}; {repair}"


def of_device(device: Device) -> Iterator[Doubt]:
    """Yield which layers were measured with more shards than they have heads, and whose heads are uneven."""
    for name, processor in device.processors.items():
        for number, times in enumerate(processor.layer_times):
            where, heads = ("processors", name, "layer_times", number), times.geometry.heads
            said = f"processors.{name}.layer_times[{number}]"
            yield from ((place, f"{said}.{text}") for place, text in _uneven(times.geometry, (*where, "geometry")))
            if (most := max(times.time)) > heads:
                why = f"{most} shards are more than the layer's {heads} heads, which only a mixture of experts has"
                yield (*where, "time", most), f"{said}.time: {why}"


def of_scenarios(scenarios: Sequence[Scenario]) -> Iterator[Doubt]:
    """Yield once, of the points of a scenario, that buffers and what is always held exceed the device's memory."""
    for scenario in scenarios:
        memory, apps = scenario.device.memory, (scenario, *scenario.apps.values())
        if memory is None:
            continue
        resident = sum(sum(app.model.resident_bytes.values.values()) for app in apps)
        preload = sum(max(state.preload_bytes for state in app.states) for app in apps)
        load = sum(app.load_buffer_bytes or 0 for app in apps)
        if resident + preload + load > memory.capacity:
            parts = {"always held": resident, "preload_buffer": preload, "load_buffer": load}
            listed = ", ".join(f"{name} {show_bytes(size)}" for name, size in parts.items() if size)
            room = show_bytes(memory.capacity)
            yield (
                ("preload_buffer",),
                f"memory: {scenario.device.name} has {room}, which cannot hold all of it: {listed}",
            )
            return
