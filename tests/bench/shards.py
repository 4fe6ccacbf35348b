"""Shards of MiniLM's geometry, made and read: what is timed, and three ways to lay them out on flash."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from edgesim import Model, Plan, read_scenario
from edgesim.cost import shard_bytes
from edgesim.importance import Importance
from edgesim.planners.wrx import wrx
from edgesim.records import Record, Records
from edgesim.scenario import Scenario
from edgesim.shards.kernels import Floats
from edgesim.shards.quantize import Population, quantize
from edgesim.shards.record import ALIGNMENT, Packed, decode, decompress, encode
from edgesim.shards.slicing import LayerBuffer

REPOSITORY = Path(__file__).parents[2]
LAYERS, SLICES, HIDDEN, FFN = 6, 12, 384, 1536
BITWIDTHS = (2, 3, 4, 5, 6)
BUFFER = LayerBuffer(HIDDEN, FFN, SLICES)
PLACES = BUFFER.places(SLICES, 5)
SIZES = [place.size for place in PLACES]
WEIGHTS = sum(SIZES)
LAYOUTS = ("by index", "by importance", "by slice")


def random_slice(seed: int = 0) -> Floats:
    """Return Gaussian weights of one slice, (P,), of which one in a thousand is ten times too large."""
    generator = np.random.default_rng(seed)
    weights = generator.normal(0, 0.05, WEIGHTS)
    return np.where(generator.random(WEIGHTS) < 0.001, 10 * weights, weights).astype(np.float32)


def quantized_record(weights: Floats, bits: int) -> bytes:
    """Return one slice as a store has it, a dictionary for each piece."""
    parts = np.split(weights, np.cumsum(SIZES)[:-1])
    return encode(0, 0, quantize(parts, [Population(part, -2.0) for part in parts], bits, 100))


def decompression(bits: int) -> Callable[[], None]:
    """Return a call that writes one verified slice into the working buffer."""
    packed: Packed = decode(quantized_record(random_slice(), bits), 0, 0, bits)
    return lambda: decompress(packed, PLACES)


def verification(bits: int) -> Callable[[], Packed]:
    """Return a call that verifies one slice as it was read."""
    record = quantized_record(random_slice(), bits)
    return lambda: decode(record, 0, 0, bits)


def copying() -> Callable[[], None]:
    """Return a call that copies as many FP32 weights as one slice has, from memory to memory."""
    source, target = random_slice(), np.empty(WEIGHTS, np.float32)
    return lambda: np.copyto(target, source)


def quantization(slices: int) -> Callable[[], None]:
    """Return a call that quantizes and packs so many slices at every bitwidth, one after the other."""
    weights = [random_slice(seed) for seed in range(slices)]

    def every() -> None:
        for one in weights:
            parts = np.split(one, np.cumsum(SIZES)[:-1])
            populations = [Population(part, -2.0) for part in parts]
            for bits in BITWIDTHS:
                encode(0, 0, quantize(parts, populations, bits, 100))

    return every


def mixed(target_ms: int, chosen: Literal["first", "importance"]) -> tuple[Plan, Scenario]:
    """Return a plan of WRX with mixed bitwidths for 12 x 12 shards of random importance.

    Of a layer's slices a narrow submodel takes the first ones, or the most important ones.
    """
    generator = np.random.default_rng(0)
    changes = {"target_latency": f"{target_ms} ms", "preload_buffer": "1 MB"}
    scenario = read_scenario(REPOSITORY / "scenarios" / "paper-odroid-400ms.yaml", changes)
    model = scenario.model
    values = tuple(tuple(row) for row in generator.random((model.layers, model.shards_per_layer)).tolist())
    rule = model.submodel.model_copy(update={"shards": chosen})
    ranked = model.model_copy(update={"importance": Importance(values=values), "submodel": rule})
    scenario = scenario.model_copy(update={"model": ranked})
    return wrx(ranked, scenario.device, scenario.budget), scenario


def laid_out(model: Model, layout: str) -> Records:
    """Return where the versions of a model's shards lie, each padded as a store does.

    By falling bitwidth, those of one bitwidth side by side in the order of their index or importance; or all versions
    of a slice side by side.
    """
    rows = []
    for layer in range(model.layers):
        offset = 0
        for shard, bits in _order(model, layer, layout):
            size = -(-shard_bytes(model, bits) // ALIGNMENT) * ALIGNMENT
            rows.append(Record(layer, shard, bits, offset, size))
            offset += size
    return Records(values=tuple(rows))


def _order(model: Model, layer: int, layout: str) -> Iterator[tuple[int, int]]:
    falling, slices = sorted(model.bitwidths, reverse=True), list(range(model.shards_per_layer))
    if layout == "by slice":
        return ((shard, bits) for shard in slices for bits in falling)
    if layout == "by importance":
        importance: Sequence[float] = (model.importance.values or ())[layer]
        slices.sort(key=lambda shard: -importance[shard])
    return ((shard, bits) for bits in falling for shard in slices)


def extents(plan: Plan, records: Records) -> NDArray[np.int64]:
    """Return the number of reads that each layer of a plan takes, preloaded shards left out, (n,)."""
    kept, counts = set(plan.preload), []
    for layer, slices, bits in zip(plan.layers, plan.shards, plan.bitwidths, strict=True):
        wanted = [(layer, s, width) for s, width in zip(slices, bits, strict=True) if (layer, s) not in kept]
        counts.append(len(records.extents(wanted)))
    return np.array(counts)
