"""What a model adds that answers token by token: its attention cache, its vocabulary, and how it routes to experts."""

from collections.abc import Collection, Iterator
from typing import Annotated, Literal, NamedTuple

from pydantic import Discriminator, Field, Tag, model_validator

from edgesim.document import Count, Document, Source, mistakes
from edgesim.errors import choose

Chance = Annotated[float, Field(ge=0, le=1)]
Tokens = Annotated[int, Field(ge=1, le=10_000_000, strict=True)]
WIDTH_BYTES = {"fp32": 4, "fp16": 2, "bf16": 2, "int8": 1}
"""Bytes of one number of the attention cache."""


def _one_or_many(value: object) -> Literal["by_layer", "one"]:
    return "by_layer" if isinstance(value, dict) else "one"


Repeat = Annotated[
    Annotated[Chance, Tag("one")]
    | Annotated[dict[Annotated[int, Field(ge=0)], Chance], Field(min_length=1), Tag("by_layer")],
    Discriminator(_one_or_many),
]


class Routing(Document):
    """Which experts tokens are routed to: those of the token before, and popular ones, which each layer orders anew."""

    skew: Annotated[float, Field(ge=0, le=10)] = 0.0
    """How much more popular experts are asked for: the r-th most popular one of a layer is drawn with weight r **
    -`skew`; at 0 all alike."""
    repeat: Repeat = 0.0
    """Chance that an expert is kept which the token before was routed to, by itself; or that chance for some layers,
    ``{0: 0.2, 47: 0.5}``, and linear between them."""
    source: Source | None = None


class Experts(Document):
    """A mixture of experts: in every layer each token is routed to some of them."""

    count: Count
    """Experts of a layer, which are its shards."""
    active: Count
    """Experts that each token is routed to."""
    routing: Routing = Field(default_factory=Routing)
    """Which experts tokens are routed to."""

    @model_validator(mode="after")
    def _routes_to_some(self) -> "Experts":
        if self.active > self.count:
            mistakes([(("active",), f"must not exceed count, got {self.active} of {self.count}")])
        return self


class Decoder(Document):
    """What the geometry of an encoder does not tell."""

    kv_heads: Count
    """Heads that keys and values have; fewer than `heads` where they are shared."""
    head_dim: Count
    """Size of a head."""
    kv_dtype: Literal["fp32", "fp16", "bf16", "int8"] = "fp16"
    """Type of the numbers in the attention cache."""
    vocab: Tokens
    """Tokens that the model knows."""
    context: Tokens
    """Most tokens of prompt and reply together."""
    gated: bool = True
    """Whether the feed-forward network has three matrices, not two."""
    reads: tuple[str, ...] = ()
    """Parts of the model's `resident_bytes` that every pass reads as a whole, such as the output matrix; of the
    embeddings a pass reads one row."""
    experts: Experts | None = None
    """The feed-forward network is a mixture of experts: shards are experts, all else is resident."""
    source: Source | None = None


class Weights(NamedTuple):
    """How many weights the matrices of one layer have; `ffn` is one FFN or one expert, `router` chooses experts."""

    attention: int
    ffn: int
    router: int


def weights_of(decoder: Decoder, hidden: int, heads: int, ffn: int) -> Weights:
    """Return the weights of one layer, without biases and norms.

    Parameters
    ----------
    decoder
        Shape of keys, values and FFN.
    hidden, heads, ffn
        The rest of the geometry; `ffn` is the inner size of the FFN, or of one expert.
    """
    queries, values = heads * decoder.head_dim, decoder.kv_heads * decoder.head_dim
    return Weights(
        attention=2 * hidden * (queries + values),
        ffn=(3 if decoder.gated else 2) * hidden * ffn,
        router=decoder.experts.count * hidden if decoder.experts else 0,
    )


class Shards(NamedTuple):
    """What a model says about its shards and what it always holds, to be compared with its decoder."""

    shards_per_layer: int
    parameters_per_shard: int
    left_out: int
    resident: Collection[str]


def decoder_mistakes(decoder: Decoder, weights: Weights, shards: Shards) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield why a decoder is not that of a model."""
    if shards.left_out:
        yield (), f"a decoder executes all its layers; min_layers is {shards.left_out} short of layers"
    for part in decoder.reads:
        if part not in shards.resident:
            yield ("reads",), f"unknown part '{part}' of resident_bytes; {choose(part, shards.resident)}"
    experts, whole = decoder.experts, shards.shards_per_layer * shards.parameters_per_shard
    if experts and (shards.shards_per_layer, shards.parameters_per_shard) != (experts.count, weights.ffn):
        yield ("experts",), (f"the shards of a layer are its {experts.count} experts of {weights.ffn} weights, got"
                             f" {shards.shards_per_layer} shards of {shards.parameters_per_shard}")  # fmt: skip
    elif not experts and whole != weights.attention + weights.ffn:
        yield (), (f"a layer of this geometry has {weights.attention + weights.ffn} weights, its shards have"
                   f" {shards.shards_per_layer} x {shards.parameters_per_shard}")  # fmt: skip
