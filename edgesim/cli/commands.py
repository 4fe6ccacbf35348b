"""All commands: parse, call, print, exit."""

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, redirect_stdout
from io import StringIO
from pathlib import Path

from edgesim import __version__
from edgesim.cli.check import add_check
from edgesim.cli.compare import add_compare
from edgesim.cli.complain import complain
from edgesim.cli.completing import complete
from edgesim.cli.completion import add_completion
from edgesim.cli.imports import add_import
from edgesim.cli.listed import add_list
from edgesim.cli.measured import add_evaluate, add_importance, add_shard
from edgesim.cli.need import add_need, add_sensitivity
from edgesim.cli.parser import Parser, read_arguments, typed
from edgesim.cli.planners import find_planners
from edgesim.cli.profile import add_profile
from edgesim.cli.regress import add_regress
from edgesim.cli.report import add_report
from edgesim.cli.run import add_plan, add_run
from edgesim.cli.sweep import add_sweep
from edgesim.cli.validate import add_validate
from edgesim.errors import EdgesimError

_ABOUT = """Simulate models that are read from flash while they run: whether a model that does not fit in memory
answers in time, which of its parts are read at which bitwidth, and what is kept in memory."""
_EXAMPLES = """examples:
  edgesim run quickstart --plot quickstart.png   a table and a picture
  edgesim compare quickstart                     all planners side by side
  edgesim list devices                           what can be simulated
  edgesim list scenarios quickstart              a file to copy and change

exit codes:
  0  done
  1  target missed (--strict), goal out of reach, validation out of tolerance,
     or a regression found
  2  a file or argument is wrong
  3  a plugin is missing or broke a rule
  4  no plan fits
  5  it could not be executed here

edgesim COMMAND --help tells when to use a command, with examples."""
_FILES = ("json", "csv", "trace", "plot", "front", "spans", "html")
"""Options that name files to be written."""
_COMMANDS = (
    add_run, add_plan, add_compare, add_check, add_list, add_sweep, add_report, add_need, add_sensitivity, add_shard,
    add_importance, add_evaluate, add_import, add_profile, add_validate, add_regress, add_completion,
)  # fmt: skip


def run_command(arguments: Sequence[str] | None) -> int:
    """Run one command, and return its exit code; see `edgesim.cli.main`."""
    parser, commands = command_parsers()
    complete(parser, commands.values())
    options = read_arguments(parser, commands, arguments)
    options.typed = list(sys.argv[1:] if arguments is None else arguments)
    given = vars(options)
    try:
        from edgesim.report.output import STDOUT, Output, check_outputs

        find_planners(options)
        files = {f"--{name}": given[name] for name in _FILES if name in given}
        check_outputs(files, given.get("scenarios", [given.get("scenario") or ""]))
        _check_suffixes(given)
        options.output = Output(sys.stdout or StringIO(), given.get("json"))
        with redirect_stdout(sys.stderr) if given.get("json") == STDOUT else nullcontext():  # a plugin may print
            return int(options.command(options))
    except EdgesimError as error:
        return complain(error)


def _check_suffixes(given: Mapping[str, str | None]) -> None:
    """Refuse files whose suffixes are not those of pictures or pages."""
    for picture in filter(None, (given.get("plot"), given.get("front"))):
        from edgesim.plot import check_format

        check_format(Path(picture))
    if page := given.get("html"):
        from edgesim.pages import check_page

        check_page(Path(page))


def command_parsers() -> tuple[Parser, dict[str, Parser]]:
    """Return the parser of all commands, and that of each by its name."""
    parser = Parser("edgesim", _ABOUT, _EXAMPLES)
    parser.add_argument("--version", action="version", version=f"edgesim {__version__}", help="show the version")
    adding = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", parser_class=Parser)
    commands: dict[str, Parser] = {}

    def command(function: Callable[..., int], text: str, about: str, *examples: str) -> Parser:
        name = function.__name__.strip("_")
        shown = "\n".join(typed(f"edgesim {example}") for example in examples)
        epilog = f"example{'s' * (len(examples) > 1)}:\n{shown}"
        commands[name] = adding.add_parser(name, help=text, description=about, epilog=epilog)
        commands[name].set_defaults(command=function)
        return commands[name]

    for add in _COMMANDS:
        add(command)
    return parser, commands
