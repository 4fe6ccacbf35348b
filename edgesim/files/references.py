"""What one call of a reader finds and notes, and the planners that a scenario names."""

import hashlib
import os.path
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from edgesim.choice import PlannerChoice, Planners
from edgesim.document import Document, Where
from edgesim.errors import PluginError
from edgesim.files.changes import Changed, Owner
from edgesim.files.content import printable
from edgesim.files.library import Library
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
    library: Library = field(default_factory=Library)

    def note(self, path: Path, sha256: str) -> None:
        """Note that a file was read, by a name that is the same wherever the checkout or the package lies."""
        if path not in self.library.keys:
            key = shipped_key(path) or printable(Path(os.path.relpath(path, self.folder)).as_posix())
            self.library.keys[path] = key
        self.inputs[self.library.keys[path]] = self.library.inputs[self.library.keys[path]] = sha256


class _Planners(Document):
    planner: Planners


def planner_mistakes(reading: Reading, text: Text, folder: Path, planner: object, at: Where = ("planner",)) -> None:
    """Note planners that cannot be found, and options that they do not take; `at` is where the file names them."""
    try:
        choices = _Planners.model_validate({"planner": planner}).planner
    except ValidationError:
        return  # the scenario's own validation says what is wrong
    for number, choice in enumerate(choices):
        asked = choice.name, repr(choice.options)
        if asked not in reading.library.planners:
            where = (*at, number) if isinstance(planner, list) else at
            if not _is_right(reading, text, choice, where, folder):
                continue
            path = folder / choice.name.rpartition(":")[0]
            files = {path: hashlib.sha256(path.read_bytes()).hexdigest()} if is_file(choice.name) else {}
            reading.library.planners[asked] = files
        for path, sha256 in reading.library.planners[asked].items():
            reading.note(path, sha256)


def _is_right(reading: Reading, text: Text, choice: PlannerChoice, where: Where, folder: Path) -> bool:
    """Tell whether a planner can be found and takes its options; note what is wrong."""
    try:
        function = find(PLANNERS, choice.name, folder)
    except PluginError as error:
        key = ".".join(str(part) for part in where if isinstance(part, str))
        reading.missing_plugins.append(f"{text.place(where)[1]}: {key}: {error}")
        return False
    wrong = list(option_mistakes(function, choice.options))
    for option, message in wrong:
        text.mistake((*where, "options", option), message)
    return not wrong
