"""The command that finds mistakes in files: check."""

import argparse
import sys
from pathlib import Path

from edgesim.cli.complain import complain
from edgesim.cli.parser import AddCommand
from edgesim.errors import EdgesimError, InputError

_ABOUT = """Finds all mistakes in a file at once, each with its line and what would be right: after every change,
before a long run, and in CI. With --schemas, editors complete and check the files while they are written."""


def add_check(command: AddCommand) -> None:
    """Add the command to a parser."""
    parser = command(
        _check, "find every mistake in files and shard stores", _ABOUT,
        "check quickstart odroid-n2plus", "check --schemas .",
    )  # fmt: skip
    text = "a device, model, scenario or grid: a file, or a shipped name; or the folder of a shard store"
    parser.add_argument("checked", nargs="*", metavar="FILE", help=text)
    parser.add_argument("--schemas", metavar="DIR", help="write the JSON Schemas of the formats, for editors")


def _check(options: argparse.Namespace) -> int:
    from edgesim.files import write_schemas

    if not options.checked and not options.schemas:
        raise InputError("check: needs a file, or --schemas DIR")
    worst = 0
    for path in options.checked:
        try:
            options.output.print(f"{path}: right, {_checked(path)}\n")
        except EdgesimError as error:
            worst = max(worst, complain(error))
    if options.schemas:
        for path in write_schemas(Path(options.schemas)):
            print(f"edgesim: wrote {path}", file=sys.stderr)
    return worst


def _checked(path: str) -> str:
    from edgesim.files import check_file

    if not Path(path).is_dir():
        return check_file(path)
    from edgesim.sharding import check_store

    return check_store(Path(path))
