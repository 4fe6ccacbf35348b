"""The command that runs a scenario at every point of its sweep: sweep."""

import argparse
import sys
from typing import TYPE_CHECKING

from edgesim.cli.measured import AddCommand, progress
from edgesim.errors import InputError, PluginError

if TYPE_CHECKING:
    from edgesim.sweeps.manifest import Manifest

_SCENARIO = "a file with 'sweep:', or the name of a shipped one"


def add_sweep(command: AddCommand) -> None:
    """Add the command to a parser."""
    parser = command(_sweep, "run a scenario at every point of its sweep, into a dataset", "sweep sweep --out swept")
    parser.add_argument("scenario", metavar="SCENARIO", help=_SCENARIO)
    parser.add_argument("--out", required=True, metavar="DIR", help="folder of the dataset: Parquet, and a manifest")
    text = "instead of the scenario's, e.g. wrx or 'std_pipeline[bitwidth=6]'; may be repeated"
    parser.add_argument("--planner", action="append", default=[], metavar="NAME", help=text)
    parser.add_argument("--resume", action="store_true", help="go on with what an interrupted sweep has left in DIR")
    parser.add_argument("--workers", type=int, metavar="N", help="processes (one for each core)")
    text = "give the work to a Dask cluster: its scheduler's address, or local to start one (needs edgesim[cluster])"
    parser.add_argument("--cluster", metavar="ADDRESS", help=text)
    parser.add_argument("--json", metavar="FILE", help="write the manifest as JSON; - for standard output, alone")


def _sweep(options: argparse.Namespace) -> int:
    if options.workers is not None and options.workers < 1:
        raise InputError(f"--workers: must be at least 1, got {options.workers}")
    from edgesim.sweeps.ended import ended_text
    from edgesim.sweeps.ready import Where, read_sweep_file
    from edgesim.sweeps.verbs import store_sweep

    made = read_sweep_file(options.scenario, options.planner)
    where = Where(options.workers, options.cluster)
    with progress(rate=True) as say:
        manifest = store_sweep(
            made, options.out, where, resume=options.resume, progress=say,
            notice=lambda line: print(f"edgesim: {line}", file=sys.stderr),
        )  # fmt: skip
    options.output.rows([manifest.model_dump(mode="json", by_alias=True)], alone=True)
    options.output.show(ended_text(manifest))
    print(f"edgesim: wrote {options.out}; edgesim report {options.out} tells what is in it", file=sys.stderr)
    return PluginError.exit_code if _failed(manifest) else 0


def _failed(manifest: "Manifest") -> bool:
    return any(counts.get(status, 0) for counts in manifest.counts.values() for status in ("failed", "lost"))
