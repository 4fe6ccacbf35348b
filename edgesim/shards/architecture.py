"""The shape of an encoder, and how its shards are quantized."""

from typing import Annotated, Literal

from pydantic import Field

from edgesim.document import Count, Document

Activation = Literal["gelu", "gelu_tanh", "relu"]
Dictionary = Literal["piece", "slice", "layer"]


class Architecture(Document):
    """Shape of a BERT-family encoder: L layers of H hidden units, S heads and F feed-forward neurons."""

    family: Literal["bert", "distilbert", "roberta"]
    layers: Annotated[int, Field(ge=1, le=1000)]
    hidden: Annotated[int, Field(ge=8, le=100_000, multiple_of=8)]
    heads: Count
    ffn: Annotated[int, Field(ge=1, le=1_000_000)]
    activation: Activation
    norm_eps: Annotated[float, Field(gt=0)]
    first_position: Annotated[int, Field(ge=0, le=1000)]
    """Row of the position table that the first token takes; RoBERTa's table begins with unused rows."""

    @property
    def parameters_per_shard(self) -> int:
        """Weights of one slice: four projections of one head, and both matrices of 1/S of the neurons."""
        return (4 * self.hidden * self.hidden + 2 * self.hidden * self.ffn) // self.heads


class Recipe(Document):
    """How shards are quantized.

    `threshold` is the log-likelihood below which a weight is an outlier, `refine` the most refinements (0: none),
    and `dictionary` what shares one Gaussian and one set of centroids.
    """

    threshold: float = -2.0
    refine: Annotated[int, Field(ge=0, le=10_000)] = 100
    dictionary: Dictionary = "piece"
