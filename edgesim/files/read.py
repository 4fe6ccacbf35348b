"""Read scenarios, devices, models and grids, with everything they refer to."""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from edgesim.device import Device
from edgesim.document import Document
from edgesim.errors import InputError, PluginError
from edgesim.files.changes import Changed, change, from_here, split
from edgesim.files.documents import read_document
from edgesim.files.kinds import SCHEMAS
from edgesim.files.library import Known, Library
from edgesim.files.made import made_of
from edgesim.files.references import Reading
from edgesim.grid import Grid
from edgesim.model import Model
from edgesim.scenario import Scenario

Read = TypeVar("Read", bound=Document)


def read_scenario(path: str | Path, changes: Mapping[str, object] | None = None) -> Scenario:
    """Read a scenario file and the device, model and planners that it names.

    Parameters
    ----------
    path
        A file, or the name of a shipped scenario.
    changes
        Keys to set before the files are checked, as in a file: ``{"target_latency": "150 ms"}``. Nested ones have dots,
        and may be of the scenario, its device or its model: ``{"workload.rate": "2 /s", "storage.read.bandwidth":
        "20 MB/s", "processors.cpu.layer_times[0].time.3": "40 ms", "outlier_fraction": 0}``; ``device.``, ``model.``
        or ``throttle.`` before a key says whose it is. The grade of what is set is D, and statistics of a storage
        or of processors that are changed are left out. Another ``device``, ``model`` or ``throttle`` is a shipped name,
        a file, whose path starts at the current folder, or what `read_device` or `read_model` returned.

    Raises
    ------
    InputError
        With every mistake of all files, by file and line.
    PluginError
        If the files are right, but a planner cannot be found.
    """
    return read_as(Scenario, path, from_here(changes))


def given_scenario(given: Scenario | str | Path) -> Scenario:
    """Return the scenario that a verb is given, read from its file if it is one.

    Raises
    ------
    InputError, PluginError
        As `read_scenario`, and if it is neither a scenario nor a file or name.
    """
    if isinstance(given, Scenario):
        return given
    if not isinstance(given, str | Path):
        raise InputError(f"scenario: must be an edgesim.Scenario, a file or a shipped name, got {type(given).__name__}")
    return read_scenario(given)


def read_device(path: str | Path) -> Device:
    """Read a device profile.

    Parameters
    ----------
    path
        A file, or the name of a shipped device.

    Raises
    ------
    InputError
        With every mistake, by file and line.
    """
    return read_as(Device, path)


def read_model(path: str | Path) -> Model:
    """Read a model.

    Parameters
    ----------
    path
        A file, or the name of a shipped model.

    Raises
    ------
    InputError
        With every mistake, by file and line.
    """
    return read_as(Model, path)


def read_grid(path: str | Path) -> Grid:
    """Read a grid and the devices, models and planners that it names: a file, or the name of a shipped one.

    Raises
    ------
    InputError
        With every mistake of all files, by file and line.
    PluginError
        If the files are right, but a planner cannot be found.
    """
    return read_as(Grid, path)


def read_as(
    document: type[Read],
    path: str | Path,
    changes: Mapping[str, object] | None = None,
    library: Library | None = None,
) -> Read:
    """Read a file as one kind of document, with all that it refers to; see `read_scenario`.

    With a `library`, what it has is not read again.
    """
    kind = next(kind for kind, known in SCHEMAS.values() if known is document)
    library = library or Library()
    found = library.locate(str(path), kind, Path()) if isinstance(path, str) else path
    changed = {key: str(value) for key, value in (changes or {}).items()}
    reading = Reading(found.parent, changes=changed, library=library)
    text = library.text(found)
    reading.changed = split(text, changes or {})
    change(text, document, own := reading.changed.get("scenario", {}))
    value = read_document(reading, text, found, document, _made_before(library, found, own))
    if reading.mistakes:
        raise InputError("\n".join([*reading.mistakes, *reading.missing_plugins]))
    if value is None or reading.missing_plugins:
        raise PluginError("\n".join(reading.missing_plugins))
    library.documents.setdefault(found, Known(value, reading.inputs, frozenset(place[0] for place in own)))
    return value


def _made_before(library: Library, path: Path, changed: Changed) -> dict[str, object]:
    """Return what a scenario is made of that does not depend on other files, and that nothing changes."""
    known = library.documents.get(path)
    if known is None or not isinstance(known.document, Scenario):
        return {}
    touched = known.touched | {place[0] for place in changed}
    return made_of(known.document, touched | {"device", "model", "throttle", "workload", "apps"})
