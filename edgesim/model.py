"""The neural network that is executed: L layers, each cut in S vertical slices."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from edgesim.document import Count, Document, Name, Source, Sourced, Where, mistakes
from edgesim.units import Bytes

FULL = 32
"""Bits per weight of a shard at full fidelity (FP32)."""

Bitwidth = Literal[1, 2, 3, 4, 5, 6, 7, 8, 32]
Fraction = Annotated[float, Field(ge=0, le=1)]
Importances = tuple[tuple[float, ...], ...]


class Geometry(Document):
    """Shape of one layer's computation; a layer time holds for one geometry only."""

    hidden: Count
    heads: Count
    ffn: Annotated[int, Field(ge=1, le=1_000_000, strict=True)]
    seq_len: Annotated[int, Field(ge=1, le=1_000_000, strict=True)]
    dtype: Literal["fp32", "fp16", "bf16", "int8"]

    def __str__(self) -> str:
        return f"hidden {self.hidden}, heads {self.heads}, ffn {self.ffn}, seq_len {self.seq_len}, {self.dtype}"


class SubmodelRule(Document):
    """Which layers and slices an n x m submodel keeps."""

    layers: Literal["first", "uniform", "importance"] = "first"
    shards: Literal["first", "importance"] = "first"


class Importance(Document):
    """Accuracy gained when one shard is raised to full fidelity, (L, S); one of three forms.

    ``kind: uniform`` says that it was not measured; ``file`` is a CSV of L rows and S columns beside the model file,
    which `edgesim.files` reads into `values`.
    """

    kind: Literal["uniform", "measured"] = "measured"
    file: str | None = None
    values: Importances | None = None
    source: Source | None = None

    @model_validator(mode="after")
    def _one_form(self) -> "Importance":
        given = [self.kind == "uniform", self.values is not None or self.file is not None]
        if sum(given) != 1:
            mistakes([((), "give exactly one of 'file', 'values' and 'kind: uniform'")])
        return self


class Model(Document):
    """A model cut in shards: sizes, bitwidths, importance and the distortion of each bitwidth."""

    schema_: Annotated[Literal["edgesim.model/1"], Field(alias="schema")]
    name: Name
    description: str = ""
    layers: Annotated[int, Field(ge=1, le=1000, strict=True)]
    shards_per_layer: Annotated[int, Field(ge=1, le=1000, strict=True)]
    geometry: Geometry
    parameters_per_shard: Annotated[int, Field(ge=1, le=10**12, strict=True)]
    bitwidths: Annotated[tuple[Bitwidth, ...], Field(min_length=1)]
    outlier_fraction: Fraction = 0.0
    min_layers: Count = 1
    submodel: SubmodelRule = SubmodelRule()
    resident_bytes: Sourced[str, Bytes] = Sourced(values={})
    activation_bytes: Bytes = 0
    distortion: Sourced[int, Fraction] | None = None
    importance: Importance = Importance(kind="uniform")
    source: Source | None = None

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> "Model":
        found: list[tuple[Where, str]] = []
        if list(self.bitwidths) != sorted(set(self.bitwidths)):
            found.append((("bitwidths",), f"must rise and not repeat, got {list(self.bitwidths)}"))
        if self.min_layers > self.layers:
            found.append((("min_layers",), f"exceeds layers, got {self.min_layers} of {self.layers}"))
        found += self._distortion_mistakes() + self._importance_mistakes()
        mistakes(found)
        return self

    def _distortion_mistakes(self) -> list[tuple[Where, str]]:
        if self.distortion is None:
            return []
        missing = [bits for bits in self.bitwidths if bits not in self.distortion.values and bits != FULL]
        return [(("distortion",), f"has no value for bitwidths {missing}")] if missing else []

    def _importance_mistakes(self) -> list[tuple[Where, str]]:
        rows = self.importance.values
        if rows is None:
            return []
        where: Where = ("importance", "file" if self.importance.file else "values")
        shape = f"{self.layers} rows of {self.shards_per_layer} values"
        if len(rows) != self.layers:
            return [(where, f"must have {shape} (layers x shards_per_layer), got {len(rows)} rows")]
        for number, row in enumerate(rows, 1):
            if len(row) != self.shards_per_layer:
                return [(where, f"must have {shape} (layers x shards_per_layer), got {len(row)} in row {number}")]
        if not any(value > 0 for row in rows for value in row):
            return [(where, "has no value above 0, so no shard would matter")]
        return []
