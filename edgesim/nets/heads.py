"""Small heads on a frozen encoder: one for each task and submodel, fitted at full precision on the train split.

A head with classes is a softmax regression on standardised features; of several penalties the one with the least
loss on dev is kept. A text's feature is its embedding of length 1, a pair's the absolute difference and the product
of the two. The task without classes, agreement with the full model, has a linear map to the full model's embeddings.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812  (its usual name)
from numpy.typing import NDArray
from torch import Tensor

from edgesim.nets.elastic import Embeddings

PENALTIES = (1e-1, 1e-2, 1e-3)
_ITERATIONS = 60


class Judged(NamedTuple):
    """How well each example was answered, (N,): its loss, and whether the answer was right."""

    loss: NDArray[np.float64]
    right: NDArray[np.bool_]

    @property
    def accuracy(self) -> float:
        """Share of right answers."""
        return float(self.right.mean())


@dataclass(frozen=True, slots=True)
class Head:
    """A linear answer to standardised features: ``((x - mean) / scale) @ weight + bias``."""

    mean: Tensor
    scale: Tensor
    weight: Tensor
    bias: Tensor

    def __call__(self, features: Tensor) -> Tensor:
        """Return the answers, (N, classes) or (N, H)."""
        return (features - self.mean) / self.scale @ self.weight + self.bias

    def tensors(self) -> Mapping[str, Tensor]:
        """Return the numbers by name, to be stored."""
        return {name: getattr(self, name).contiguous() for name in self.__slots__}


def features(embeddings: Embeddings, items: Sequence[Sequence[int]]) -> Tensor:
    """Return what a head sees of each example, (N, H) for single texts and (N, 2 H) for pairs."""
    places = torch.tensor(items)
    units = F.normalize(torch.from_numpy(embeddings), dim=1)
    if places.shape[1] == 1:
        return units[places[:, 0]]
    left, right = units[places[:, 0]], units[places[:, 1]]
    return torch.cat([(left - right).abs(), left * right], dim=1)


def fit_classes(train: tuple[Tensor, Tensor], dev: tuple[Tensor, Tensor], classes: int) -> Head:
    """Fit a head with classes.

    Parameters
    ----------
    train, dev
        Features and labels.
    classes
        How many answers there are.
    """
    mean, scale = train[0].mean(0), train[0].std(0) + 1e-6
    x, y = (train[0] - mean) / scale, train[1]
    fitted = [Head(mean, scale, *_softmax_regression(x, y, classes, penalty)) for penalty in PENALTIES]
    return min(fitted, key=lambda head: float(F.cross_entropy(head(dev[0]), dev[1])))


def _softmax_regression(x: Tensor, y: Tensor, classes: int, penalty: float) -> tuple[Tensor, Tensor]:
    weight = torch.zeros(x.shape[1], classes, requires_grad=True)
    bias = torch.zeros(classes, requires_grad=True)
    search = torch.optim.LBFGS([weight, bias], max_iter=_ITERATIONS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        search.zero_grad()
        value = F.cross_entropy(x @ weight + bias, y) + penalty * weight.square().sum()
        value.backward()
        return value

    search.step(loss)
    return weight.detach(), bias.detach()


def fit_map(train: tuple[Tensor, Tensor], dev: tuple[Tensor, Tensor]) -> Head:
    """Fit a linear map to the full model's embeddings, by ridge regression.

    Parameters
    ----------
    train, dev
        Features, and the full model's features of the same texts.
    """
    mean, scale = train[0].mean(0), train[0].std(0) + 1e-6
    x = ((train[0] - mean) / scale).double()
    bias = train[1].mean(0)
    moments, target = x.T @ x, x.T @ (train[1] - bias).double()
    fitted = []
    for penalty in (1e-6, *PENALTIES):
        damped = moments + penalty * len(x) * torch.eye(len(moments), dtype=torch.float64)
        fitted.append(Head(mean, scale, torch.linalg.solve(damped, target).float(), bias))
    return min(fitted, key=lambda head: float(1 - F.cosine_similarity(head(dev[0]), dev[1]).mean()))


def judge_classes(head: Head, seen: Tensor, labels: Sequence[int]) -> Judged:
    """Judge the answers of a head with classes; the loss is the cross-entropy."""
    answers, right = head(seen), torch.tensor(labels)
    loss = F.cross_entropy(answers, right, reduction="none")
    return Judged(loss.double().numpy(), (answers.argmax(1) == right).numpy())


def judge_map(head: Head, seen: Tensor, full: Tensor) -> Judged:
    """Judge embeddings by the full model's: the loss is 1 - cosine, right is the same nearest neighbour."""
    mapped = F.normalize(head(seen), dim=1)
    loss = 1 - F.cosine_similarity(mapped, full)
    return Judged(loss.double().numpy(), (_nearest(mapped) == _nearest(F.normalize(full, dim=1))).numpy())


def _nearest(units: Tensor) -> Tensor:
    similar = units @ units.T
    similar.fill_diagonal_(-2)
    return similar.argmax(1)


def rank_agreement(seen: Tensor, full: Tensor) -> float:
    """Return Spearman's correlation of the similarities of all pairs of texts with the full model's."""
    above = np.triu_indices(len(seen), 1)
    ours, theirs = ((F.normalize(x, dim=1) @ F.normalize(x, dim=1).T).numpy()[above] for x in (seen, full))
    return float(np.corrcoef(np.argsort(np.argsort(ours)), np.argsort(np.argsort(theirs)))[0, 1])
