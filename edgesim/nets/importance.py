"""Importance of each shard: what is gained when it alone is raised to full fidelity.

The whole model is at the lowest bitwidth, one shard is raised, and the loss and accuracy on dev are noted (L. Guo,
W. Choe, F. X. Lin, arXiv 2207.05022). Accuracy of one shard is noisy, so the gain in loss ranks. Examples are dealt
into random groups; the spread of the groups' gains gives a standard error.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgesim.model import FULL
from edgesim.nets.exams import Exams, first_submodel
from edgesim.nets.ledger import Ledger

BASE = "base"
Found = dict[str, dict[str, list[float]]]


@dataclass(frozen=True, slots=True)
class Gains:
    """Gains of one task, (L, S) each: mean over groups and its standard error."""

    loss: NDArray[np.float64]
    loss_error: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    accuracy_error: NDArray[np.float64]
    base: dict[str, float]


def measure_importance(exams: Exams, ledger: Ledger, groups: int, progress: Callable[[int, int], None]) -> None:
    """Measure what is missing in the ledger: the model at the lowest bitwidth, and each shard raised.

    Parameters
    ----------
    exams
        Tasks, with the heads of the whole model prepared.
    ledger
        Gets loss and accuracy of each group by task, for each shard.
    groups
        Into how many groups the examples are dealt.
    progress
        Called with the number of shards done, and of all.
    """
    encoder, shape = exams.encoder, exams.encoder.store.manifest.architecture
    pool, low = exams.sheet("dev").pool, min(encoder.store.manifest.bitwidths)
    slices = tuple(range(shape.heads))
    every = shape.layers * shape.heads
    if len(ledger.known) == every + 1:
        return
    states = encoder.start(pool)
    for layer in range(shape.layers):
        for shard in slices:
            if f"{layer},{shard}" not in ledger.known:
                bits = [FULL if other == shard else low for other in slices]
                raised = encoder.advance(pool, states, layer, slices, bits)
                for later in range(layer + 1, shape.layers):
                    raised = encoder.advance(pool, raised, later, slices, [low] * shape.heads)
                ledger.add(f"{layer},{shard}", _judged(exams, encoder.pooled(pool, raised), groups))
            progress(layer * shape.heads + shard + 1, every)
        states = encoder.advance(pool, states, layer, slices, [low] * shape.heads)
    if BASE not in ledger.known:
        ledger.add(BASE, _judged(exams, encoder.pooled(pool, states), groups))


def _judged(exams: Exams, embeddings: Any, groups: int) -> Found:  # noqa: ANN401  (numpy's generic)
    shape = exams.encoder.store.manifest.architecture
    found = exams.judge("dev", embeddings, first_submodel(shape.layers, shape.heads))
    return {
        name: {
            "loss": [float(judged.loss[own].mean()) for own in deal(len(judged.loss), groups, exams.tasks[name].seed)],
            "accuracy": [
                float(judged.right[own].mean()) for own in deal(len(judged.right), groups, exams.tasks[name].seed)
            ],
        }
        for name, judged in found.items()
    }


def deal(count: int, groups: int, seed: int) -> Iterator[list[int]]:
    """Deal the numbers below a count into random groups, the same way every time."""
    order = list(range(count))
    Random(seed).shuffle(order)
    return (order[start::groups] for start in range(groups))


def gains(ledger: Ledger, task: str, layers: int, slices: int) -> Gains:
    """Return the gains of one task from what was measured."""
    base = ledger.known[BASE][task]
    mean, error = {}, {}
    for what, sign in (("loss", -1.0), ("accuracy", 1.0)):
        raised = np.array([[ledger.known[f"{k},{s}"][task][what] for s in range(slices)] for k in range(layers)])
        difference = sign * (raised - np.array(base[what]))
        mean[what] = difference.mean(-1)
        error[what] = difference.std(-1, ddof=1) / np.sqrt(difference.shape[-1])
    return Gains(
        mean["loss"], error["loss"], mean["accuracy"], error["accuracy"],
        {what: float(np.mean(values)) for what, values in base.items()},
    )  # fmt: skip


def importance_csv(table: Sequence[Sequence[float]]) -> str:
    """Write an (L, S) table as model files name it."""
    return "".join(",".join(f"{value:.6g}" for value in row) + "\n" for row in table)
