"""The command that runs a scenario at every point of its sweep: sweep."""

import argparse
from typing import TYPE_CHECKING

from edgesim.cli.complain import tell
from edgesim.cli.options import JSON, add_planners, add_scenario
from edgesim.cli.parser import AddCommand
from edgesim.cli.progress import progress
from edgesim.errors import InputError, PluginError

if TYPE_CHECKING:
    from edgesim.sweeps.manifest import Manifest
    from edgesim.sweeps.ready import Sweep, Where

_ABOUT = """Shows how the answer changes with bandwidth, memory, target or anything else in the files: runs every
point that the scenario's 'sweep:' spans, on all cores, into a folder of Parquet files. It may be killed at any time
and resumed. Then edgesim report tells what is in it."""


def add_sweep(command: AddCommand) -> None:
    """Add the command to a parser."""
    text = "run a scenario at every point of its sweep, into a dataset"
    parser = command(_sweep, text, _ABOUT, "sweep sweep --out swept", "sweep sweep --out swept --resume --workers 2")
    add_scenario(parser, "a file with 'sweep:', or the name of a shipped one")
    parser.add_argument("--out", required=True, metavar="DIR", help="folder of the dataset: Parquet, and a manifest")
    add_planners(parser)
    parser.add_argument("--resume", action="store_true", help="go on with what an interrupted sweep has left in DIR")
    parser.add_argument("--workers", type=int, metavar="N", help="processes (one for each core)")
    text = "give the work to a Dask cluster: its scheduler's address, or local to start one (needs edgesim[cluster])"
    parser.add_argument("--cluster", metavar="ADDRESS", help=text)
    parser.add_argument("--json", metavar="FILE", help=JSON.replace("JSON", "the manifest as JSON"))


def _sweep(options: argparse.Namespace) -> int:
    if not options.out:
        raise InputError("--out: needs the name of a folder, got ''")
    from edgesim.sweeps.ended import ended_text, reasons
    from edgesim.sweeps.ready import Where, read_sweep_file

    try:
        where = Where(options.workers, options.cluster)
    except InputError as error:
        raise InputError(f"--{error}") from error
    made = read_sweep_file(options.scenario, options.planner)
    try:
        manifest = _stored(made, where, options)
    except KeyboardInterrupt:
        tell(f"interrupted; what is done is in {options.out}, go on with --resume")
        return 130
    options.output.rows([manifest.model_dump(mode="json", by_alias=True)], alone=True)
    options.output.show(ended_text(manifest))
    for line in reasons(options.out, manifest):
        tell(line)
    tell(f"wrote {options.out}; edgesim report {options.out} tells what is in it")
    return _exit_code(manifest)


def _stored(made: "Sweep", where: "Where", options: argparse.Namespace) -> "Manifest":
    from edgesim.sweeps.verbs import store_sweep

    def notice(line: str) -> None:
        tell(line)

    with progress(rate=True) as say:
        return store_sweep(made, options.out, where, resume=options.resume, progress=say, notice=notice)


def _exit_code(manifest: "Manifest") -> int:
    """Return 3 if a planner failed or ended its process anywhere, and 2 if there is no such scenario at any point."""
    statuses = {status for found in manifest.counts.values() for status in found}
    if statuses & {"failed", "lost"}:
        return PluginError.exit_code
    return InputError.exit_code if statuses == {"invalid"} else 0
