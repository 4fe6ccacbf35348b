"""The command that tells what is in the dataset of a sweep: report."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from edgesim.cli.complain import tell
from edgesim.cli.options import add_outputs
from edgesim.cli.parser import AddCommand
from edgesim.errors import InputError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from edgesim.sweeps.findings import Report

_TEXT = "tell what a sweep says: counts, fronts, best planner by region"
_ABOUT = """Reads what edgesim sweep wrote, finished or not: who meets the target how often, what quality costs in
memory, and which planner is best where. swept is the folder that edgesim sweep sweep --out swept makes."""

_WIDTH = 120


def add_report(command: AddCommand) -> None:
    """Add the command to a parser."""
    parser = command(
        _report, _TEXT, _ABOUT,
        "report swept --plot maps.png --front fronts.png",
        "report swept --within '100 MB'",
        "report swept --x target_latency --y storage.read.bandwidth --of latency_ns --plot maps.svg",
    )  # fmt: skip
    parser.add_argument("folder", metavar="DIR", help="where edgesim sweep keeps its dataset, finished or not")
    for axis, where in (("x", "across"), ("y", "up")):
        text = f"what maps have {where}: a key that was swept (one with most values)"
        parser.add_argument(f"--{axis}", metavar="KEY", help=text)
    text = "which figure --plot maps, e.g. latency_ns or held_memory_bytes (accuracy, or else fidelity)"
    parser.add_argument("--of", metavar="METRIC", help=text)
    text = "which memory is compared: what is held between inferences, or the peak (held)"
    parser.add_argument("--memory", choices=["held", "peak"], default="held", help=text)
    text = "compare only plans with at most so much of that memory, e.g. '100 MB' (no limit)"
    parser.add_argument("--within", metavar="SIZE", help=text)
    text = "a target counts as met if so many inferences meet it, in sessions and over seeds (100 %%)"
    parser.add_argument("--met", metavar="SHARE", help=text)
    text = "only this one, e.g. wrx or 'std_pipeline[bitwidth=6]'; a name is all its options; may be repeated"
    parser.add_argument("--planner", action="append", default=[], metavar="PLANNER", help=text)
    add_outputs(
        parser,
        csv="write every step of every front",
        plot="draw maps of best planners and a metric (.png, .svg or .pdf)",
        front="draw the fronts (.png, .svg or .pdf)",
    )


def _report(options: argparse.Namespace) -> int:
    from edgesim.sweeps.findings import read_report
    from edgesim.sweeps.shown import report_text

    if options.of and not options.plot:
        raise InputError("--of: is what maps show; draw them with --plot FILE")
    found = read_report(
        options.folder, x=options.x, y=options.y, memory=options.memory, within_bytes=_size(options.within),
        least_met=_share(options.met), planners=options.planner, of=options.of,
    )  # fmt: skip
    options.output.show(_fitted(report_text(found), options))
    _write(found, options)
    return 0


def _fitted(text: "RenderableType", options: argparse.Namespace) -> "RenderableType":
    """Let lines be as wide as a terminal; elsewhere as wide as most are."""
    from rich.constrain import Constrain

    return text if options.output.stdout.isatty() else Constrain(text, _WIDTH)


def _share(given: str | None) -> float:
    from edgesim.questions.quantity import read_share

    if given is None:
        return 1.0
    share = read_share(given, "--met")
    if not 0 < share <= 1:
        raise InputError(f"--met: must be more than 0 % and at most 100 %, got {given}")
    return share


def _size(given: str | None) -> int | None:
    from edgesim.units import KINDS, parse

    if given is None:
        return None
    try:
        return parse(given, KINDS["size"], "100 MB")
    except ValueError as error:
        raise InputError(f"--within: {error}") from None


def _write(found: "Report", options: argparse.Namespace) -> None:
    options.output.rows([found.to_dict()] if options.json else [], alone=True)
    if options.csv:
        from edgesim.files import write_atomically

        write_atomically(Path(options.csv), found.fronts.frame.to_csv(index=False).encode())
        tell(f"wrote {options.csv}")
    if options.plot:
        from edgesim.plot.sweep import save_sweep
        from edgesim.sweeps.pages import sweep_page

        save_sweep(sweep_page(found, options.of), Path(options.plot))
        tell(f"drew {options.plot}")
    if options.front:
        from edgesim.plot.steps import save_steps
        from edgesim.sweeps.pages import front_page

        save_steps(front_page(found), Path(options.front))
        tell(f"drew {options.front}")
