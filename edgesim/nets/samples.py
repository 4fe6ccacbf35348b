"""Measured accuracy of random plans: what predictions of accuracy are fitted to and judged by."""

from collections.abc import Callable, Iterator, Sequence
from random import Random

from edgesim.model import FULL
from edgesim.nets.elastic import first
from edgesim.nets.exams import Exams, every_shape, first_submodel
from edgesim.nets.heads import Judged
from edgesim.nets.importance import deal
from edgesim.nets.ledger import Ledger
from edgesim.plans import Plan

Rows = tuple[tuple[int, ...], ...]


def random_bits(n: int, m: int, bitwidths: Sequence[int], number: int, seed: int) -> Rows:
    """Draw bitwidths for an n x m submodel; three kinds take turns, so that all mixtures occur.

    Two bitwidths in a random proportion, as planners that raise some shards choose; one for each layer; any for each
    shard.
    """
    chance = Random(f"{seed} {n} {m} {number}")
    kind = (number + n + m) % 3
    if kind == 0:
        low, high = sorted(chance.sample(bitwidths, 2))
        share = chance.random()
        return tuple(tuple(high if chance.random() < share else low for _ in range(m)) for _ in range(n))
    if kind == 1:
        return tuple((chance.choice(bitwidths),) * m for _ in range(n))
    return tuple(tuple(chance.choice(bitwidths) for _ in range(m)) for _ in range(n))


def plans_to_sample(exams: Exams, count: int, seed: int) -> Iterator[tuple[str, int, int, Rows]]:
    """Yield a key, n, m and bitwidths: every submodel at full precision, then so many random ones of each."""
    manifest = exams.encoder.store.manifest
    shapes = list(every_shape(manifest.architecture.layers, manifest.architecture.heads))
    for n, m in shapes:
        yield f"full {n}x{m}", n, m, ((FULL,) * m,) * n
    for number in range(count):
        for n, m in shapes:
            yield f"{number} {n}x{m}", n, m, random_bits(n, m, manifest.bitwidths, number, seed)


def measure_samples(exams: Exams, ledger: Ledger, count: int, seed: int, progress: Callable[[int, int], None]) -> None:
    """Measure accuracy and loss on dev of what is missing in the ledger.

    Parameters
    ----------
    exams
        Tasks, with the heads of every submodel prepared.
    ledger
        Gets n, m, bitwidths, and accuracy and loss of every task, for each plan.
    count
        Random plans for each submodel.
    seed
        Draws them.
    progress
        Called with the number of plans done, and of all.
    """
    encoder, pool = exams.encoder, exams.sheet("dev").pool
    every = list(plans_to_sample(exams, count, seed))
    for done, (key, n, m, bits) in enumerate(every, 1):
        if key not in ledger.known:
            shape = first(n, m, FULL)
            embeddings = encoder.embed(pool, Plan(shape.layers, shape.shards, bits))
            judged = exams.judge("dev", embeddings, first_submodel(n, m))
            found = {name: _found(one, exams.tasks[name].seed) for name, one in judged.items()}
            ledger.add(key, {"n": n, "m": m, "bits": bits, "tasks": found})
        progress(done, len(every))


def _found(judged: Judged, seed: int) -> dict[str, object]:
    halves = [float(judged.right[half].mean()) for half in deal(len(judged.right), 2, seed)]
    return {"accuracy": judged.accuracy, "halves": halves, "loss": float(judged.loss.mean())}
