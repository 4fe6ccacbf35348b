"""How long the oracle takes: ``python -m tests.campaigns.oracle_times --out FILE``.

12 x 12 shards of DynaBERT's geometry on every board, targets and preload buffers in a random order, each instance with
random importances of its own: first with n x m fixed at 12 x 12, then over all n x m. The gap and the time limit are
the defaults. The oracle starts from the plan of `wrx_plus`, which is in its time; the search alone starts from nothing.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from edgesim import Budget, Model
from edgesim.importance import Importance
from edgesim.planners.wrx_plus import wrx_plus

from .optima import Case, Row, attempt, grid, oracle, rows, shape, write

MODEL = "dynabert-12x12"
WHOLE = (12, 12)
HEADER = [
    "submodel", "device", "model", *Budget._fields, "seed", "oracle", "bound", "oracle_shape", "oracle_proven",
    "oracle_us", "alone_proven", "alone_us",
]  # fmt: skip


class Instance(NamedTuple):
    """A case, the seed of its importances, and the submodel if only one is looked at."""

    case: Case
    seed: int
    submodel: tuple[int, int] | None


def ranked(model: Model, seed: int) -> Model:
    """Return a model with random importances."""
    values = np.random.default_rng(seed).random((model.layers, model.shards_per_layer)).tolist()
    return model.model_copy(update={"importance": Importance(values=tuple(map(tuple, values)))})


def measure(instance: Instance) -> Row:
    """Time the oracle, and the search alone, once each."""
    case, seed, submodel = instance
    model, *others = case.read()
    inputs = ranked(model, seed), *others
    row = case.row | {"seed": seed, "submodel": "{}x{}".format(*submodel) if submodel else "all"}
    began = time.perf_counter_ns()
    alone = oracle(inputs, None, submodel)
    row["alone_us"] = (time.perf_counter_ns() - began) // 1000
    began = time.perf_counter_ns()
    known = attempt(wrx_plus, inputs)
    if known and submodel not in (None, (len(known.layers), len(known.shards[0]))):
        known = None
    found = oracle(inputs, known, submodel)
    row["oracle_us"] = (time.perf_counter_ns() - began) // 1000
    if found and alone:
        row |= {"bound": f"{found.bound:.7f}", "oracle_proven": int(found.proven), "alone_proven": int(alone.proven)}
        row |= {"oracle": f"{found.score:.7f}", "oracle_shape": shape(found.plan)} if found.plan else {}
    return row


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure both blocks, write the table and print what the documents show of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--instances", type=int, default=100)
    options = parser.parse_args(arguments)
    every = grid([None], [MODEL])
    write(options.out, HEADER, (
        row
        for submodel in (WHOLE, None)
        for row in rows(measure, [Instance(case, seed, submodel) for seed, case in enumerate(every)], options.instances)
    ))  # fmt: skip

    sys.path.insert(0, str(Path(__file__).parents[1]))  # pytest does so, too
    from optima import oracle_times, printed

    print(printed(*oracle_times(options.out)))


if __name__ == "__main__":
    main()
