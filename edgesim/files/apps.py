"""The other apps of a scenario: what each says of itself, on the scenario's device."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edgesim.document import NAME, Where
from edgesim.files.references import Reading, fill_planners
from edgesim.files.text import Text

HIDDEN = ("beside", "changes", "folder", "inputs", "replication")
"""Keys of a scenario that edgesim itself adds."""
Data = dict[Any, Any]
Fill = Callable[[Data, Where], set[Where]]
"""Puts documents and tables in place of what an app names; returns the places that it could not fill."""

_SHARED = (
    "schema",
    "device",
    "throttle",
    "conditions",
    "sharing",
    "apps",
    "seed",
    "campaign",
    "sweep",
    "store",
    "tolerance",
)
"""Keys of a scenario that are about all of its apps."""
REFUSED = dict.fromkeys(_SHARED, "is about all apps; write it at the scenario's own level") | {
    "app": "its name stands before it already; leave it out",
    **dict.fromkeys(HIDDEN, "unknown key"),
}
"""Keys that no other app may have, and why."""
_INHERITED = ("schema", "device", "processor", "seed")


def fill_apps(reading: Reading, text: Text, folder: Path, data: Data, fill: Fill) -> set[Where]:
    """Make a whole scenario of each of a scenario's other apps.

    Parameters
    ----------
    reading, text, folder
        What was found so far, the scenario's file, and where it lies.
    data
        The content of the file; documents are in place of the names that it has for the device and the model.
    fill
        Reads the model and the tables that an app names.

    Returns
    -------
    set
        The places that could not be filled.
    """
    apps = data.get("apps")
    if not isinstance(apps, dict):
        return set()
    failed = set[Where]()
    filled: Data = {}
    for name, given in apps.items():
        where = ("apps", name)
        if not isinstance(given, dict):
            filled[name] = given
            continue
        for key in (key for key in given if key in REFUSED):
            text.mistake((*where, key), REFUSED[key])
        own = {key: value for key, value in given.items() if key not in REFUSED}
        failed |= fill(own, where)
        failed |= fill_planners(reading, text, folder, own, (*where, "planner"))
        if isinstance(listed := own.get("planner"), list) and len(listed) > 1:
            text.mistake((*where, "planner"), f"must be one planner, got {len(listed)}")
        inherited = {key: data[key] for key in _INHERITED if key in data}
        failed |= {(*where, key) for key, value in inherited.items() if value is None}  # said once, where it stands
        called = {"app": name, "name": name} if isinstance(name, str) and re.fullmatch(NAME, name) else {}
        filled[name] = inherited | called | own | {"beside": True, "folder": str(folder), "inputs": reading.inputs}
    data["apps"] = filled
    return failed
