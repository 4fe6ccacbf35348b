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
Distortion = Sourced[int, Fraction]
Sizes = Sourced[str, Bytes]  # a name of the module: so that it can be pickled


class Geometry(Document):
    """Shape of one layer's computation; a layer time holds for one geometry only."""

    hidden: Count
    heads: Count
    ffn: Annotated[int, Field(ge=1, le=1_000_000, strict=True)]
    seq_len: Annotated[int, Field(ge=1, le=1_000_000, strict=True)]
    dtype: Literal["fp32", "fp16", "bf16", "int8"]

    @cached_property
    def key(self) -> tuple[int | str, ...]:
        """All fields, to compare geometries by: pydantic's own comparison takes ten times as long."""
        return self.hidden, self.heads, self.ffn, self.seq_len, self.dtype

    def __str__(self) -> str:
        return f"hidden {self.hidden}, heads {self.heads}, ffn {self.ffn}, seq_len {self.seq_len}, {self.dtype}"


class SubmodelRule(Document):
    """Which layers and slices an n x m submodel keeps."""

    layers: Literal["first", "uniform", "importance"] = "first"
    shards: Literal["first", "importance"] = "first"


class Model(Document):
    """A model cut in shards: sizes, bitwidths, importance and the distortion of each bitwidth.

    With `records`, a shard is as large as its record, and what is read together lies where the records lie; without,
    all shards of a bitwidth are alike, and what is read together lies side by side.

    Formats that are quantized in blocks have a 16-bit scale for each `scale_block` weights, at bitwidths below 16.
    With a `decoder`, the model answers token by token, and weights are used as they are stored.
    """

    schema_: Annotated[Literal["edgesim.model/1"], Field(alias="schema")]
    name: Name
    description: str = ""
    layers: Annotated[int, Field(ge=1, le=1000, strict=True)]
    shards_per_layer: Annotated[int, Field(ge=1, le=1000, strict=True)]
    geometry: Geometry
    parameters_per_shard: Annotated[int, Field(ge=1, le=10**12, strict=True)]
    bitwidths: Annotated[tuple[Bitwidth, ...], Field(min_length=1)]
    outlier_fraction: Fraction = 0.0
    scale_block: Annotated[int, Field(ge=1, le=1_000_000, strict=True)] | None = None
    min_layers: Count = 1
    submodel: SubmodelRule = Field(default_factory=SubmodelRule)
    resident_bytes: Sizes = Field(default_factory=lambda: Sizes(values={}))
    activation_bytes: Bytes = 0
    distortion: Distortion | None = None
    importance: Importance = Field(default_factory=lambda: Importance(kind="uniform"))
    records: Records | None = None
    quality: Quality | None = None
    decoder: Decoder | None = None
    source: Source | None = None

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
        missing = [bits for bits in bitwidths if given and bits not in given.values and bits != FULL]
        if missing:
            raise ValueError(f"has no value for bitwidths {missing}")
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
