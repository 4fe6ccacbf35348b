"""A scenario and its campaign -> the scenarios that are tried."""

from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import NamedTuple

from edgesim.campaign import Campaign, Tried
from edgesim.errors import InputError
from edgesim.files.changes import from_here
from edgesim.files.library import Library
from edgesim.files.read import read_as
from edgesim.scenario import Scenario

Changes = dict[str, str]


class Point(NamedTuple):
    """A scenario with the keys that its campaign changed."""

    changes: Changes
    scenario: Scenario


def read_points(path: str | Path, changes: Mapping[str, object] | None = None) -> list[Point]:
    """Read a scenario with each combination of the values that its campaign tries; without a campaign it is one point.

    Parameters
    ----------
    path
        A file, or the name of a shipped scenario.
    changes
        Keys to set before the file is checked, in every point, as for `edgesim.read_scenario`; the campaign no longer
        tries them.

    Raises
    ------
    InputError
        With every mistake of all points, each once.
    PluginError
        If the files are right, but a planner cannot be found.
    """
    fixed = from_here(changes)
    points, mistakes = [], list[str]()
    library = Library()
    for changed in _combinations(read_as(Scenario, path, fixed, library).campaign, changes or {}):
        try:
            points.append(Point(changed, read_as(Scenario, path, fixed | changed, library)))
        except InputError as error:
            mistakes += str(error).split("\n")
    if mistakes:
        raise InputError("\n".join(dict.fromkeys(mistakes)))
    return points


def _combinations(campaign: Campaign, fixed: Mapping[str, object]) -> Iterator[Changes]:
    """Yield what is changed together: device by device, then each value of a key with each of the others."""
    if "device" in fixed or not campaign.device:
        own = campaign.device.get(str(fixed.get("device")), Tried())
        yield from _each_with_each(campaign, own, fixed)
        return
    for name, own in campaign.device.items():
        yield from ({"device": name} | changed for changed in _each_with_each(campaign, own, fixed))


def _each_with_each(campaign: Campaign, own: Tried, fixed: Mapping[str, object]) -> Iterator[Changes]:
    keys = [key for key in Tried.model_fields if key not in fixed]
    values = {key: getattr(own, key) or getattr(campaign, key) for key in keys}
    axes = [[(key, value) for value in found] for key, found in values.items() if found]
    yield from map(dict, product(*axes))
