"""The command that measures the machine it runs on."""

import argparse
from pathlib import Path

from edgesim.cli.complain import tell
from edgesim.cli.options import DEVICE, JSON
from edgesim.cli.parser import AddCommand
from edgesim.cli.progress import progress
from edgesim.errors import InputError

_TEXT = "measure this machine, as a device profile"
_ABOUT = """Makes a profile of the machine that it runs on, by which it can be simulated: how long reads of its flash
take, by size and depth, and, with a shard store, how long its layers, decompression and hand-off take. Let the
machine rest meanwhile; what disturbed is told."""


def add_profile(command: AddCommand) -> None:
    """Add the command to a parser."""
    parser = command(
        _profile, _TEXT, _ABOUT,
        "profile --out my-flash.yaml --storage-only --quick",
        "profile --out my-machine.yaml --store minilm.store",
        "profile --from my-machine.samples.csv.gz --out again.yaml",
    )  # fmt: skip
    parser.add_argument("--out", required=True, metavar="FILE", help="the profile to write (.yaml)")
    parser.add_argument("--store", metavar="DIR", help="shard store whose layers are timed; 'edgesim shard' makes one")
    parser.add_argument("--processor", choices=["cpu", "cuda"], default="cpu", help="what computes the layers")
    parser.add_argument("--folder", metavar="DIR", help="a folder on the flash to measure; by default that of --out")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--storage-only", action="store_true", help="measure no layers; needs no PyTorch")
    only.add_argument("--compute-only", action="store_true", help="measure no storage; --device gives it")
    only.add_argument("--from", dest="samples", metavar="SAMPLES", help="measure nothing: make the profile of samples")
    parser.add_argument("--device", metavar="DEVICE", help=f"the rest of the profile: {DEVICE}")
    parser.add_argument("--name", metavar="NAME", help="of the profile; by default that of its file")
    parser.add_argument("--quick", action="store_true", help="a tenth of the samples, in less than a minute")
    parser.add_argument("--strict", action="store_true", help="refuse a machine that is not quiet (exit code 5)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="chooses bytes, places, plans and orders")
    parser.add_argument("--json", metavar="FILE", help=JSON.replace("JSON", "the statistics as JSON"))


def _profile(options: argparse.Namespace) -> int:
    from edgesim.profiling.measure import profile, recompute
    from edgesim.profiling.summary import statistics_rows, summary_text
    from edgesim.profiling.task import Task

    out = Path(options.out)
    if options.samples:
        recording = recompute(Path(options.samples), out)
    else:
        task = Task(
            store=_store(options), storage=not options.compute_only, processor=options.processor,
            folder=Path(options.folder) if options.folder else None, base=options.device, name=options.name,
            seed=options.seed, quick=options.quick, strict=options.strict,
        )  # fmt: skip
        with progress() as say:
            recording = profile(out, task, say)
    for doubt in dict.fromkeys(doubt for doubts in recording.header.doubts.values() for doubt in doubts):
        tell(f"doubtful: {doubt}")
    tell(f"wrote {out}")
    options.output.rows(statistics_rows(recording.samples))
    if options.json != "-":
        options.output.print(summary_text(recording, out))
    return 0


def _store(options: argparse.Namespace) -> Path | None:
    if options.storage_only:
        return None
    if options.store is None:
        raise InputError("--store: is missing, the shard store whose layers are timed; 'edgesim shard' makes one, and"
                         " --storage-only needs none")  # fmt: skip
    return Path(options.store)
