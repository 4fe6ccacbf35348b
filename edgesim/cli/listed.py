"""The command that shows what there is: list."""

import argparse

from edgesim.cli.options import JSON
from edgesim.cli.parser import AddCommand

KINDS = ("planners", "devices", "models", "scenarios", "backends")
_ABOUT = """Shows what can be named in files and on the command line, with what tells one from another. Without a
kind, how many there are of each; with a name, or a part of one, only those; and all about it if it is a single file,
so that it can be copied and changed."""


def add_list(command: AddCommand) -> None:
    """Add the command to a parser."""
    parser = command(
        _list, "show what there is: planners, devices, models, scenarios", _ABOUT,
        "list", "list devices", "list scenarios paper", "list devices odroid-n2plus",
    )  # fmt: skip
    parser.add_argument("what", nargs="?", choices=KINDS, metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("name", nargs="?", default="", metavar="PART", help="only those that have this in their names")
    parser.add_argument("--json", metavar="FILE", help=JSON)


def _list(options: argparse.Namespace) -> int:
    from edgesim.report.listing import listing, listing_text, overview, overview_text

    if options.what is None:
        counts = overview(KINDS)
        options.output.rows([counts], alone=True)
        options.output.show(overview_text(counts))
        return 0
    rows = listing(options.what, options.name)
    options.output.rows(rows)
    options.output.show(listing_text(options.what, rows))
    return 0
