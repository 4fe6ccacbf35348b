"""What a file refers to beside other documents: importance tables and planners."""

import csv
import hashlib
import math
import os.path
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from edgesim.document import Document
from edgesim.errors import InputError, PluginError
from edgesim.files.content import decode, printable, read_bytes
from edgesim.files.shipped import shipped_key
from edgesim.files.text import Text
from edgesim.plugins import PLANNERS, find, is_file, option_mistakes
from edgesim.scenario import Planners


@dataclass(slots=True)
class Reading:
    """One call of a reader: what was wrong so far, and the hash of every file that was read."""

    folder: Path
    mistakes: list[str] = field(default_factory=list)
    missing_plugins: list[str] = field(default_factory=list)
    inputs: dict[str, str] = field(default_factory=dict)
    changes: dict[str, str] = field(default_factory=dict)

    def key(self, path: Path) -> str:
        """Name a file for the provenance, the same wherever the checkout or the package lies."""
        return shipped_key(path) or printable(Path(os.path.relpath(path, self.folder)).as_posix())


class _Planners(Document):
    planner: Planners


def planner_mistakes(reading: Reading, text: Text, folder: Path, planner: object) -> None:
    """Note planners that cannot be found, and options that they do not take."""
    try:
        choices = _Planners.model_validate({"planner": planner}).planner
    except ValidationError:
        return  # the scenario's own validation says what is wrong
    for number, choice in enumerate(choices):
        where = ("planner", number) if isinstance(planner, list) else ("planner",)
        try:
            function = find(PLANNERS, choice.name, folder)
        except PluginError as error:
            line = text.lines.get(where, 1)
            reading.missing_plugins.append(f"{text.shown}:{line}: planner: {error}")
            continue
        if is_file(choice.name):
            path = folder / choice.name.rpartition(":")[0]
            reading.inputs[reading.key(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
        for option, message in option_mistakes(function, choice.options):
            text.mistake((*where, "options", option), message)


def importance_rows(reading: Reading, text: Text, folder: Path, data: dict[Any, Any]) -> None:
    """Read the importance table that a model names, into the model's own data."""
    importance = data.get("importance")
    if not isinstance(importance, dict) or not isinstance(importance.get("file"), str):
        return
    where, path = ("importance", "file"), folder / importance["file"]
    if "values" in importance:
        text.mistake(where, "give either 'file' or 'values', not both")
    try:
        content = read_bytes(path, str(path))
        lines = csv.reader(StringIO(decode(content, str(path))))
        values = [[_number(cell, f"{path}:{lines.line_num}") for cell in row] for row in lines if row]
    except (InputError, csv.Error) as error:
        text.mistake(where, str(error))
        del data["importance"]  # else it would be refused once more, for having no values
        return
    reading.inputs[reading.key(path)] = hashlib.sha256(content).hexdigest()
    data["importance"] = {key: value for key, value in importance.items() if key != "file"} | {"values": values}


def _number(cell: str, where: str) -> float:
    try:
        number = float(cell)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InputError(f"{where}: must be finite numbers separated by commas, got '{cell[:40]}'")
    return number
