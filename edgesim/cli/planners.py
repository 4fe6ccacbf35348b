"""Planners that are files on the command line: a path that is typed there starts at the current folder."""

import argparse
from collections.abc import Iterable
from pathlib import Path

from edgesim.errors import InputError


def find_planners(options: argparse.Namespace) -> None:
    """Write the planners that a command was given as its scenarios would, whose paths start at their own folder.

    A file in the folder of all scenarios, or below it, is then ``./file.py:function``, and any other has its whole
    path: results have the same labels whatever the current folder is.
    """
    given = vars(options)
    labels, scenarios = given.get("planner"), given.get("scenarios") or [given.get("scenario")]
    if isinstance(labels, list):
        options.planner = [_label(label, filter(None, scenarios)) for label in labels]
    elif labels:
        options.planner = _label(labels, filter(None, scenarios))


def _label(label: str, scenarios: Iterable[str]) -> str:
    name, bracket, options = label.partition("[")
    path, colon, function = name.strip().partition(":")
    if not (colon and path.endswith(".py")):
        return label
    file = Path(path).parent.resolve() / Path(path).name
    folders = {_folder(scenario) for scenario in scenarios}
    shown = {f"./{file.relative_to(folder)}" if folder and file.is_relative_to(folder) else str(file)
             for folder in folders}  # fmt: skip
    return f"{shown.pop() if len(shown) == 1 else file}:{function}{bracket}{options}"


def _folder(scenario: str) -> Path | None:
    from edgesim.files.shipped import locate

    try:
        return locate(scenario, {"scenarios"}).parent.resolve()
    except InputError:
        return None  # whoever reads it will say so
