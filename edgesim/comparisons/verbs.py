"""The verbs: planners side by side for one scenario, and for every point of several campaigns."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from edgesim.choice import PlannerChoice
from edgesim.comparisons.cells import Progress, all_planners, attempted, compared_cells
from edgesim.comparisons.gap import with_gaps
from edgesim.comparisons.planning import with_planning_times
from edgesim.document import Document
from edgesim.errors import InputError
from edgesim.experiment import Given
from edgesim.files import given_scenario, read_choices, read_points
from edgesim.result import Comparison, LeftOut, Result
from edgesim.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

Compared = tuple[Scenario, Comparison]


class Comparisons(list[Compared]):
    """Each point's scenario and its comparison, a list that notebooks can draw."""

    def to_frame(self) -> "pd.DataFrame":
        """Return one row for each planner at each point, those included that have no plan, and why."""
        from edgesim.comparisons.table import compared_frame

        return compared_frame(self)


def compare(scenario: Given, planners: Sequence[str | PlannerChoice] = ()) -> Comparison:
    """Run planners side by side.

    Parameters
    ----------
    scenario
        A scenario, a file, or the name of a shipped one; its campaign is for `compare_all`.
    planners
        Labels; by default the scenario's planners and all installed ones, those with a `bitwidth` at every one
        of the model.

    Returns
    -------
    Comparison
        Results in that order, and the planners left out because no plan fits or because they fail.

    Raises
    ------
    InputError
        If a file or a planner's label is wrong.
    """
    given = given_scenario(scenario)
    found = [attempted(given, choice) for choice in read_choices(planners) or all_planners(given)]
    return _comparison(found)


def compare_all(  # noqa: PLR0913  (all but two are keyword-only options)
    scenarios: Given | Sequence[Given],
    planners: Sequence[str | PlannerChoice] = (),
    *,
    changes: Mapping[str, object] | None = None,
    timed: bool = False,
    gap: bool = False,
    store: str | Path | None = None,
    task: str | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Comparisons:
    """Run planners side by side at every point of some scenarios' campaigns.

    Parameters
    ----------
    scenarios
        Scenarios, files, or names of shipped ones, or one of them; what is no file is one point, whatever its campaign.
    planners
        Labels; by default as `compare`.
    changes
        Keys to set before a file is checked, in every point.
    timed
        Measure how long planning takes [ns], as ``planning_ns``.
    gap
        Find out how far each plan's fidelity is from the best there is; needs the extra ``oracle``.
    store
        Folder of a shard store of the model: measure the accuracy of every plan; needs the extra ``real``.
    task
        What is asked then; by default what the model's prediction of accuracy is about.
    workers
        How many processes; by default one for each core.
    progress
        Called with what is done, how much of it, and of how much.

    Returns
    -------
    Comparisons
        A list of each point's scenario and its comparison.

    Raises
    ------
    InputError
        If a file or a planner's label is wrong, or a library is missing.
    """
    if gap:
        from edgesim.planners.optimum import check_solver

        check_solver()  # before a long run, not after it
    say = progress or (lambda what, done, every: None)
    points = read_all(scenarios, changes)
    chosen = read_choices(planners)
    found = compared_cells(points, [chosen or all_planners(point) for point in points], workers, say)
    rows: list[list[Result]] = [[row for row in point if isinstance(row, Result)] for point in found]
    if timed:
        rows = with_planning_times(points, rows, say)
    if gap:
        rows = with_gaps(points, rows, workers, say)
    if store is not None:
        from edgesim.comparisons.measured import with_accuracy

        rows = with_accuracy(points, rows, (store, task), say)
    return Comparisons(
        (point, Comparison(tuple(results), _comparison(every).left_out))
        for point, results, every in zip(points, rows, found, strict=True)
    )


def read_all(scenarios: Given | Sequence[Given], changes: Mapping[str, object] | None = None) -> list[Scenario]:
    """Read every point of some scenarios' campaigns; what is no file is one point, whatever its campaign.

    Parameters
    ----------
    scenarios
        Scenarios, files, or names of shipped ones.
    changes
        Keys to set before a file is checked, in every point.

    Raises
    ------
    InputError
        With all mistakes of all files.
    """
    points, mistakes = list[Scenario](), list[str]()
    for given in _several(scenarios):
        try:
            if isinstance(given, str | Path):
                points += [one.scenario for one in read_points(given, changes)]
            else:
                points.append(given_scenario(given))
        except InputError as error:
            mistakes.append(str(error))
    if mistakes:
        raise InputError("\n".join(mistakes))
    return points


def _several(scenarios: Given | Sequence[Given]) -> Sequence[Given]:
    """Put one scenario, or what is none, into a list: texts and documents can be iterated over too."""
    if isinstance(scenarios, str | Path | Document) or not isinstance(scenarios, Iterable):
        return [scenarios]
    return scenarios


def _comparison(found: Sequence[Result | LeftOut]) -> Comparison:
    results = tuple(one for one in found if isinstance(one, Result))
    return Comparison(results, tuple(one for one in found if isinstance(one, LeftOut)))
