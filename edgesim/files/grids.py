"""What a grid names: its devices, models and planners, each with the line that names it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from edgesim.device import Device
from edgesim.document import Where
from edgesim.errors import choose
from edgesim.files.content import printable
from edgesim.files.references import Reading, fill_planners
from edgesim.files.report import known_keys
from edgesim.files.shipped import Kind, locate
from edgesim.files.text import Text
from edgesim.grid import Grid
from edgesim.model import Model

Place = tuple[Where, Kind, object]
"""A key or an item of a file, and the name of what that is about."""
Refer = Callable[[Place, type[Device] | type[Model]], Device | Model | None]
Data = dict[Any, Any]


def fill_grid(reading: Reading, text: Text, folder: Path, data: Data, refer: Refer) -> set[Where]:
    """Put documents in place of the names a grid has for them; return the keys that could not be filled.

    Parameters
    ----------
    reading, text, folder
        What was found so far, the grid's file, and where it lies.
    data
        The content of the file; documents and what edgesim adds are put there.
    refer
        Reads what a name stands for; notes a mistake at its place, and returns None.
    """
    before = set(reading.inputs)
    devices = _documents(data, folder, ("devices", Device), refer)
    models = _documents(data, folder, ("models", Model), refer)
    inputs = {_lasting(key): value for key, value in reading.inputs.items() if key not in before}
    added = {"folder": str(folder), "device_files": devices, "model_files": models, "inputs": inputs}
    for key in set(added) & set(data):
        text.mistake((key,), f"unknown key; {choose(key, known_keys(Grid, ()))}")
    failed = fill_planners(reading, text, folder, data, ("planners",))
    data.setdefault("name", printable(Path(text.shown).stem))
    data |= added
    return failed | {(key,) for key in ("devices", "models") if isinstance(data.get(key), list) and None in data[key]}


def _lasting(key: str) -> str:
    """Name a file so that it is the same wherever the package lies beside the grid."""
    return Path(key).name if key.startswith("..") else key


def _documents(
    data: Data, folder: Path, kind: tuple[Kind, type[Device] | type[Model]], refer: Refer
) -> tuple[str, ...]:  # fmt: skip
    """Read what the names in a list stand for, and return the files."""
    key, document = kind
    names = data.get(key)
    if not isinstance(names, list):
        return ()
    found = [refer(((key, place), key, name), document) for place, name in enumerate(names)]
    data[key] = found
    known = [name for name, one in zip(names, found, strict=True) if one is not None]
    return tuple(str((folder / locate(name, (key,), folder)).absolute()) for name in known)
