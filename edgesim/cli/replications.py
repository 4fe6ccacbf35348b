"""Options of `run` and `compare` that repeat a scenario with other draws, and what they do then."""

import argparse
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from edgesim.cli.progress import progress
from edgesim.errors import InputError

if TYPE_CHECKING:
    from edgesim.choice import PlannerChoice
    from edgesim.replications.findings import Replicated, Replications
    from edgesim.scenario import Scenario

One = Callable[["Scenario", "PlannerChoice"], None]
Choices = Callable[["Scenario", argparse.Namespace], "list[PlannerChoice]"]
EachPlanner = Callable[[Iterable[str], argparse.Namespace, One], tuple[int, int]]
_ONE_RUN = ("trace", "plot", "html", "front", "csv", "gap", "timed", "store", "task")
"""Flags that are about one run."""


def add_replications(parser: argparse.ArgumentParser, *, workers: bool) -> None:
    """Add the options to the parser of a command.

    Parameters
    ----------
    parser
        Of `run` or `compare`.
    workers
        Add ``--workers`` as well; `compare` has it already.
    """
    group = parser.add_argument_group("replications", "the same scenario many times, each time with other draws")
    group.add_argument("--replications", type=int, metavar="N", help="how many; all planners meet the same draws")
    text = "stop as soon as half the confidence interval is within this share of the mean, e.g. '5 %%'"
    group.add_argument("--precision", metavar="SHARE", help=text)
    text = "the figure that is compared and stops the replications (latency_mean_ns)"
    group.add_argument("--of", metavar="FIGURE", help=text)
    if workers:
        group.add_argument("--workers", type=int, metavar="N", help="processes for replications (one for each core)")


def check_replications(options: argparse.Namespace) -> bool:
    """Tell whether replications are asked for, and refuse what cannot be before anything runs.

    Raises
    ------
    InputError
        If an option is wrong, or is not for replications.
    """
    if options.workers is not None and options.workers < 1:
        raise InputError(f"--workers: must be at least 1, got {options.workers}")
    if options.replications is None:
        if given := [name for name in ("precision", "of") if getattr(options, name) is not None]:
            raise InputError(f"--{given[0]}: needs --replications N, how many there may be at most")
        return False
    if given := [name for name in _ONE_RUN if getattr(options, name, None)]:
        raise InputError(f"--{given[0]}: is about one run; leave it out, or --replications")
    _rule(options)
    return True


def run_replications(options: argparse.Namespace, each: EachPlanner) -> int:
    """Run every planner of every scenario many times, and show what came of it.

    Parameters
    ----------
    options
        The command's.
    each
        Does one thing with every planner of some scenarios, and returns how many there were and the worst exit code.

    Returns
    -------
    int
        The exit code; with ``--strict`` 1 if any inference of any app in any replication missed its target.
    """
    from edgesim.replications.figures import MET
    from edgesim.replications.text import replications_text
    from edgesim.replications.verbs import replicate

    done: list[Replications] = []

    def one(scenario: "Scenario", choice: "PlannerChoice") -> None:
        with progress() as say:
            found = replicate(scenario, choice, **_rule(options), workers=options.workers, progress=say)
        done.append(found)
        options.output.show(replications_text(found))

    tried, worst = each(options.scenarios, options, one)
    options.output.rows([found.to_dict() for found in done], alone=tried == 1)
    met = (values for found in done for name, values in found.values.items() if name.rpartition(".")[2] == MET)
    missed = options.strict and any(value != 1 for values in met for value in values)
    return worst or int(missed)


def compare_replications(points: "Sequence[Scenario]", choices: "Choices", options: argparse.Namespace) -> "Replicated":
    """Run planners many times with the same draws, and show how they differ.

    Parameters
    ----------
    points
        What the command was given; it must be one.
    choices
        Says which planners there are.
    options
        The command's.

    Raises
    ------
    InputError
        If there are several points.
    """
    from edgesim.replications.text import replicated_text
    from edgesim.replications.verbs import replicate_all

    if len(points) > 1:
        raise InputError(f"--replications: compares planners at one point, got {len(points)}; choose with --device")
    planners = options.planner or choices(points[0], options)
    with progress() as say:
        found = replicate_all(points[0], planners, **_rule(options), workers=options.workers, progress=say)
    options.output.show(replicated_text(found))
    options.output.rows([found.to_dict()], alone=True)
    return found


def _rule(options: argparse.Namespace) -> dict[str, Any]:
    """Return what the verbs need to know, or one sentence about the option that is wrong."""
    from edgesim.replications.stopping import checked_rule

    precision = None if options.precision is None else _share(options.precision)
    try:
        rule = checked_rule(options.replications, precision, options.of)
    except InputError as error:
        raise InputError(f"--{error}") from error
    return {"replications": rule.most, "precision": rule.precision, "of": rule.figure}


def _share(text: str) -> float:
    from pydantic import TypeAdapter, ValidationError

    from edgesim.units import Share

    try:
        return TypeAdapter(Share).validate_python(text)
    except ValidationError as error:
        raise InputError(f"--precision: {error.errors()[0]['ctx']['error']}") from error
