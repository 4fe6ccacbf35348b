"""The neural network that is executed: L layers, each cut in S vertical slices."""

from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from edgesim.decoder import Decoder, Shards, Weights, decoder_mistakes, weights_of
from edgesim.document import Count, Document, Name, Source, Sourced, mistakes
from edgesim.importance import Importance, Quality
from edgesim.records import Records, record_mistakes
from edgesim.units import Bytes

FULL = 32
"""Bits per weight of a shard at full fidelity (FP32)."""
HALF = 16
"""Bits per weight of a shard whose weights are not quantized, but rounded to FP16 or BF16."""

Bitwidth = Literal[1, 2, 3, 4, 5, 6, 7, 8, 16, 32]
Fraction = Annotated[float, Field(ge=0, le=1)]


class Distortion(Sourced[int, Fraction]):
    """Relative squared error of a shard's weights by bitwidth, ``{2: 0.137, 6: 0.0014, source: {...}}``."""


class Sizes(Sourced[str, Bytes]):
    """Sizes by the name of a part, ``{embeddings: 95 MB, source: {...}}``."""


class Geometry(Document):
    """Shape of one layer's computation; a layer time holds for one geometry only."""

    hidden: Count
    """Size of the hidden state."""
    heads: Count
    """Attention heads of a layer."""
    ffn: Annotated[int, Field(ge=1, le=1_000_000, strict=True)]
    """Inner size of the feed-forward network; in a mixture of experts that of one expert."""
    seq_len: Annotated[int, Field(ge=1, le=1_000_000, strict=True)]
    """Tokens that pass through the layer at once."""
    dtype: Literal["fp32", "fp16", "bf16", "int8"]
    """Type of the numbers that are computed with."""

    @cached_property
    def key(self) -> tuple[int | str, ...]:
        """All fields, to compare geometries by: pydantic's own comparison takes ten times as long."""
        return self.hidden, self.heads, self.ffn, self.seq_len, self.dtype

    def __str__(self) -> str:
        return f"hidden {self.hidden}, heads {self.heads}, ffn {self.ffn}, seq_len {self.seq_len}, {self.dtype}"


class SubmodelRule(Document):
    """Which layers and slices an n x m submodel keeps."""

    layers: Literal["first", "uniform", "importance"] = "first"
    """Which n layers: the `first` ones, `uniform` ones at even distances, or those of most `importance`."""
    shards: Literal["first", "importance"] = "first"
    """Which m shards of each layer: the `first` ones, or those of most `importance`."""


class Model(Document):
    """A model cut in shards, as a file in ``scenarios/models/`` describes it."""

    schema_: Annotated[Literal["edgesim.model/1"], Field(alias="schema")]
    """The format of this file, and its version."""
    name: Name
    """What the model is called in results and reports, and where others refer to it."""
    description: str = ""
    """One sentence about the model, as `edgesim list models` shows it."""
    layers: Annotated[int, Field(ge=1, le=1000, strict=True)]
    """Layers of the model, L."""
    shards_per_layer: Annotated[int, Field(ge=1, le=1000, strict=True)]
    """Shards that each layer is cut in, S; of a mixture of experts its experts."""
    geometry: Geometry
    """The shape of one layer; devices must have been measured for it, except for decoders."""
    parameters_per_shard: Annotated[int, Field(ge=1, le=10**12, strict=True)]
    """Weights of one shard."""
    bitwidths: Annotated[tuple[Bitwidth, ...], Field(min_length=1)]
    """Bits per weight at which every shard is stored, rising; 32 is full fidelity."""
    outlier_fraction: Fraction = 0.0
    """Part of the weights that are stored whole, with an offset, at 8 bytes each, below 16 bits."""
    scale_block: Annotated[int, Field(ge=1, le=1_000_000, strict=True)] | None = None
    """Weights that share one 16-bit scale, below 16 bits, as formats that are quantized in blocks have it. By default
    there are no scales."""
    min_layers: Count = 1
    """The fewest layers that a submodel may execute."""
    submodel: SubmodelRule = Field(default_factory=SubmodelRule)
    """Which layers and which of their shards a submodel of n x m keeps."""
    resident_bytes: Sizes = Field(default_factory=lambda: Sizes(values={}))
    """What the model always holds in memory, by part, such as ``embeddings``; it is apart from all buffers."""
    activation_bytes: Bytes = 0
    """Memory for the activations of the layer in execution."""
    distortion: Distortion | None = None
    """Relative squared error of a shard's weights by bitwidth, 0 to 1; fidelity rests on it. Without it, fidelity is
    unknown."""
    importance: Importance = Field(default_factory=lambda: Importance(kind="uniform"))
    """How much each shard matters for the answer; by default all matter alike."""
    records: Records | None = None
    """Where a shard store holds each version of each shard. Without it, all shards of a bitwidth are as large, and what
    is read together lies side by side."""
    quality: Quality | None = None
    """Accuracy predicted from measured plans. Without it, accuracy is unknown."""
    decoder: Decoder | None = None
    """What a model adds that answers token by token; its weights are used as they are stored, and not decompressed."""
    source: Source | None = None
    """Where the shape of the model comes from: layers, geometry and number of weights."""

    @field_validator("bitwidths")
    @classmethod
    def _rise(cls, bitwidths: tuple[int, ...]) -> tuple[int, ...]:
        if list(bitwidths) != sorted(set(bitwidths)):
            raise ValueError(f"must rise and not repeat, got {list(bitwidths)}")
        return bitwidths

    @field_validator("min_layers")
    @classmethod
    def _not_above_layers(cls, least: int, info: ValidationInfo) -> int:
        if least > info.data.get("layers", least):
            raise ValueError(f"must not exceed layers, got {least} of {info.data['layers']}")
        return least

    @field_validator("distortion")
    @classmethod
    def _covers_bitwidths(cls, given: Distortion | None, info: ValidationInfo) -> Distortion | None:
        bitwidths = info.data.get("bitwidths", ())
        missing = [str(bits) for bits in bitwidths if given and bits not in given.values and bits != FULL]
        if missing:
            raise ValueError(f"has no value for bitwidths {', '.join(missing)}")
        return given

    @field_validator("importance")
    @classmethod
    def _has_the_model_s_shape(cls, given: Importance, info: ValidationInfo) -> Importance:
        layers, shards = info.data.get("layers"), info.data.get("shards_per_layer")
        if given.values is not None and layers and shards:
            wrong = next((row for row, values in enumerate(given.values, 1) if len(values) != shards), None)
            wanted = f"must be {layers} rows of {shards} values (layers x shards_per_layer)"
            if len(given.values) != layers:
                raise ValueError(f"{wanted}, got {len(given.values)} rows")
            if wrong:
                raise ValueError(f"{wanted}, got {len(given.values[wrong - 1])} in row {wrong}")
        return given

    @field_validator("records")
    @classmethod
    def _has_every_version_once(cls, given: Records | None, info: ValidationInfo) -> Records | None:
        keys = ("layers", "shards_per_layer", "bitwidths", "parameters_per_shard")
        if given and given.values is not None and all(key in info.data for key in keys):
            mistakes(list(record_mistakes(given.values, *(info.data[key] for key in keys))))
        return given

    @field_validator("quality")
    @classmethod
    def _is_about_this_shape(cls, given: Quality | None, info: ValidationInfo) -> Quality | None:
        fitted, layers, shards = given and given.fitted, info.data.get("layers"), info.data.get("shards_per_layer")
        if fitted and layers and shards and (len(fitted.by_layer), fitted.shards_per_layer) != (layers, shards):
            theirs = f"{len(fitted.by_layer)} layers of {fitted.shards_per_layer} shards"
            raise ValueError(f"is about another model, of {theirs}; this one has {layers} of {shards}")
        return given

    @field_validator("decoder")
    @classmethod
    def _is_of_this_geometry(cls, decoder: Decoder | None, info: ValidationInfo) -> Decoder | None:
        keys = ("layers", "min_layers", "geometry", "shards_per_layer", "parameters_per_shard", "resident_bytes")
        if decoder and all(key in info.data for key in keys):
            layers, least, geometry, shards, weights, resident = (info.data[key] for key in keys)
            shape = Shards(shards, weights, layers - least, resident.values)
            mistakes(list(decoder_mistakes(decoder, layer_weights(decoder, geometry), shape)))
        return decoder


def layer_weights(decoder: Decoder, geometry: Geometry) -> Weights:
    """Return how many weights the matrices of one layer have."""
    return weights_of(decoder, geometry.hidden, geometry.heads, geometry.ffn)
