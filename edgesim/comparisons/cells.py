"""Which planners are compared, and what comes of each at each point."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from edgesim.choice import PlannerChoice
from edgesim.errors import InfeasibleError, InputError, PluginError
from edgesim.experiment import run
from edgesim.plugins import PLANNERS, find, installed, options_of
from edgesim.result import LeftOut, Result
from edgesim.scenario import Scenario
from edgesim.workers import Lost, each

Progress = Callable[[str, int, int], None]
Found = Result | LeftOut


def all_planners(scenario: Scenario) -> list[PlannerChoice]:
    """Return a scenario's planners and all installed ones, those with a `bitwidth` at every one of the model."""
    every = list(scenario.planner)
    takes_bitwidth = {name: _takes_bitwidth(name) for name in installed(PLANNERS)}
    for name in sorted(takes_bitwidth, key=takes_bitwidth.__getitem__):
        choices = [{"bitwidth": bits} for bits in scenario.model.bitwidths] if takes_bitwidth[name] else [{}]
        every += [PlannerChoice(name=name, options=options) for options in choices]
    return list({choice.label: choice for choice in every}.values())


def _takes_bitwidth(name: str) -> bool:
    try:
        return "bitwidth" in options_of(find(PLANNERS, name, Path()))
    except PluginError:  # it is left out with the reason when its turn comes
        return False


def attempted(scenario: Scenario, choice: PlannerChoice) -> Found:
    """Run a planner; it is left out if no plan fits or it fails, and one that nobody named also if it is refused.

    Raises
    ------
    InputError
        If an option of a planner is wrong.
    """
    try:
        return run(scenario, choice)
    except (InfeasibleError, PluginError) as error:
        return LeftOut.of(choice.label, error)
    except InputError as error:  # of a library that is missing, for example
        if choice in scenario.planner or choice not in all_planners(scenario):
            raise
        return LeftOut.of(choice.label, error)


@dataclass(frozen=True, slots=True)
class _Cells:
    """Runs one planner at one point, by their numbers: worker processes get the scenarios once, and send none back."""

    points: Sequence[Scenario]
    choices: Sequence[Sequence[PlannerChoice]]

    def __call__(self, cell: tuple[int, int]) -> Found:
        point, choice = cell
        found = attempted(self.points[point], self.choices[point][choice])
        return found.with_given(None) if isinstance(found, Result) else found


def compared_cells(
    points: Sequence[Scenario], choices: Sequence[Sequence[PlannerChoice]], workers: int | None, say: Progress
) -> list[list[Found]]:
    """Run planners at points, of many on several cores.

    Parameters
    ----------
    points, choices
        Scenarios, and for each the planners.
    workers
        How many processes; by default one for each core.
    say
        Called with what is done, how much of it, and of how much.

    Returns
    -------
    list
        For each point what came of each planner, in order.

    Raises
    ------
    InputError
        If an option of a planner is wrong.
    """
    cells = [cell for place, every in enumerate(choices) for cell in product([place], range(len(every)))]
    found: list[list[Found]] = [[] for _ in points]
    count = 1 if len(points) == 1 else workers
    for index, value in each(_Cells(points, choices), cells, count, progress=lambda *n: say("planners run", *n)):
        place, planner = cells[index]
        label = choices[place][planner].label
        one = _dead(label, value) if isinstance(value, Lost) else value
        found[place].append(one.with_given(points[place]) if isinstance(one, Result) else one)
    return found


def _dead(label: str, lost: Lost) -> LeftOut:
    return LeftOut(label, f"{label}: ended its process, {lost.reason}", PluginError.exit_code)
