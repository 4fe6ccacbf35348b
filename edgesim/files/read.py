"""Read scenarios, devices and models, with everything they refer to."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from edgesim.device import Device
from edgesim.document import Document
from edgesim.errors import InputError, PluginError, choose
from edgesim.files.references import Reading, importance_rows, planner_mistakes
from edgesim.files.report import note
from edgesim.files.shipped import Kind, shipped_folder, shipped_names
from edgesim.files.text import Text, read_text
from edgesim.model import Model
from edgesim.scenario import Scenario

Read = TypeVar("Read", bound=Document)
Data = dict[Any, Any]

SCHEMAS: dict[str, tuple[Kind, type[Document]]] = {
    "edgesim.device/1": ("devices", Device),
    "edgesim.model/1": ("models", Model),
    "edgesim.scenario/1": ("scenarios", Scenario),
}


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
    return _read(path, Scenario, changes or {})


def read_device(path: str | Path) -> Device:
    """Read a device profile: a file, or the name of a shipped one.

    Raises
    ------
    InputError
        With every mistake, by file and line.
    """
    return _read(path, Device, {})


def read_model(path: str | Path) -> Model:
    """Read a model: a file, or the name of a shipped one.

    Raises
    ------
    InputError
        With every mistake, by file and line.
    """
    return _read(path, Model, {})


def check_file(path: str | Path) -> str:
    """Check one device, model or scenario file with everything it refers to.

    Returns
    -------
    str
        What the file is, such as ``edgesim.device/1``.

    Raises
    ------
    InputError, PluginError
        As the reader of that kind of file.
    """
    found = locate(path, ("scenarios", "devices", "models"))
    data = read_text(found, str(path)).data
    schema = data.get("schema") if isinstance(data, dict) else None
    if not isinstance(schema, str) or schema not in SCHEMAS:
        raise InputError(f"{path}: schema: must say what the file is, got {schema}; known: {', '.join(SCHEMAS)}")
    _read(found if "/" in str(path) else path, SCHEMAS[schema][1], {})
    return schema


def locate(path: str | Path, kinds: Collection[Kind]) -> Path:
    """Return the file that a path (with a slash or .yaml) or a shipped name stands for.

    Raises
    ------
    InputError
        If it is a name that nothing shipped has.
    """
    text = str(path)
    if isinstance(path, Path) or "/" in text or text.endswith((".yaml", ".yml")):
        return Path(path)
    for kind in kinds:
        if text in shipped_names(kind):
            return shipped_folder(kind) / f"{text}.yaml"
    names = [name for kind in kinds for name in shipped_names(kind)]
    what = " or ".join(kind[:-1] for kind in kinds)
    raise InputError(f"{text}: no such {what}; {choose(text, names)}; or a path with a slash or .yaml")


def _read(path: str | Path, document: type[Read], changes: Mapping[str, object]) -> Read:
    kind = next(kind for kind, known in SCHEMAS.values() if known is document)
    found = locate(path, (kind,))
    reading = Reading(found.parent)
    value = _document(reading, found, document, changes)
    if reading.mistakes:
        raise InputError("\n".join([*reading.mistakes, *reading.missing_plugins]))
    if value is None or reading.missing_plugins:
        raise PluginError("\n".join(reading.missing_plugins))
    return value


def _document(reading: Reading, path: Path, document: type[Read], changes: Mapping[str, object]) -> Read | None:
    """Read one file; its mistakes go to `reading`, and None comes back if there are any."""
    try:
        text = read_text(path, str(path))
    except InputError as error:
        reading.mistakes.append(str(error))
        return None
    reading.inputs[reading.key(path)] = text.sha256
    if not isinstance(text.data, dict):
        text.mistake((), f"must be a mapping of keys, got {type(text.data).__name__}")
        reading.mistakes += text.sentences()
        return None
    data, failed = {**text.data, **changes}, set[str]()
    if document is Scenario:
        failed = _fill_scenario(reading, text, path, data)
    elif document is Model:
        importance_rows(reading, text, path.parent, data)
    value = _validate(text, document, data, failed)
    reading.mistakes += text.sentences()
    return None if text.mistakes else value


def _validate(text: Text, document: type[Read], data: Data, failed: Collection[str]) -> Read | None:
    try:
        return document.model_validate(data)
    except ValidationError as error:
        note(text, document, [line for line in error.errors() if not set(line["loc"][:1]) & set(failed)])
        return None


def _fill_scenario(reading: Reading, text: Text, path: Path, data: Data) -> set[str]:
    """Put documents in place of the names a scenario has for them; return the keys that could not be filled."""
    failed = set[str]()
    for key, kind, document in (("device", "devices", Device), ("model", "models", Model)):
        if isinstance(name := data.get(key), str):
            data[key] = _referred(reading, text, (key, path.parent / name, name), kind, document)  # type: ignore[arg-type]
            failed |= {key} if data[key] is None else set()
    for key in {"folder", "inputs"} & set(data):
        text.mistake((key,), f"unknown key; {choose(key, data)}")
    planner_mistakes(reading, text, path.parent, data.get("planner"))
    data.setdefault("name", path.stem)
    data |= {"folder": str(path.parent), "inputs": reading.inputs}
    return failed


def _referred(
    reading: Reading, text: Text, place: tuple[str, Path, str], kind: Kind, document: type[Read]
) -> Read | None:
    key, beside, name = place
    try:
        found = locate(name, (kind,))
    except InputError as error:
        text.mistake((key,), str(error))
        return None
    return _document(reading, found if found.is_absolute() else beside, document, {})
