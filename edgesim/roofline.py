"""Decoder, tokens -> a device with layer times: what computing and reading the main memory take, whichever is longer.

A pass reads the weights of all shards once, as they are stored: that is their decompression time, by bitwidth. Beyond
it, a layer computes only where its arithmetic takes longer than that, and reads the attention cache and its part of
what is resident. Everything here is an integer; divisions round up.

Source: S. Williams, A. Waterman, D. Patterson, Roofline: an insightful visual performance model for multicore
architectures, Communications of the ACM 52 (2009).
"""

from typing import NamedTuple

from edgesim.cost import shard_bytes
from edgesim.decoder import WIDTH_BYTES, Decoder
from edgesim.decompression import Decompress
from edgesim.device import SECOND, Device, Storage, find_layer_times
from edgesim.document import Source
from edgesim.model import Geometry, Model, layer_weights
from edgesim.processor import LayerTimes, Processor, Roofline
from edgesim.reads import DepthTable
from edgesim.tokens import Generation, longest

_FORMULA = (
    "roofline: a shard takes its stored bytes / memory_bandwidth, a layer beyond that what is left of its FLOP"
    " (2 x weights x tokens, and 4 x heads x head_dim for each token and token before) / compute after its shards' time"
    " at the smallest bitwidth, + (attention cache + resident parts that are read) / memory_bandwidth"
)


class Span(NamedTuple):
    """The tokens of one pass, and those before it that are in the attention cache."""

    tokens: int
    past: int


class LayerCost(NamedTuple):
    """What one layer takes in a pass [ns]: its arithmetic, and what it reads beside its shards."""

    flop_ns: int
    other_ns: int


def kv_bytes(model: Model, tokens: int) -> int:
    """Return the size of the attention cache of some tokens, all layers [B]: a key and a value for each.

    Raises
    ------
    ValueError
        If the model is no decoder.
    """
    return model.layers * _kv_of_layer(decoder_of(model), tokens)


def decoder_of(model: Model) -> Decoder:
    """Return what makes a model a decoder.

    Raises
    ------
    ValueError
        If the model is none.
    """
    if model.decoder is None:
        raise ValueError(f"{model.name} is no decoder: it has no attention cache and answers no prompt")
    return model.decoder


def _kv_of_layer(decoder: Decoder, tokens: int) -> int:
    return 2 * tokens * decoder.kv_heads * decoder.head_dim * WIDTH_BYTES[decoder.kv_dtype]


def layer_flop(model: Model, span: Span) -> int:
    """Return the arithmetic of one layer in a pass [FLOP], with its part of the output matrix.

    A token is multiplied with every weight it meets, and attends to the tokens up to itself. The output matrix is
    needed for the last token alone.
    """
    decoder, geometry = decoder_of(model), model.geometry
    weights = layer_weights(decoder, geometry)
    active = decoder.experts.active if decoder.experts else 1
    met = weights.attention + weights.router + active * weights.ffn
    pairs = span.tokens * span.past + span.tokens * (span.tokens + 1) // 2
    output = -(-2 * decoder.vocab * geometry.hidden // model.layers)
    return 2 * span.tokens * met + 4 * pairs * geometry.heads * decoder.head_dim + output


def layer_cost(model: Model, roofline: Roofline, span: Span) -> LayerCost:
    """Return what one layer takes in a pass [ns]; resident parts that are read are spread over all layers."""
    decoder = decoder_of(model)
    resident = sum(model.resident_bytes.values[part] for part in decoder.reads)
    n_bytes = _kv_of_layer(decoder, span.tokens + span.past) - (-resident // model.layers)
    return LayerCost(
        flop_ns=-(-layer_flop(model, span) * SECOND // roofline.compute),
        other_ns=-(-n_bytes * SECOND // roofline.memory_bandwidth),
    )


def weights_ns(model: Model, roofline: Roofline) -> dict[int, int]:
    """Return the time to read one shard from the main memory, as it is stored, by bitwidth [ns]."""
    return {bits: -(-shard_bytes(model, bits) * SECOND // roofline.memory_bandwidth) for bits in model.bitwidths}


def measured_times(device: Device, processor: str, model: Model, tokens: int) -> LayerTimes | None:
    """Return the layer times measured for passes of so many tokens, or None where there are none."""
    geometry = model.geometry
    shape = Geometry.model_construct(  # not a copy: `key` is remembered
        hidden=geometry.hidden, heads=geometry.heads, ffn=geometry.ffn, seq_len=tokens, dtype=geometry.dtype
    )
    return find_layer_times(device, processor, shape)


def at_tokens(device: Device, processor: str, model: Model, span: Span) -> Device:
    """Return a device with the layer times of one pass, for the geometry of the model.

    Times that were measured for passes of so many tokens (`Geometry.seq_len`) stand; others are derived from the
    processor's roofline, which is not kept: nothing is derived twice. A derived layer never takes less than the longer
    of arithmetic and reading, and exactly that where reading is longer or all shards have the smallest bitwidth.

    Raises
    ------
    ValueError
        If the model is no decoder, or there is nothing to derive times from.
    """
    known = measured_times(device, processor, model, span.tokens)
    found = device.processors[processor]
    if known is None and found.roofline is None:
        raise ValueError(f"{device.name} has neither layer times nor a roofline on {processor} for {model.geometry}")
    times = known or _derived(model, found, span)
    entry = times.model_copy(update={"geometry": model.geometry})
    update = {"layer_times": (entry, *found.layer_times), "roofline": None}
    update |= {} if known else {"start_up": None}
    return device.model_copy(update={"processors": device.processors | {processor: found.model_copy(update=update)}})


def _derived(model: Model, processor: Processor, span: Span) -> LayerTimes:
    roofline, experts = processor.roofline, decoder_of(model).experts
    if roofline is None:
        raise ValueError("there is nothing to derive times from")
    cost, reading = layer_cost(model, roofline, span), weights_ns(model, roofline)
    if experts:  # on average: of the shards of a layer, so many are routed to
        reading = {bits: -(-time * experts.active // experts.count) for bits, time in reading.items()}
    beyond = max(0, cost.flop_ns - model.shards_per_layer * min(reading.values()))
    source = Source(grade="C", text=f"{_FORMULA}; {span.tokens} tokens after {span.past}; {_words(roofline)}")
    return LayerTimes.model_construct(
        geometry=model.geometry,
        time={model.shards_per_layer: max(1, beyond + cost.other_ns)},
        decompress=Decompress.model_construct(per_shard=reading, source=source),
        source=source,
    )


def _words(roofline: Roofline) -> str:
    return roofline.source.text if roofline.source else "its source is not given"


def token_device(device: Device, processor: str, model: Model, generation: Generation) -> Device:
    """Return a device with the layer times of the last token of the longest reply: no other token has longer ones."""
    length = longest(generation)
    past = length.prompt + length.tokens - 2 if length.tokens > 1 else length.prompt - 1
    return at_tokens(device, processor, model, Span(1, past))


def planning_device(device: Device, processor: str, model: Model, generation: Generation) -> Device:
    """Return the device that plans are made for and checked with: that of `token_device`.

    A plan that keeps the target then keeps it for every token, if it retains what it preloads. Where a wait costs more
    than its own time (`hand_off`), or loads beside each other slow each other, an earlier token may take a little
    longer: a layer that is done sooner may have to wait. Of a mixture of experts it holds on average only, if all
    experts were equally likely: a layer's shards then stand for the active ones, and so many of their bytes are read.
    """
    derived, experts = token_device(device, processor, model, generation), decoder_of(model).experts
    if experts is None:
        return derived
    return derived.model_copy(update={"storage": _stretched(derived.storage, experts.count, experts.active)})


def _stretched(storage: Storage, count: int, active: int) -> Storage:
    """Let `count` bytes be read in the time of `active`: every size and rate grows, times stay."""
    read = storage.read
    if read.bandwidth is not None:
        grown = read.model_copy(update={"bandwidth": read.bandwidth * count // active})
    elif read.table is not None:
        grown = read.model_copy(update={"table": _grown(read.table, count, active)})
    else:
        tables = {depth: _grown(rows.table, count, active) for depth, rows in (read.depths or {}).items()}
        depths = {depth: DepthTable.model_construct(table=table) for depth, table in tables.items()}
        grown = read.model_copy(update={"depths": depths})
    return Storage.model_construct(  # not a copy: `points` are remembered
        read=grown, lanes=storage.lanes, start_up=storage.start_up, source=storage.source
    )


Rows = tuple[tuple[int, tuple[str, int]], ...]


def _grown(rows: Rows, count: int, active: int) -> Rows:
    return tuple(
        (size * count // active, (unit, value if unit == "ns" else value * count // active))
        for size, (unit, value) in rows
    )
