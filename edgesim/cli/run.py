"""The commands that plan and execute: run, plan."""

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from edgesim.cli.complain import complain, tell
from edgesim.cli.options import SCENARIO, add_outputs, add_planners, add_scenario
from edgesim.cli.pages import HTML, write_run
from edgesim.cli.parser import AddCommand
from edgesim.cli.replications import add_replications, check_replications, run_replications
from edgesim.errors import EdgesimError

if TYPE_CHECKING:
    from edgesim.choice import PlannerChoice
    from edgesim.result import Result
    from edgesim.scenario import Scenario

_ABOUT_RUN = """Tells whether a model answers in time on a device, where it waits for flash, what it keeps in memory,
and what the answer rests on: a planner makes a plan, the simulator executes it. Start here."""
_ABOUT_PLAN = """Shows what a planner decides before anything is executed: the submodel, the bitwidth of each shard,
what is preloaded, and how much time each layer has for its reads."""


def add_run(command: AddCommand) -> None:
    """Add the command to a parser."""
    parser = command(
        _run, "plan, execute and measure scenarios", _ABOUT_RUN,
        "run quickstart --plot quickstart.png",
        "run quickstart --planner wrx --planner 'std_pipeline[bitwidth=2]' --json both.json",
        "run engagements --replications 20 --precision '5 %'",
    )  # fmt: skip
    parser.add_argument("scenarios", nargs="+", metavar="SCENARIO", help=SCENARIO)
    add_planners(parser)
    parser.add_argument("--strict", action="store_true", help="exit 1 if any inference of any app misses its target")
    kept = parser.add_mutually_exclusive_group()
    kept.add_argument("--first-only", action="store_true", help="keep the spans of the first inference only")
    kept.add_argument("--all-spans", action="store_true", help="keep those of all, not of each app's first 1,000")
    trace, plot = "write a Chrome trace for ui.perfetto.dev", "draw the timeline (.png, .svg or .pdf)"
    add_outputs(parser, trace=trace, plot=plot, html=HTML)
    add_replications(parser, workers=True)


def add_plan(command: AddCommand) -> None:
    """Add the command to a parser."""
    parser = command(
        _plan, "show the plan alone, with its IO budgets", _ABOUT_PLAN,
        "plan fig6", "plan quickstart --planner 'wrx[upgrade_to=6]'",
    )  # fmt: skip
    add_scenario(parser)
    add_planners(parser)
    add_outputs(parser)


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
    write_run(done, options)
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
            tried, worst = tried + 1, max(worst, complain(error))
            continue
        for choice in choices or scenario.planner:
            tried += 1
            try:
                one(scenario, choice)
            except EdgesimError as error:
                worst = max(worst, complain(error, f"{scenario.name}: "))
    return tried, worst


def _plot(done: "list[tuple[Scenario, Result]]", options: argparse.Namespace) -> None:
    if options.plot and done:
        from edgesim.plot import save

        save(done, Path(options.plot))
        tell(f"drew {options.plot}")
