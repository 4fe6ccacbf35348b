"""What one call of a reader finds and notes, and the planners that a scenario names."""

import hashlib
import os.path
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from edgesim.choice import PlannerChoice, Planners
from edgesim.document import Document, Where
from edgesim.errors import InputError, PluginError
from edgesim.files.changes import Changed, Owner
from edgesim.files.content import printable
from edgesim.files.labels import read_choice
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


def fill_planners(reading: Reading, text: Text, folder: Path, given: dict[Any, Any], at: Where) -> set[Where]:
    """Put choices in place of the labels of planners, and note those that cannot be found or lack such an option.

    Parameters
    ----------
    reading, text, folder
        What was found so far, the file that names the planners, and where that lies; they get the mistakes.
    given, at
        What has the planners, and where they stand in the file: their key is the last part.

    Returns
    -------
    set
        The places of labels that could not be read.
    """
    *_, key = at
    failed = set[Where]()
    if key in given:
        given[key] = _unlabelled(text, given[key], at, failed)
    planner = given.get(key)
    try:
        choices = _Planners.model_validate({"planner": planner}).planner
    except ValidationError:
        return failed  # the document's own validation says what else is wrong
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
    return failed


def _unlabelled(text: Text, planner: object, at: Where, failed: set[Where]) -> object:
    """Return ``{name: .., options: ..}`` for a label with options, ``std_pipeline[bitwidth=6]``; else what is there."""
    if isinstance(planner, list):
        return [_unlabelled(text, one, (*at, number), failed) for number, one in enumerate(planner)]
    if not isinstance(planner, str) or "[" not in planner or is_file(planner):
        return planner
    try:
        return read_choice(planner).model_dump()
    except InputError as error:
        text.mistake(at, str(error))
        failed.add(at)
        return None


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
