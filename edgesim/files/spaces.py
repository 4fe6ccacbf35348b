"""A scenario and its sweep -> the space of its points."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from edgesim.axes import Sweep
from edgesim.choice import PlannerChoice
from edgesim.errors import InputError
from edgesim.files.changes import change, from_here, split
from edgesim.files.dimensions import BUDGET, Dimension, dimensions_of, size_of
from edgesim.files.filters import Filter, filters_of
from edgesim.files.labels import read_choices
from edgesim.files.left import check_bases, check_filters
from edgesim.files.library import Library
from edgesim.files.read import read_as
from edgesim.files.shipped import locate
from edgesim.files.space import Case, Space
from edgesim.files.text import Text, read_text
from edgesim.files.trials import Trials
from edgesim.scenario import Scenario

__all__ = ["Case", "Space", "read_space"]

MOST_POINTS = 10**9


def read_space(path: str | Path, changes: Mapping[str, object] | None = None, planners: Sequence[str] = ()) -> Space:
    """Read a scenario and what its sweep tries; without a sweep it has one combination.

    Parameters
    ----------
    path
        A file, or the name of a shipped scenario.
    changes
        Keys to set before the files are checked, as for `edgesim.read_scenario`; the sweep no longer tries them.
    planners
        Labels such as ``wrx[upgrade_to=6]``, or one, to ask instead of the scenario's planners.

    Raises
    ------
    InputError
        With every mistake of all files, by file and line.
    PluginError
        If the files are right, but a planner cannot be found.
    """
    located = locate(path, {"scenarios"})
    found, library = located.absolute(), Library()
    library.texts[found] = read_text(located, str(located))  # messages call it as the caller does
    fixed = from_here(changes)
    if planners:
        fixed["planner"] = [choice.model_dump() for choice in read_choices(planners)]
    scenario = read_as(Scenario, found, fixed, library)
    text = library.text(found)
    change(text, Scenario, split(text, fixed).get("scenario", {}))
    sweep = scenario.sweep or Sweep.model_construct()
    dimensions = dimensions_of(sweep, fixed)
    trials = Trials(text, found, library, fixed, scenario, dimensions)
    ordered = sorted(dimensions, key=lambda dimension: dimension.is_budget)  # the order within each kind stays
    filters = _checked(trials, sweep, ordered)
    own = (scenario.target_latency_ns, scenario.preload_bytes, scenario.load_buffer_bytes)
    return Space(
        path=found,
        library=library,
        fixed=fixed,
        name=scenario.name,
        planners=scenario.planner,
        bases=tuple(dimension for dimension in ordered if not dimension.is_budget),
        budgets=tuple(dimension for dimension in ordered if dimension.is_budget),
        filters=tuple(filters),
        own=dict(zip(BUDGET, own, strict=True)),
        names={"device": scenario.device.name, "processor": scenario.processor, "model": scenario.model.name},
    )


def _checked(trials: Trials, sweep: Sweep, dimensions: Sequence[Dimension]) -> list[Filter]:
    """Return what must hold of points, if there is no mistake at all."""
    text, elsewhere = trials.text, list[str]()
    _check_planners(text, trials.scenario.planner)
    points = size_of(dimensions) * len(trials.scenario.planner)
    if points > MOST_POINTS:
        text.mistake(("sweep",), f"has {points:,} points; the most is {MOST_POINTS:,}")
    trials.check_keys()
    if not text.mistakes:
        elsewhere = trials.check_values()
    filters = filters_of(text, sweep.where, dimensions, trials.fixed) if not (text.mistakes or elsewhere) else []
    if not (text.mistakes or elsewhere):
        check_filters(text, filters, dimensions)
        check_bases(trials, dimensions)
    if text.mistakes or elsewhere:
        raise InputError("\n".join(dict.fromkeys([*elsewhere, *text.sentences()])))
    return filters


def _check_planners(text: Text, planners: Sequence[PlannerChoice]) -> None:
    labels = [choice.label for choice in planners]
    for number, label in enumerate(labels):
        if label in labels[:number]:
            text.mistake(("planner", number), f"gives {label} twice; keep one")
