"""In which order WRX raises the shards of many drafts."""

from random import Random
from typing import TYPE_CHECKING

import numpy as np

from edgesim.model import Model
from edgesim.planners.many.wrx_drafts import Drafts
from edgesim.planners.submodels import layers_of, names_of, slices_of
from edgesim.planners.wrx import Ranking
from edgesim.plans import Shard
from edgesim.quality import importances

if TYPE_CHECKING:
    from edgesim.planners.many.wrx_drafts import Places

NONE = -1


def names_in(model: Model, n: int, m: int) -> tuple[Shard, ...]:
    """Return the shards of an n x m submodel in layer order, (n * m,)."""
    layers = layers_of(model, n)
    return names_of(layers, slices_of(model, layers, m))


def kinds(*numbers: "Places") -> tuple[list[tuple[int, ...]], "Places"]:
    """Return the different tuples among R of them, given number by number, and which of them each is, (R,)."""
    found, which = np.unique(np.stack(numbers, axis=1), axis=0, return_inverse=True)
    return [tuple(row) for row in found.tolist()], which.reshape(-1)


def order_of(drafts: Drafts, importance: Ranking, seed: int) -> "Places":
    """Return the shard that each draft raises in each step, by its position in layer order, or `NONE`, (steps, R)."""
    n, m, held = drafts.n, drafts.m, drafts.whole * drafts.m + drafts.part
    if importance == "random":
        every, which = kinds(n * m, held)
        orders = [_shuffled(n_shards, preloaded, seed) for n_shards, preloaded in every]
    else:
        every, which = kinds(n, m)
        by_importance = importance == "measured"
        orders = [
            _ranked(drafts.bases.model, *each) if by_importance else list(range(each[0] * each[1])) for each in every
        ]
    table = np.full((len(orders), max(map(len, orders), default=0)), NONE, np.intp)
    for row, order in zip(table, orders, strict=True):
        row[: len(order)] = order
    steps = table[which].T
    return np.where(steps >= held, steps, NONE)


def _ranked(model: Model, n: int, m: int) -> list[int]:
    """Rank the most important shards first, as `edgesim.planners.draft.Draft.by_importance` does."""
    rows = importances(model)
    rank = [-rows[layer][index] for layer, index in names_in(model, n, m)]
    return sorted(range(len(rank)), key=rank.__getitem__)


def _shuffled(n_shards: int, held: int, seed: int) -> list[int]:
    order = list(range(held, n_shards))
    Random(seed).shuffle(order)
    return order
