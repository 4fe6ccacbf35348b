"""Check any file: it says itself what it is."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from edgesim.errors import InputError, choose
from edgesim.files.doubts import doubts, scenario_doubts
from edgesim.files.kinds import SCHEMAS
from edgesim.files.points import read_points
from edgesim.files.read import read_as
from edgesim.files.report import shown
from edgesim.files.shipped import locate
from edgesim.files.spaces import read_space
from edgesim.files.text import Text, read_text
from edgesim.scenario import Scenario


class Checked(NamedTuple):
    """What a right file is.

    Parameters
    ----------
    schema
        What it says that it is, such as ``edgesim.device/1``.
    text
        The file, with its lines.
    doubts
        What is allowed, but may not be meant so: a line each.
    scenarios
        Of a scenario, what it is at each point of its campaign.
    """

    schema: str
    text: Text
    doubts: Sequence[str] = ()
    scenarios: Sequence[Scenario] = ()


def check_file(path: str | Path) -> str:
    """Check one device, model, scenario or grid with everything it refers to.

    A scenario is checked at each point of its campaign, and with each value of its sweep.

    Parameters
    ----------
    path
        A file, or the name of a shipped one.

    Returns
    -------
    str
        What the file is, such as ``edgesim.device/1``.

    Raises
    ------
    InputError, PluginError
        As the reader of that kind of file.
    """
    return checked(path).schema


def checked(path: str | Path) -> Checked:
    """Check a file as `check_file` does; return what it is, with what is doubtful in it."""
    found = locate(path, ("scenarios", "devices", "models", "grids"))
    text = read_text(found, str(found))
    schema = text.data.get("schema") if isinstance(text.data, dict) else None
    if not isinstance(schema, str) or schema not in SCHEMAS:
        text.mistake(("schema",), f"must say what the file is, got {shown(schema)}; {choose(str(schema), SCHEMAS)}")
        raise InputError("\n".join(text.sentences()))
    _, document = SCHEMAS[schema]
    if document is Scenario:
        points = read_points(found)
        if points and points[0].scenario.sweep is not None:
            read_space(found)
        scenarios = [point.scenario for point in points]
        return Checked(schema, text, scenario_doubts(scenarios, text), scenarios)
    return Checked(schema, text, doubts(read_as(document, found), text))
