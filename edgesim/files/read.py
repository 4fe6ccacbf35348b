"""Read scenarios, devices and models, with everything they refer to."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from edgesim.device import Device
from edgesim.document import Document, Where
from edgesim.errors import InputError, PluginError, choose
from edgesim.files.apps import HIDDEN, fill_apps
from edgesim.files.arrivals import fill_workload
from edgesim.files.content import printable
from edgesim.files.grids import Place, fill_grid
from edgesim.files.measured import fill_quality
from edgesim.files.references import Reading, planner_mistakes
from edgesim.files.report import known_keys, note, shown
from edgesim.files.shipped import Kind, locate
from edgesim.files.tables import DEVICE_TABLES, MODEL_TABLES, fill_tables
from edgesim.files.text import Text, read_text
from edgesim.grid import Grid
from edgesim.model import Model
from edgesim.scenario import Scenario
from edgesim.spread import with_storage

Read = TypeVar("Read", bound=Document)
Data = dict[Any, Any]

SCHEMAS: dict[str, tuple[Kind, type[Document]]] = {
    "edgesim.device/1": ("devices", Device),
    "edgesim.grid/1": ("grids", Grid),
    "edgesim.model/1": ("models", Model),
    "edgesim.scenario/1": ("scenarios", Scenario),
}
_REFERENCES: tuple[tuple[str, Kind, type[Device] | type[Model]], ...] = (
    ("device", "devices", Device),
    ("model", "models", Model),
    ("throttle", "devices", Device),
)
NATIVE = "native"
"""A throttle that is none."""


def read_scenario(path: str | Path, changes: Mapping[str, object] | None = None) -> Scenario:
    """Read a scenario file and the device, model and planners that it names.

    Parameters
    ----------
    path
        A file, or the name of a shipped scenario.
    changes
        Keys to set before the file is checked, as in the file: ``{"target_latency": "150 ms"}``.

    Raises
    ------
    InputError
        With every mistake of all files, by file and line.
    PluginError
        If the files are right, but a planner cannot be found.
    """
    return read_as(Scenario, path, changes)


def read_device(path: str | Path) -> Device:
    """Read a device profile: a file, or the name of a shipped one.

    Raises
    ------
    InputError
        With every mistake, by file and line.
    """
    return read_as(Device, path)


def read_model(path: str | Path) -> Model:
    """Read a model: a file, or the name of a shipped one.

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


def read_as(document: type[Read], path: str | Path, changes: Mapping[str, object] | None = None) -> Read:
    """Read a file as one kind of document, with all that it refers to; see `read_scenario`."""
    kind = next(kind for kind, known in SCHEMAS.values() if known is document)
    found = locate(path, (kind,))
    reading = Reading(found.parent, changes={key: str(value) for key, value in (changes or {}).items()})
    text = read_text(found, str(found))
    text.change(changes or {})
    value = _document(reading, text, found, document)
    if reading.mistakes:
        raise InputError("\n".join([*reading.mistakes, *reading.missing_plugins]))
    if value is None or reading.missing_plugins:
        raise PluginError("\n".join(reading.missing_plugins))
    return value


def _document(reading: Reading, text: Text, path: Path, document: type[Read]) -> Read | None:
    """Make a document of one file; its mistakes go to `reading`, and None comes back if there are any."""
    reading.inputs[reading.key(path)] = text.sha256
    value = _validated(reading, text, path, document) if _is_a(document, text) else None
    reading.mistakes += text.sentences()
    return None if text.mistakes else value


def _is_a(document: type[Document], text: Text) -> bool:
    """Tell whether it is worth looking for single mistakes: the file is a mapping, and of no other kind."""
    if not isinstance(text.data, dict):
        text.mistake((), f"must be a mapping of keys, got {shown(text.data)}")
        return False
    given = text.data.get("schema")
    if isinstance(given, str) and SCHEMAS.get(given, ("", document))[1] is not document:
        wanted = next(schema for schema, (_, known) in SCHEMAS.items() if known is document)
        text.mistake(("schema",), f"must be {wanted} here, got {given}")
        return False
    return True


def _validated(reading: Reading, text: Text, path: Path, document: type[Read]) -> Read | None:
    data: Data = dict(text.data)  # type: ignore[call-overload]  # `_is_a` saw to it
    failed = _fill_scenario(reading, text, path, data) if document is Scenario else set[Where]()
    if document is Grid:
        folder = path.parent
        failed = fill_grid(reading, text, folder, data, lambda *named: _referred(reading, text, folder, *named))
    if document is Device:
        fill_tables(reading, text, path.parent, data, DEVICE_TABLES)
    if document is Model:
        fill_tables(reading, text, path.parent, data, MODEL_TABLES)
        fill_quality(reading, text, path.parent, data)
    try:
        return document.model_validate(data, by_alias=True, by_name=False)
    except ValidationError as error:
        note(text, document, [line for line in error.errors() if not any(_starts(line["loc"], at) for at in failed)])
        return None


def _starts(loc: Where, at: Where) -> bool:
    return loc[: len(at)] == at


def _fill_scenario(reading: Reading, text: Text, path: Path, data: Data) -> set[Where]:
    """Put documents in place of the names a scenario has for them; return the places that could not be filled."""

    def fill(given: Data, where: Where) -> set[Where]:
        return _fill(reading, text, path.parent, given, where)

    if data.get("throttle") == NATIVE:
        del data["throttle"]
    failed = fill(data, ())
    if isinstance(device := data.get("device"), Device) and isinstance(other := data.get("throttle"), Device):
        data["device"] = throttled(device, other)
    added = {"folder": str(path.parent), "inputs": reading.inputs, "changes": reading.changes}
    for key in sorted(set(HIDDEN) & set(data)):
        text.mistake((key,), f"unknown key; {choose(key, known_keys(Scenario, ()))}")
    planner_mistakes(reading, text, path.parent, data.get("planner"))
    data.setdefault("name", printable(path.stem))
    failed |= fill_apps(reading, text, path.parent, data, fill)
    data |= added
    return failed


def _fill(reading: Reading, text: Text, folder: Path, given: Data, where: Where) -> set[Where]:
    """Read what an app, or the scenario itself, names at some place; return the places that could not be filled."""
    failed = set[Where]()
    for key, kind, document in _REFERENCES:
        if key in given and not isinstance(given[key], document):
            given[key] = _referred(reading, text, folder, ((*where, key), kind, given[key]), document)
            failed |= {(*where, key)} if given[key] is None else set()
    return failed | fill_workload(reading, text, folder, given, where)


def throttled(device: Device, other: Device) -> Device:
    """Return a device with the storage of another one."""
    name, statistics = f"{device.name}-with-{other.name}", with_storage(device.statistics, other.statistics)
    return device.model_copy(update={"name": name, "storage": other.storage, "statistics": statistics})


def _referred(reading: Reading, text: Text, folder: Path, place: Place, document: type[Read]) -> Read | None:
    where, kind, name = place
    if not isinstance(name, str):
        text.mistake(where, f"must be a shipped name or a path, got {shown(name)}")
        return None
    try:
        found = folder / locate(name, (kind,), folder)
        return _document(reading, read_text(found, str(found)), found, document)
    except InputError as error:
        text.mistake(where, str(error))
        return None
