"""How good a plan's answers can be: fidelity, and importance as planners rank it."""

import math

from edgesim.importance import Importances
from edgesim.model import FULL, Model
from edgesim.plans import Plan


def importances(model: Model) -> Importances:
    """Return the importance of each shard, (L, S); all 1 where it was not measured."""
    return model.importance.values or ((1.0,) * model.shards_per_layer,) * model.layers


def weights(model: Model) -> Importances:
    """Return each shard's share in fidelity, (L, S): importance clipped at 0 and normalised to sum 1."""
    clipped = [[max(value, 0.0) for value in row] for row in importances(model)]
    total = math.fsum(value for row in clipped for value in row)
    return tuple(tuple(value / total for value in row) for row in clipped)


def faithfulness(model: Model) -> dict[int, float] | None:
    """Return 1 - distortion by bitwidth; None where the model gives no distortion."""
    if model.distortion is None:
        return None
    return {bits: 1.0 - model.distortion.values.get(bits, 0.0) for bits in model.bitwidths} | {FULL: 1.0}


def fidelity(plan: Plan, model: Model) -> float | None:
    """Return the importance-weighted mean of 1 - distortion over the full L x S model, in [0, 1].

    A shard that the plan leaves out counts 0. None where the model gives no distortion.
    """
    faithful = faithfulness(model)
    if faithful is None:
        return None
    share = weights(model)
    return math.fsum(
        share[layer][shard] * faithful[bits]
        for layer, shards, row in zip(plan.layers, plan.shards, plan.bitwidths, strict=True)
        for shard, bits in zip(shards, row, strict=True)
    )


def predicted_accuracy(plan: Plan, model: Model) -> tuple[float | None, str | None]:
    """Return the accuracy that measured samples predict for a plan, or None and why there is none.

    Nothing is extrapolated: a submodel or bitwidth that was not measured has no prediction.
    """
    fitted = model.quality.fitted if model.quality else None
    if fitted is None:
        return None, f"{model.name} has no measured accuracy"
    if reason := fitted.covers(plan.layers, plan.shards, plan.bitwidths):
        return None, reason
    return fitted.predict(plan.bitwidths), None
