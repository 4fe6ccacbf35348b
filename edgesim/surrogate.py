"""Accuracy that was measured for some plans, and what it predicts for others of the same submodels.

``accuracy = floor(n) + (whole(n, m) - floor(n)) / (1 + damage ** power)``, where `whole` is what the n x m submodel
reached at full precision. Damage adds up over the executed layers: a layer's weight, which depends on the layer and on
its place from the end, times the mean distortion of its shards. No weight is negative: a prediction never falls when a
shard is raised.
"""

import math
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from edgesim.document import Document

FULL = 32
Share = Annotated[float, Field(ge=0, le=1)]
Rows = Sequence[Sequence[int]]


class Judgement(Document):
    """How far predictions were off for plans that were not fitted, by cross-validation."""

    plans: int
    """How many plans were measured."""
    folds: int
    """In how many parts the plans were divided, each predicted from all the others."""
    mean_error: Share
    """Mean absolute error of accuracy, as a part of 1."""
    worst_error: Share
    """Largest absolute error of accuracy."""
    rank_correlation: float
    """Spearman's rank correlation of predicted and measured accuracy, over all plans."""
    rank_correlation_within: dict[str, float]
    """The same within each submodel, ``6x12``."""
    ceiling: float | None = None
    """Rank correlation that a perfect prediction would have, given the noise of so few examples: the square root of
    the reliability by halves of the examples (Spearman-Brown)."""


class Surrogate(Document):
    """A prediction of accuracy for plans of the first n layers and m slices; how well it predicts is in `judgement`."""

    schema_: Annotated[Literal["edgesim.quality/1"], Field(alias="schema")] = "edgesim.quality/1"
    """The format of a prediction, and its version."""
    task: str
    """What was asked, such as ``signature``."""
    classes: int
    """Answers there are to choose from; 0 where right means the same nearest neighbour."""
    measured_on: str
    """Which texts, of which split, and how many examples."""
    floor: tuple[Share, ...]
    """What is left when quantization has done its worst, by depth n = 1 ... L, (L,)."""
    power: Annotated[float, Field(gt=0)]
    """How steeply accuracy falls with damage."""
    by_layer: tuple[float, ...]
    """Logarithm of the weight of each layer's distortion in the damage, (L,)."""
    by_place: tuple[float, ...]
    """The same for each place, counted from the last executed layer, (L,)."""
    shards_per_layer: int
    """Shards of each layer of the model that was measured."""
    distortion: dict[int, Share]
    """Distortion of a shard by its bitwidth, as damage counts it."""
    whole: dict[str, Share]
    """Accuracy at full precision by submodel, ``6x12``."""
    judgement: Judgement | None = None
    """How far predictions were off for plans that were not fitted."""
    samples: str | None = None
    """The file of the samples that it was fitted to."""

    def covers(self, layers: Sequence[int], slices: Rows, bits: Rows) -> str | None:
        """Say what about a plan was never measured; None if nothing."""
        m = len(slices[0])
        if tuple(layers) != tuple(range(len(layers))) or any(tuple(row) != tuple(range(m)) for row in slices):
            return "only submodels of the first layers and the first slices were measured"
        if f"{len(layers)}x{m}" not in self.whole:
            return f"the submodel {len(layers)} x {m} was not measured"
        unknown = {width for row in bits for width in row} - set(self.distortion) - {FULL}
        return f"bitwidths {sorted(unknown)} were not measured" if unknown else None

    def damage(self, bits: Rows) -> float:
        """Return what quantization does to the first n layers and m slices, 0 at full precision."""
        return math.fsum(self.weight(layer, len(bits)) * self.of_layer(row) for layer, row in enumerate(bits))

    def of_layer(self, row: Sequence[int]) -> float:
        """Return the mean distortion of some shards."""
        return math.fsum(0.0 if width == FULL else self.distortion[width] for width in row) / len(row)

    def predict(self, bits: Rows) -> float:
        """Return the accuracy of the first n layers and m slices at some bitwidths, (n, m)."""
        return self.accuracy(len(bits), len(bits[0]), self.damage(bits))

    def accuracy(self, n: int, m: int, damage: float) -> float:
        """Return the accuracy of an n x m submodel at some damage; it never rises with damage."""
        whole = self.whole[f"{n}x{m}"]
        floor = min(self.floor[n - 1], whole)
        return floor + (whole - floor) / (1 + math.pow(damage, self.power))

    def weight(self, layer: int, n: int) -> float:
        """Return how much the mean distortion of one of the first n layers counts in damage."""
        return math.exp(self.by_layer[layer] + self.by_place[n - 1 - layer])
