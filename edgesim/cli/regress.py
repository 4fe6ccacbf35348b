"""The command that compares planners with what they were: regress."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from edgesim.cli.complain import tell
from edgesim.cli.options import add_outputs
from edgesim.cli.parser import AddCommand
from edgesim.cli.progress import progress
from edgesim.errors import InputError, PluginError

if TYPE_CHECKING:
    from edgesim.regression.findings import Regression

_TEXT = "compare plans with those of a git revision, or of a file"
_ABOUT = """Holds planners to what they were, in CI or before a commit: asks the old and the new ones for a plan in
every cell of a grid of devices, models, targets and buffers, and exits with 1 if anything became worse, with the
first difference of each plan that changed."""


def add_regress(command: AddCommand) -> None:
    """Add the command to a parser."""
    parser = command(
        _regress, _TEXT, _ABOUT,
        "regress --base main --markdown table.md",
        "regress --record plans.json.gz",
        "regress --against plans.json.gz",
    )  # fmt: skip
    old = parser.add_mutually_exclusive_group(required=True)
    old.add_argument("--base", metavar="REV", help="a git revision, whose planners are asked, too")
    old.add_argument("--against", metavar="FILE", help="a file that --record wrote")
    old.add_argument("--record", metavar="FILE", help="compare nothing: write down the plans (.json or .json.gz)")
    parser.add_argument("--grid", default="regress", metavar="GRID", help="a file, or the name of a shipped grid")
    parser.add_argument("--workers", type=int, metavar="N", help="processes (one for each core)")
    add_outputs(parser, markdown="write a table for a pull request")


def _regress(options: argparse.Namespace) -> int:
    from edgesim.quantities import counted
    from edgesim.regression.verbs import record, regress

    _check(options)
    with progress(estimate=True) as say:
        if options.record:
            found = record(options.record, options.grid, workers=options.workers, progress=say)
        else:
            found = regress(
                options.grid, base=options.base, against=options.against, workers=options.workers, progress=say
            )
    if options.record:
        tell(f"wrote {counted(len(found.cells), 'cell')} to {options.record}")
        if found.grid.left_out:
            tell(found.grid.left_out)
    else:
        _show(found, options)
    return 1 if found.failed else _broken(found)


def _check(options: argparse.Namespace) -> None:
    """Refuse what cannot be, before anything is planned."""
    from edgesim.report.output import check_outputs

    if options.workers is not None and options.workers < 1:
        raise InputError(f"--workers: must be at least 1, got {options.workers}")
    if options.record and (options.json or options.markdown):
        raise InputError("--record: compares nothing, so there is nothing for --json or --markdown")
    outputs = {f"--{name}": getattr(options, name) for name in ("record", "json", "markdown")}
    check_outputs(outputs, filter(None, (options.grid, options.against)))


def _show(found: "Regression", options: argparse.Namespace) -> None:
    from edgesim.files import write_atomically
    from edgesim.regression.text import regression_markdown, regression_text

    options.output.show(regression_text(found))
    options.output.rows([found.to_dict()], alone=True)
    if options.markdown:
        write_atomically(Path(options.markdown), regression_markdown(found).encode())


def _broken(found: "Regression") -> int:
    """Say which planners break, each once; that is never right, even where it is no regression."""
    from edgesim.quantities import counted

    broken = {found.label(one.cell): one for one in reversed(found.errors)}
    for label, one in sorted(broken.items()):
        many = counted(sum(found.label(other.cell) == label for other in found.errors), "cell")
        tell(f"{label}: breaks in {many}, {getattr(one.new, 'message', '')}")
    return PluginError.exit_code if broken else 0
