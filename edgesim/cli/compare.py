"""The command that puts planners side by side: compare."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from edgesim.cli.complain import tell
from edgesim.cli.options import SCENARIO, add_outputs, add_planners
from edgesim.cli.pages import HTML, write_compare
from edgesim.cli.parser import AddCommand
from edgesim.cli.progress import progress
from edgesim.cli.replications import add_replications, check_replications, compare_replications
from edgesim.errors import InputError, PluginError

if TYPE_CHECKING:
    from edgesim.choice import PlannerChoice
    from edgesim.comparisons.verbs import Compared
    from edgesim.scenario import Scenario

_ABOUT = """Tells which planner to use: all of them on the same scenario, who meets the target, at which quality,
holding how much memory, and how much leaner each is than a model that is kept as a whole. A scenario with a campaign
is compared at each of its points."""


def add_compare(command: AddCommand) -> None:
    """Add the command to a parser."""
    parser = command(
        _compare, "run all planners side by side, at every point of a campaign", _ABOUT,
        "compare quickstart",
        "compare paper-odroid-200ms paper-odroid-400ms --front front.png",
        "compare engagements --planner wrx --planner 'std_pipeline[bitwidth=2]' --replications 10",
    )  # fmt: skip
    text = f"{SCENARIO}; one with a campaign is compared at each of its points"
    parser.add_argument("scenarios", nargs="+", metavar="SCENARIO", help=text)
    add_planners(parser, "the scenario's and all installed ones")
    parser.add_argument("--device", metavar="DEVICE", help="on this device only, instead of the scenario's")
    parser.add_argument("--all", action="store_true", help="show every bitwidth, not only the best of each planner")
    parser.add_argument("--gap", action="store_true", help="show how far each plan is from the optimum (needs SciPy)")
    parser.add_argument("--timed", action="store_true", help="show how long planning takes on this machine")
    parser.add_argument("--store", metavar="DIR", help="measure accuracy on the real model in this shard store")
    parser.add_argument("--task", metavar="TASK", help="what is asked then, instead of what the model predicts")
    parser.add_argument("--workers", type=int, metavar="N", help="processes for several points (one for each core)")
    add_outputs(
        parser,
        csv="write the table, with every bitwidth and why others have no plan",
        plot="draw the timelines of one point (.png, .svg or .pdf)",
        front="draw quality against memory (.png, .svg or .pdf)",
        html=HTML,
    )
    add_replications(parser, workers=False)


def _compare(options: argparse.Namespace) -> int:
    from edgesim.comparisons.verbs import compare_all, read_all

    points = read_all(options.scenarios, {"device": options.device} if options.device else None)
    _check(options, points)
    if check_replications(options):
        return _replicated(points, options)
    with progress() as say:
        compared = compare_all(
            points, options.planner, timed=options.timed, gap=options.gap, store=options.store, task=options.task,
            workers=options.workers, progress=say,
        )  # fmt: skip
    _show(compared, options)
    _write(compared, options)
    write_compare(compared, options)
    failed = {left.exit_code for _, comparison in compared for left in comparison.left_out}
    if PluginError.exit_code in failed:
        return PluginError.exit_code
    return 0 if any(comparison.results for _, comparison in compared) else max(failed)


def _check(options: argparse.Namespace, points: "Sequence[Scenario]") -> None:
    """Refuse what cannot be, before anything runs."""
    if options.task and not options.store:
        raise InputError("--task: is for measuring accuracy; name the shard store with --store DIR")
    if options.workers is not None and options.workers < 1:
        raise InputError(f"--workers: must be at least 1, got {options.workers}")
    if options.plot and len(points) > 1:
        raise InputError(f"--plot: draws the timelines of one point, got {len(points)}; --front draws them all")
    if options.front:
        from edgesim.plot import MOST_FRONTS

        if len(points) > MOST_FRONTS:
            raise InputError(f"--front: draws up to {MOST_FRONTS} points, got {len(points)}; choose with --device")


def _replicated(points: "Sequence[Scenario]", options: argparse.Namespace) -> int:
    found = compare_replications(points, _named_and_best, options)
    for left in found.left_out:
        tell(f"left out {left.reason}")
    failed = {left.exit_code for left in found.left_out}
    return PluginError.exit_code if PluginError.exit_code in failed else 0 if found.each else max(failed)


def _named_and_best(scenario: "Scenario", options: argparse.Namespace) -> "list[PlannerChoice]":
    """Return the planners that a comparison of one run would show: of several bitwidths the best."""
    from edgesim.comparisons.cells import all_planners
    from edgesim.comparisons.verbs import compare
    from edgesim.report.comparison import shown_results

    every = all_planners(scenario)
    if options.all:
        return every
    shown = shown_results(compare(scenario), [choice.label for choice in scenario.planner])
    labels = {result.planner for result in shown} | {choice.label for choice in scenario.planner}
    return [choice for choice in every if choice.label in labels]


def _show(compared: "Sequence[Compared]", options: argparse.Namespace) -> None:
    from edgesim.report.comparison import comparison_text
    from edgesim.report.points import left_out_lines, points_text

    every = options.all or bool(options.planner)
    if len(compared) == 1:
        ((scenario, comparison),) = compared
        options.output.show(comparison_text(comparison, scenario, every=every))
    else:
        options.output.show(points_text(compared, every=every))
    for line in left_out_lines(compared, every=every):
        tell(f"left out {line}")


def _write(compared: "Sequence[Compared]", options: argparse.Namespace) -> None:
    results = [result for _, comparison in compared for result in comparison.results]
    options.output.rows([result.to_dict() for result in results])
    if options.csv:
        from edgesim.comparisons.table import compared_frame
        from edgesim.files import write_atomically

        write_atomically(Path(options.csv), compared_frame(compared).to_csv(index=False).encode())
        tell(f"wrote {options.csv}")
    if options.plot and results:
        from edgesim.plot import save
        from edgesim.report.comparison import shown_results

        ((scenario, comparison),) = compared
        named = [choice.label for choice in scenario.planner]
        shown = shown_results(comparison, named, every=options.all or bool(options.planner))
        save([(scenario, result) for result in shown], Path(options.plot))
        tell(f"drew {options.plot}")
    if options.front and results:
        from edgesim.plot import save_fronts

        save_fronts(compared, Path(options.front))
        tell(f"drew {options.front}")
