"""Does importance help? Some of the shards are raised from the lowest bitwidth to 6 bits: which ones matters.

``python -m tests.campaigns.upgrades --store STORE --importance DIR --out FILE`` measures on the test split, for each
number of raised shards, the most important ones of each task, random ones (20 paired draws) and the bottom-most ones.
It is taken up again where it was killed.
"""

import argparse
import csv
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random

import numpy as np

from edgesim.accuracy import TASKS
from edgesim.nets.elastic import ElasticEncoder
from edgesim.nets.exams import Exams, first_submodel
from edgesim.nets.ledger import Ledger
from edgesim.nets.tasks import build_task
from edgesim.plans import Plan, Shard
from edgesim.shards.store import open_store

RAISED = (6, 12, 24, 36, 48)
DRAWS = 20
HIGH = 6


def orders(
    tables: Mapping[str, Sequence[Sequence[float]]], every: Sequence[Shard]
) -> Iterator[tuple[str, list[Shard]]]:
    """Yield the orders in which shards are raised, each with its name."""
    for task, table in tables.items():
        yield f"guided {task}", sorted(every, key=lambda shard: -table[shard[0]][shard[1]])
    yield "bottom_first", sorted(every)
    for draw in range(DRAWS):
        shuffled = list(every)
        Random(draw).shuffle(shuffled)
        yield f"random {draw}", shuffled


def measure(exams: Exams, tables: Mapping[str, Sequence[Sequence[float]]], ledger: Ledger) -> None:
    """Measure every order at every number of raised shards."""
    shape = exams.encoder.store.manifest.architecture
    layers, slices = submodel = first_submodel(shape.layers, shape.heads)
    every = [(layer, shard) for layer in layers for shard in slices[layer]]
    low = min(exams.encoder.store.manifest.bitwidths)
    exams.prepare([submodel])
    pool = exams.sheet("test").pool
    for name, order in orders(tables, every):
        for count in RAISED:
            if (key := f"{name} {count}") in ledger.known:
                continue
            high = set(order[:count])
            bits = tuple(tuple(HIGH if (layer, s) in high else low for s in slices[layer]) for layer in layers)
            judged = exams.judge("test", exams.encoder.embed(pool, Plan(layers, slices, bits)), submodel)
            ledger.add(key, {task: {"loss": float(one.loss.mean()), "right": "".join("01"[int(x)] for x in one.right)}
                             for task, one in judged.items()})  # fmt: skip
            print(key, {task: round(one.accuracy, 4) for task, one in judged.items()}, flush=True)


def rows(found: Mapping[str, Mapping[str, Mapping[str, object]]]) -> Iterator[list[object]]:
    """Yield a row for each task and number of raised shards: accuracies, and differences with 95 % intervals.

    The intervals are percentile bootstraps over the draws and over the examples, both paired.
    """
    chance = np.random.default_rng(0)
    for task in TASKS:
        for count in RAISED:
            guided, bottom = (_right(found[f"{name} {count}"], task) for name in (f"guided {task}", "bottom_first"))
            random = np.array([_right(found[f"random {draw} {count}"], task) for draw in range(DRAWS)])
            lost = [float(found[f"random {draw} {count}"][task]["loss"]) for draw in range(DRAWS)]  # type: ignore[arg-type]
            gain = float(np.mean(lost)) - float(found[f"guided {task} {count}"][task]["loss"])  # type: ignore[arg-type]
            row = [
                task,
                count,
                guided.mean(),
                random.mean(),
                random.mean(1).std(ddof=1),
                bottom.mean(),
                guided.mean() - random.mean(),
            ]
            row += _interval(guided - random, chance)
            row += [
                guided.mean() - bottom.mean(),
                *_interval((guided - bottom)[None, :], chance),
                gain,
                np.mean(np.array(lost) > np.mean(lost) - gain),
            ]
            yield [value if isinstance(value, str | int) else f"{value:.4f}" for value in row]


def _right(found: Mapping[str, Mapping[str, object]], task: str) -> np.ndarray:  # type: ignore[type-arg]
    return np.array([int(char) for char in str(found[task]["right"])])


def _interval(difference: np.ndarray, chance: np.random.Generator) -> list[float]:  # type: ignore[type-arg]
    draws, examples = difference.shape
    means = [
        difference[np.ix_(chance.integers(draws, size=draws), chance.integers(examples, size=examples))].mean()
        for _ in range(2000)
    ]
    return [float(value) for value in np.percentile(means, [2.5, 97.5])]


HEADER = [
    "task", "raised", "guided", "random", "random_deviation", "bottom_first", "guided_less_random", "low", "high",
    "guided_less_bottom", "bottom_low", "bottom_high", "loss_gain_over_random", "share_of_draws_with_more_loss",
]  # fmt: skip


def main() -> None:
    """Measure what is missing, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--importance", type=Path, required=True, help="folder with TASK-importance.csv")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    exams = Exams(ElasticEncoder(open_store(options.store)), [build_task(name) for name in TASKS])
    tables = {}
    for task in TASKS:
        with (options.importance / f"{task}-importance.csv").open() as file:
            tables[task] = [[float(cell) for cell in row] for row in csv.reader(file)]
    ledger = Ledger(options.out.with_suffix(".part"), exams.subject() | {"importance": tables})
    measure(exams, tables, ledger)
    with options.out.open("w", newline="") as file:
        written = csv.writer(file, lineterminator="\n")
        written.writerow(HEADER)
        written.writerows(rows(ledger.known))
    ledger.close(done=False)
    sys.stdout.write(options.out.read_text())


if __name__ == "__main__":
    main()
