"""Fit the prediction of accuracy to measured samples, and judge it on plans that it was not fitted to."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from edgesim.surrogate import Judgement, Surrogate

FOLDS = 10
_STEPS = 300
_STIFFNESS = 1e-6
_TINY = 1e-12  # the gradient of a power is not finite at 0
Rows = tuple[tuple[int, ...], ...]


class Sample(NamedTuple):
    """One measured plan of the first n layers and m slices: its bitwidths, (n, m), and its accuracy."""

    bits: Rows
    accuracy: float
    halves: tuple[float, float]
    """Accuracy on each half of the examples."""

    @property
    def shape(self) -> str:
        """The submodel, ``6x12``."""
        return f"{len(self.bits)}x{len(self.bits[0])}"


class _Data(NamedTuple):
    """N samples as arrays: mean distortion of each layer and whether it is executed, (N, L), and accuracies, (N,)."""

    distortion: Tensor
    executed: Tensor
    whole: Tensor
    accuracy: Tensor


def fitted(blank: Surrogate, samples: Sequence[Sample]) -> Surrogate:
    """Fit the parameters of a surrogate that has everything else.

    Parameters
    ----------
    blank
        Task, distortion, and accuracy at full precision of every submodel.
    samples
        Measured plans.

    Returns
    -------
    Surrogate
        With its judgement from cross-validation.
    """
    order = list(range(len(samples)))
    Random(0).shuffle(order)
    predicted = np.empty(len(samples))
    for fold in range(FOLDS):
        left_out = order[fold::FOLDS]
        known = _fit(blank, [samples[place] for place in order if place not in set(left_out)])
        predicted[left_out] = [known.predict(samples[place].bits) for place in left_out]
    return _fit(blank, samples).model_copy(update={"judgement": _judge(samples, predicted)})


def _judge(samples: Sequence[Sample], predicted: NDArray[np.float64]) -> Judgement:
    measured = np.array([sample.accuracy for sample in samples])
    error = np.abs(predicted - measured)
    shapes: dict[str, list[int]] = {}
    for place, sample in enumerate(samples):
        shapes.setdefault(sample.shape, []).append(place)
    within = {shape: rank_correlation(predicted[own], measured[own]) for shape, own in shapes.items() if len(own) > 2}
    return Judgement(
        plans=len(samples),
        folds=FOLDS,
        mean_error=float(error.mean()),
        worst_error=float(error.max()),
        rank_correlation=rank_correlation(predicted, measured),
        rank_correlation_within=within,
        ceiling=_ceiling(np.array([sample.halves for sample in samples])),
    )


def _ceiling(halves: NDArray[np.float64]) -> float:
    """Return the rank correlation that noise leaves to a perfect prediction, from accuracies by halves, (N, 2)."""
    between = max(rank_correlation(halves[:, 0], halves[:, 1]), 0.0)
    return float(np.sqrt(2 * between / (1 + between)))


def rank_correlation(left: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    """Return Spearman's rank correlation; ties share their mean rank. 0 where one of them does not vary."""
    ours, theirs = _ranks(left), _ranks(right)
    if ours.std() == 0 or theirs.std() == 0:
        return 0.0
    return float(np.corrcoef(ours, theirs)[0, 1])


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return (ends - (counts - 1) / 2)[group]


def _data(blank: Surrogate, samples: Sequence[Sample]) -> _Data:
    distortion, executed = (np.zeros((len(samples), len(blank.by_layer))) for _ in range(2))
    for row, sample in enumerate(samples):
        for layer, bits in enumerate(sample.bits):
            distortion[row, layer], executed[row, layer] = blank.of_layer(bits), 1
    whole = [blank.whole[sample.shape] for sample in samples]
    return _Data(*map(torch.tensor, (distortion, executed, whole, [sample.accuracy for sample in samples])))


def _fit(blank: Surrogate, samples: Sequence[Sample]) -> Surrogate:
    """Find the parameters of least squared error; weights stay near one another where samples do not tell."""
    data, layers = _data(blank, samples), len(blank.by_layer)
    free = torch.zeros(1 + 3 * layers, dtype=torch.float64)  # power, floors, weights by layer and by place
    free[1 : 1 + layers] = max(float(data.accuracy.min()), 1e-3)
    free[1 + layers : 1 + 2 * layers] = 1.0
    start = free.clone()
    free.requires_grad_(True)
    search = torch.optim.LBFGS([free], max_iter=_STEPS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        search.zero_grad()
        error = _predicted(data, free) - data.accuracy
        value = error.square().mean() + _STIFFNESS * (free - start).square().sum()
        value.backward()
        return value

    search.step(loss)
    found = free.detach()
    parameters: Mapping[str, object] = {
        "power": float(found[0].exp()),
        "floor": tuple(found[1 : 1 + layers].clamp(0, 1).tolist()),
        "by_layer": tuple(found[1 + layers : 1 + 2 * layers].tolist()),
        "by_place": tuple(found[1 + 2 * layers :].tolist()),
    }
    return blank.model_copy(update=parameters)


def _predicted(data: _Data, free: Tensor) -> Tensor:
    """Do as `Surrogate.predict` for many plans, with gradients."""
    layers = data.distortion.shape[1]
    power, floors, by_layer, by_place = free.split([1, layers, layers, layers])
    depth = data.executed.sum(1).long()
    place = (depth[:, None] - 1 - torch.arange(layers)).clamp(min=0)
    damage = ((by_layer + by_place[place]).exp() * data.executed * data.distortion).sum(1)
    floor = torch.minimum(floors[depth - 1], data.whole)
    return floor + (data.whole - floor) / (1 + (damage + _TINY) ** power.exp())
