"""What one call of a reader finds and notes, and the planners that a scenario names."""

import hashlib
import os.path
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from edgesim.choice import Planners
from edgesim.document import Document, Where
from edgesim.errors import PluginError
from edgesim.files.changes import Changed, Owner
from edgesim.files.content import printable
from edgesim.files.shipped import shipped_key
from edgesim.files.text import Text
from edgesim.plugins import PLANNERS, find, is_file, option_mistakes


@dataclass(slots=True)
class Reading:
    """One call of a reader: what was wrong so far, and the hash of every file that was read."""

    folder: Path
    mistakes: list[str] = field(default_factory=list)
    missing_plugins: list[str] = field(default_factory=list)
    inputs: dict[str, str] = field(default_factory=dict)
    changes: dict[str, str] = field(default_factory=dict)
    changed: dict[Owner, Changed] = field(default_factory=dict)  # what is set in the files that it refers to

    def key(self, path: Path) -> str:
        """Name a file for the provenance, the same wherever the checkout or the package lies."""
        return shipped_key(path) or printable(Path(os.path.relpath(path, self.folder)).as_posix())


class _Planners(Document):
    planner: Planners


def planner_mistakes(reading: Reading, text: Text, folder: Path, planner: object, at: Where = ("planner",)) -> None:
    """Note planners that cannot be found, and options that they do not take; `at` is where the file names them."""
    try:
        choices = _Planners.model_validate({"planner": planner}).planner
    except ValidationError:
        return  # the scenario's own validation says what is wrong
    for number, choice in enumerate(choices):
        where = (*at, number) if isinstance(planner, list) else at
        try:
            function = find(PLANNERS, choice.name, folder)
        except PluginError as error:
            line = text.lines.get(where, 1)
            reading.missing_plugins.append(f"{text.shown}:{line}: {'.'.join(map(str, at))}: {error}")
            continue
        if is_file(choice.name):
            path = folder / choice.name.rpartition(":")[0]
            reading.inputs[reading.key(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
        for option, message in option_mistakes(function, choice.options):
            text.mistake((*where, "options", option), message)
