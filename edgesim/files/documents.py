"""The content of one file -> a document, with documents in place of the names that it has for others."""

from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from edgesim.device import Device
from edgesim.document import Document, Where
from edgesim.errors import InputError, choose
from edgesim.files.apps import HIDDEN, fill_apps
from edgesim.files.arrivals import fill_workload
from edgesim.files.changes import NATIVE, Changed, Owner, change
from edgesim.files.content import printable
from edgesim.files.grids import Place, fill_grid
from edgesim.files.kinds import is_a
from edgesim.files.library import Known
from edgesim.files.made import made_of, throttled
from edgesim.files.measured import fill_quality
from edgesim.files.references import Reading, fill_planners
from edgesim.files.report import known_keys, note, shown
from edgesim.files.shipped import Kind
from edgesim.files.tables import DEVICE_TABLES, MODEL_TABLES, fill_tables
from edgesim.files.text import Text
from edgesim.grid import Grid
from edgesim.model import Model
from edgesim.scenario import Scenario

Read = TypeVar("Read", bound=Document)
Data = dict[Any, Any]

REFERENCES: tuple[tuple[Owner, Kind, type[Device] | type[Model]], ...] = (
    ("device", "devices", Device),
    ("model", "models", Model),
    ("throttle", "devices", Device),
)
"""Keys of a scenario that name other files."""


def read_document(
    reading: Reading, text: Text, path: Path, document: type[Read], made: Data | None = None
) -> Read | None:  # fmt: skip
    """Make a document of the content of one file.

    Parameters
    ----------
    reading
        What was found so far; gets the mistakes.
    text, path
        The content, and the file that it is of.
    document
        What the file is to be.
    made
        Values of keys that were made of the same content before, and need not be made again.

    Returns
    -------
    Document
        None if anything is wrong.
    """
    reading.note(path, text.sha256)
    value = _validated(reading, text, path, document, made or {}) if is_a(document, text) else None
    reading.mistakes += text.sentences()
    return None if text.mistakes else value


def _validated(reading: Reading, text: Text, path: Path, document: type[Read], made: Data) -> Read | None:
    data: Data = dict(text.data)  # type: ignore[call-overload]  # `_is_a` saw to it
    data |= {key: value for key, value in made.items() if key in data}
    failed = _fill_scenario(reading, text, path, data) if document is Scenario else set[Where]()
    if document is Grid:
        folder = path.parent
        failed = fill_grid(reading, text, folder, data, lambda *named: read_reference(reading, text, folder, *named))
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
    failed |= fill_planners(reading, text, path.parent, data, ("planner",))
    data.setdefault("name", printable(path.stem))
    failed |= fill_apps(reading, text, path.parent, data, fill)
    data |= added
    return failed


def _fill(reading: Reading, text: Text, folder: Path, given: Data, where: Where) -> set[Where]:
    """Read what an app, or the scenario itself, names at some place; return the places that could not be filled."""
    failed = set[Where]()
    for key, kind, document in REFERENCES:
        if isinstance(given.get(key), document):
            if not where and key in reading.changed:
                text.mistake((key,), "was made in Python, not read from a file; change it there")
        elif key in given:
            given[key] = read_reference(reading, text, folder, ((*where, key), kind, given[key]), document)
            failed |= {(*where, key)} if given[key] is None else set()
    return failed | fill_workload(reading, text, folder, given, where)


def read_reference(reading: Reading, text: Text, folder: Path, place: Place, document: type[Read]) -> Read | None:
    """Read what a file names; as it is, and if keys of it are set, once more with those.

    Parameters
    ----------
    reading, text, folder
        What was found so far, the file that names it, and where that lies; they get the mistakes.
    place
        Where it is named, what kind of file it is, and its name.
    document
        What the file is to be.
    """
    where, kind, name = place
    changed = next((changed for owner, changed in reading.changed.items() if where == (owner,)), None)
    if not isinstance(name, str):
        text.mistake(where, f"must be a shipped name or a path, got {shown(name)}")
        return None
    try:
        found = reading.library.locate(name, kind, folder)
        value = _as_it_is(reading, found, document)
        return value if value is None or not changed else _changed(reading, found, value, changed)
    except InputError as error:
        text.mistake(where, str(error))
        return None


def _as_it_is(reading: Reading, path: Path, document: type[Read]) -> Read | None:
    """Read a file, once for all who share a library."""
    known = reading.library.documents.get(path)
    if known is None or not isinstance(known.document, document):
        own = replace(reading, inputs={})
        value = read_document(own, reading.library.text(path), path, document)
        if value is not None:
            reading.library.documents[path] = Known(value, own.inputs)
        known_inputs = own.inputs
    else:
        value, known_inputs = known.document, known.inputs
    reading.inputs |= known_inputs
    return value


def _changed(reading: Reading, path: Path, before: Read, changed: Changed) -> Read | None:
    """Read a file again with some keys set; what they are not in is as before."""
    text = reading.library.text(path)
    change(text, type(before), changed)
    made = made_of(before, {place[0] for place in changed})
    return read_document(reading, text, path, type(before), made)
