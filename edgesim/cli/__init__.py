"""The command line: parse, call, print, exit."""

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from edgesim import __version__
from edgesim.cli.compare import add_compare
from edgesim.cli.imports import add_import
from edgesim.cli.measured import AddCommand, add_commands
from edgesim.cli.need import add_need, add_sensitivity
from edgesim.cli.planners import find_planners
from edgesim.cli.profile import add_profile
from edgesim.cli.regress import add_regress
from edgesim.cli.replications import add_replications, check_replications, run_replications
from edgesim.cli.report import add_report
from edgesim.cli.sweep import add_sweep
from edgesim.cli.validate import add_validate
from edgesim.errors import EdgesimError, InputError

if TYPE_CHECKING:
    from edgesim.choice import PlannerChoice
    from edgesim.result import Result
    from edgesim.scenario import Scenario

_EXAMPLES = """examples:
  edgesim run quickstart --plot quickstart.png
  edgesim compare scenarios/quickstart.yaml
  edgesim plan quickstart --planner 'wrx[upgrade_to=6]'
  edgesim check my-device.yaml my-scenario.yaml
  edgesim list devices

exit codes: 0 done, 1 target missed (--strict), goal out of reach, validation out of tolerance or regression found, 2 a
file or argument is wrong, 3 a plugin is missing or broke a rule, 4 no plan fits, 5 it could not be executed here"""
_JSON = "write JSON; - for standard output, alone"
_SCENARIO = "a file, or the name of a shipped scenario"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; what `edgesim` on the command line calls.

    Parameters
    ----------
    arguments
        What follows ``edgesim``; by default the process's own arguments.

    Returns
    -------
    int
        The exit code.
    """
    options = _parser().parse_args(arguments)
    given = vars(options)
    try:
        from edgesim.report.output import STDOUT, Output, check_outputs

        find_planners(options)
        files = {
            f"--{name}": given[name] for name in ("json", "csv", "trace", "plot", "front", "spans") if name in given
        }
        check_outputs(files, given.get("scenarios", [given.get("scenario") or ""]))
        for picture in filter(None, (given.get("plot"), given.get("front"))):
            from edgesim.plot import check_format

            check_format(Path(picture))
        options.output = Output(sys.stdout or StringIO(), given.get("json"))
        with redirect_stdout(sys.stderr) if given.get("json") == STDOUT else nullcontext():  # a plugin may print
            return int(options.command(options))
    except EdgesimError as error:
        return _complain(error)
    except KeyboardInterrupt:
        print("edgesim: interrupted", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    text, form = "Simulate models that are read from flash while they run.", argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("edgesim", description=text, epilog=_EXAMPLES, formatter_class=form)
    parser.add_argument("--version", action="version", version=f"edgesim {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(function: Callable[..., int], text: str, example: str) -> argparse.ArgumentParser:
        name, epilog = function.__name__.strip("_"), f"example: edgesim {example}"
        sub = commands.add_parser(name, help=text, description=text, epilog=epilog, formatter_class=form)
        sub.set_defaults(command=function)
        return sub

    run = command(_run, "plan, execute and measure scenarios", "run quickstart --plot quickstart.png")
    run.add_argument("scenarios", nargs="+", metavar="SCENARIO", help=_SCENARIO)
    _add_outputs(run, trace="write a Chrome trace for ui.perfetto.dev", plot="draw the timeline (.png, .svg or .pdf)")
    run.add_argument("--strict", action="store_true", help="exit 1 if any inference of any app misses its target")
    kept = run.add_mutually_exclusive_group()
    kept.add_argument("--first-only", action="store_true", help="keep the spans of the first inference only")
    kept.add_argument("--all-spans", action="store_true", help="keep those of all, not of each app's first 1,000")
    add_replications(run, workers=True)
    plan = command(_plan, "show the plan alone, with its IO budgets", "plan fig6")
    plan.add_argument("scenario", metavar="SCENARIO", help=_SCENARIO)
    _add_outputs(plan)
    add_compare(command)
    check = command(_check, "find every mistake in files and shard stores", "check my-device.yaml")
    check.add_argument(
        "files", nargs="*", metavar="FILE", help="a file, a shipped name, or the folder of a shard store"
    )
    check.add_argument("--schemas", metavar="DIR", help="write the JSON Schemas of the formats, for editors")
    for add in (add_sweep, add_report, add_need, add_sensitivity, add_commands, add_import, add_profile):
        add(command)
    for add in (add_validate, add_regress, _add_list):
        add(command)
    return parser


def _add_list(command: AddCommand) -> None:
    what = command(_list, "show what there is", "list devices")
    what.add_argument("what", choices=["planners", "devices", "models", "scenarios", "backends"])
    what.add_argument("--json", metavar="FILE", help=_JSON)


def _add_outputs(parser: argparse.ArgumentParser, **files: str) -> None:
    text = "instead of the scenario's, e.g. wrx or 'std_pipeline[bitwidth=6]'; may be repeated"
    parser.add_argument("--planner", action="append", default=[], metavar="NAME", help=text)
    parser.add_argument("--json", metavar="FILE", help=_JSON)
    for name, text in files.items():
        parser.add_argument(f"--{name}", metavar="FILE", help=text)


def _run(options: argparse.Namespace) -> int:
    if check_replications(options):
        return run_replications(options, _each)
    from edgesim.experiment import run
    from edgesim.report.sessions import run_text

    done: list[tuple[Scenario, Result]] = []

    def one(scenario: "Scenario", choice: "PlannerChoice") -> None:
        result = run(scenario, choice, keep_spans=_keep_spans(options))
        done.append((scenario, result))
        options.output.show(run_text(result, scenario))

    tried, worst = _each(options.scenarios, options, one)
    options.output.rows([result.to_dict() for _, result in done], alone=tried == 1)
    if options.trace and done:
        from edgesim.report.trace import chrome_trace

        options.output.file(options.trace, chrome_trace(done))
    _plot(done, options)
    apps = (app for _, result in done for app in (result, *result.beside))
    missed = options.strict and any(app.metrics.target_met_fraction < 1 for app in apps)
    return worst or int(missed)


def _keep_spans(options: argparse.Namespace) -> bool | None:
    return False if options.first_only else True if options.all_spans else None


def _plan(options: argparse.Namespace) -> int:
    from edgesim.experiment import plan
    from edgesim.report.json import plan_dict
    from edgesim.report.plans import plan_text

    def one(scenario: "Scenario", choice: "PlannerChoice") -> None:
        made = plan(scenario, choice)
        rows.append(plan_dict(made, choice.label, scenario))
        options.output.show(plan_text(made, choice.label, scenario))

    rows: list[object] = []
    tried, worst = _each([options.scenario], options, one)
    options.output.rows(rows, alone=tried == 1)
    return worst


def _each(
    paths: Iterable[str], options: argparse.Namespace, one: "Callable[[Scenario, PlannerChoice], None]"
) -> tuple[int, int]:
    """Do one thing with every planner of every scenario; return how many there were, and the worst exit code."""
    from edgesim.files import read_choice, read_scenario

    choices = [read_choice(label) for label in options.planner]
    tried = worst = 0
    for path in paths:
        try:
            scenario = read_scenario(path)
        except EdgesimError as error:
            tried, worst = tried + 1, max(worst, _complain(error))
            continue
        for choice in choices or scenario.planner:
            tried += 1
            try:
                one(scenario, choice)
            except EdgesimError as error:
                worst = max(worst, _complain(error, f"{scenario.name}: "))
    return tried, worst


def _plot(done: "list[tuple[Scenario, Result]]", options: argparse.Namespace) -> None:
    if options.plot and done:
        from edgesim.plot import save

        save(done, Path(options.plot))
        print(f"edgesim: drew {options.plot}", file=sys.stderr)


def _check(options: argparse.Namespace) -> int:
    from edgesim.files import write_schemas

    if not options.files and not options.schemas:
        raise InputError("check: needs a file, or --schemas DIR")
    worst = 0
    for path in options.files:
        try:
            options.output.print(f"{path}: right, {_checked(path)}\n")
        except EdgesimError as error:
            worst = max(worst, _complain(error))
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


def _list(options: argparse.Namespace) -> int:
    from edgesim.report.listing import listing, listing_table

    rows = listing(options.what)
    options.output.rows(rows)
    options.output.show(listing_table(rows))
    return 0


def _complain(error: EdgesimError, where: str = "") -> int:
    for line in str(error).split("\n"):
        print(f"edgesim: {where}{line}", file=sys.stderr)
    return error.exit_code
