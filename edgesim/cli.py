"""The command line: parse, call, print, exit."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgesim import __version__
from edgesim.errors import EdgesimError, InputError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from edgesim.result import Result
    from edgesim.scenario import Scenario

_EXAMPLES = """examples:
  edgesim run quickstart --plot quickstart.png
  edgesim compare scenarios/quickstart.yaml
  edgesim plan quickstart --planner 'wrx[upgrade_to=6]'
  edgesim check my-device.yaml my-scenario.yaml
  edgesim list devices

exit codes: 0 done, 1 target missed (--strict), 2 a file or argument is wrong, 3 a plugin is missing or broke a rule,
4 no plan fits, 5 the plan could not be executed here"""


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
    try:
        return int(options.command(options))
    except EdgesimError as error:
        _complain(error)
        return error.exit_code
    except BrokenPipeError:  # the reader, `head` for example, has seen enough
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        print("edgesim: interrupted", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        "edgesim", description="Simulate models that are read from flash while they run.", epilog=_EXAMPLES,
        formatter_class=formatter,
    )  # fmt: skip
    parser.add_argument("--version", action="version", version=f"edgesim {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, function: Callable[..., int], text: str, example: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(
            name, help=text, description=text, epilog=f"example: edgesim {example}", formatter_class=formatter
        )
        sub.set_defaults(command=function)
        return sub

    run = command("run", _run, "plan, execute and measure scenarios", "run quickstart --plot quickstart.png")
    run.add_argument("scenarios", nargs="+", metavar="SCENARIO", help="a file, or the name of a shipped scenario")
    _add_outputs(run, trace="write a Chrome trace for ui.perfetto.dev", plot="draw the timeline (.png, .svg or .pdf)")
    run.add_argument("--strict", action="store_true", help="exit 1 if a target is missed")
    run.add_argument("--first-only", action="store_true", help="keep the spans of the first inference only")
    plan = command("plan", _plan, "show the plan alone, with its IO budgets", "plan fig6")
    plan.add_argument("scenario", metavar="SCENARIO", help="a file, or the name of a shipped scenario")
    _add_outputs(plan)
    compare = command("compare", _compare, "run all planners side by side", "compare quickstart")
    compare.add_argument("scenario", metavar="SCENARIO", help="a file, or the name of a shipped scenario")
    _add_outputs(compare, plot="draw all timelines (.png, .svg or .pdf)")
    check = command("check", _check, "find every mistake in device, model and scenario files", "check my-device.yaml")
    check.add_argument("files", nargs="*", metavar="FILE", help="a file, or a shipped name")
    check.add_argument("--schemas", metavar="DIR", help="write the JSON Schemas of the formats, for editors")
    listing = command("list", _list, "show what there is", "list devices")
    listing.add_argument("what", choices=["planners", "devices", "models", "scenarios", "backends"])
    listing.add_argument("--json", metavar="FILE", help="write JSON; - for standard output")
    return parser


def _add_outputs(parser: argparse.ArgumentParser, **files: str) -> None:
    parser.add_argument(
        "--planner", action="append", default=[], metavar="NAME",
        help="instead of the scenario's, e.g. wrx or 'std_pipeline[bitwidth=6]'; may be repeated",
    )  # fmt: skip
    parser.add_argument("--json", metavar="FILE", help="write JSON; - for standard output, alone")
    for name, text in files.items():
        parser.add_argument(f"--{name}", metavar="FILE", help=text)


def _run(options: argparse.Namespace) -> int:
    from edgesim.experiment import run
    from edgesim.files import read_scenario
    from edgesim.report.text import result_text

    done: list[tuple[Scenario, Result]] = []
    worst = 0
    for path in options.scenarios:
        try:
            scenario = read_scenario(path)
            for planner in options.planner or scenario.planner:
                result = run(scenario, planner, keep_spans=not options.first_only)
                done.append((scenario, result))
                _show(result_text(result, scenario), options)
        except EdgesimError as error:
            _complain(error)
            worst = max(worst, error.exit_code)
    _write_results(done, options)
    missed = options.strict and any(not result.metrics.meets_target for _, result in done)
    return worst or int(missed)


def _write_results(done: "list[tuple[Scenario, Result]]", options: argparse.Namespace) -> None:
    if not done:
        return
    if options.json:
        rows = [result.to_dict() for _, result in done]
        _write_json(rows if len(rows) > 1 else rows[0], options.json)
    if options.trace:
        from edgesim.report.trace import chrome_trace

        _write_json(chrome_trace(done), options.trace)
    if options.plot:
        _plot(done, options.plot)


def _plot(done: "list[tuple[Scenario, Result]]", path: str) -> None:
    from edgesim.plot import save

    save(done, Path(path))
    print(f"edgesim: drew {path}", file=sys.stderr)


def _plan(options: argparse.Namespace) -> int:
    from edgesim.experiment import plan, read_choice
    from edgesim.files import read_scenario
    from edgesim.report.json import plan_dict
    from edgesim.report.text import plan_text

    scenario = read_scenario(options.scenario)
    choices = [read_choice(label) for label in options.planner] or scenario.planner
    plans = [(choice.label, plan(scenario, choice)) for choice in choices]
    for label, made in plans:
        _show(plan_text(made, label, scenario), options)
    if options.json:
        rows = [plan_dict(made, label, scenario) for label, made in plans]
        _write_json(rows if len(rows) > 1 else rows[0], options.json)
    return 0


def _compare(options: argparse.Namespace) -> int:
    from edgesim.experiment import compare
    from edgesim.files import read_scenario
    from edgesim.report.comparison import comparison_text

    scenario = read_scenario(options.scenario)
    comparison = compare(scenario, options.planner)
    _show(comparison_text(comparison, scenario), options)
    for _, reason, _ in comparison.left_out:
        print(f"edgesim: left out {reason}", file=sys.stderr)
    if options.json:
        _write_json([result.to_dict() for result in comparison.results], options.json)
    if options.plot and comparison.results:
        _plot([(scenario, result) for result in comparison.results], options.plot)
    failed = [left.exit_code for left in comparison.left_out]
    return 0 if comparison.results and 3 not in failed else max(failed)


def _check(options: argparse.Namespace) -> int:
    from edgesim.files import check_file, write_schemas

    if not options.files and not options.schemas:
        raise InputError("check: needs a file, or --schemas DIR")
    worst = 0
    for path in options.files:
        try:
            print(f"{path}: right, {check_file(path)}")
        except EdgesimError as error:
            _complain(error)
            worst = max(worst, error.exit_code)
    if options.schemas:
        for path in write_schemas(Path(options.schemas)):
            print(f"edgesim: wrote {path}", file=sys.stderr)
    return worst


def _list(options: argparse.Namespace) -> int:
    from edgesim.report.listing import listing, listing_table

    rows = listing(options.what)
    if options.json:
        _write_json(rows, options.json)
    _show(listing_table(rows), options)
    return 0


def _show(renderable: "RenderableType", options: argparse.Namespace) -> None:
    """Print for people, unless standard output is taken by JSON."""
    if options.json == "-":
        return
    from rich.console import Console

    console = Console()
    if not console.is_terminal:
        console.width = 160  # a file or a pipe has no width; a table must not be cut there
    console.print(renderable)


def _write_json(value: Any, path: str) -> None:  # noqa: ANN401  (JSON is any of dict, list and scalar)
    text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    if path == "-":
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    from edgesim.files import write_atomically

    write_atomically(Path(path), text.encode())


def _complain(error: EdgesimError) -> None:
    lines: Iterable[str] = str(error).split("\n")
    for line in lines:
        print(f"edgesim: {line}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
