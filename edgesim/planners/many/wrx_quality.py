"""Fidelity and predicted accuracy of many plans: bit for bit those of `edgesim.quality`."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from edgesim.model import FULL, Model
from edgesim.planners.many.wrx_order import kinds, names_in
from edgesim.planners.submodels import layers_of, slices_of
from edgesim.quality import faithfulness, weights
from edgesim.surrogate import Surrogate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgesim.batch.jobs import Floats
    from edgesim.planners.many.wrx_drafts import Places

    Widths = NDArray[np.int8]


def fidelities(model: Model, n: "Places", m: "Places", widths: "Widths") -> "Floats":
    """Return the fidelity of R plans, NaN where the model gives no distortion, (R,).

    Parameters
    ----------
    model
        Whose plans.
    n, m
        Layers and shards a layer of each, (R,).
    widths
        Bits per weight of each shard by its place, (R, n, m); 0 where there is no shard.
    """
    faithful = faithfulness(model)
    if faithful is None:
        return np.full(len(n), np.nan)
    share, (shapes, which) = weights(model), kinds(n, m)
    of_width = np.zeros(max(faithful) + 1)
    of_width[list(faithful)] = list(faithful.values())
    found = np.empty(len(n))
    for place, (layers, slices) in enumerate(shapes):
        own = np.array([share[layer][index] for layer, index in names_in(model, layers, slices)])
        rows = np.flatnonzero(which == place)
        parts = own * of_width[widths[rows, :layers, :slices].reshape(len(rows), -1)]
        found[rows] = [math.fsum(row) for row in parts.tolist()]
    return found


def accuracies(model: Model, n: "Places", m: "Places", widths: "Widths") -> "Floats":
    """Return the accuracy that measured samples predict for R plans, NaN where they say nothing, (R,)."""
    fitted = model.quality.fitted if model.quality else None
    found = np.full(len(n), np.nan)
    if fitted is None:
        return found
    shapes, which = kinds(n, m)
    for place, (layers, slices) in enumerate(shapes):
        rows = np.flatnonzero(which == place)
        kept = layers_of(model, layers)
        names = slices_of(model, kept, slices)
        if not fitted.covers(kept, names, ()):
            found[rows] = list(_predicted(fitted, widths[rows, :layers, :slices]))
    return found


def _predicted(fitted: Surrogate, widths: "Widths") -> Iterator[float]:
    """Yield the prediction for plans of one shape, (R, n, m): what a row of shards does is computed once."""
    n, m = widths.shape[1:]
    weight, measured = [fitted.weight(layer, n) for layer in range(n)], {*fitted.distortion, FULL}
    damage: dict[bytes, float] = {}
    for plan in widths:
        keys = [row.tobytes() for row in plan]
        for key, row in zip(keys, plan, strict=True):
            if key not in damage:
                damage[key] = fitted.of_layer(row.tolist()) if measured.issuperset(row.tolist()) else math.nan
        yield fitted.accuracy(n, m, math.fsum(map(float.__mul__, weight, map(damage.__getitem__, keys))))
