"""What a long measurement has found so far, line by line in a file, so that a killed one is taken up again."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edgesim.atomic import write_atomically
from edgesim.errors import InputError


class Ledger:
    """Findings by key in a text file: the first line says what is measured, each other one is a finding.

    Parameters
    ----------
    path
        The file; it is made if it is missing.
    subject
        What the findings depend on. A file with another subject is refused, not mixed up.

    Raises
    ------
    InputError
        If the file is of another measurement, or cannot be written.
    """

    def __init__(self, path: Path, subject: Mapping[str, Any]) -> None:
        self.path, self.known = path, dict[str, Any]()
        text = json.dumps(subject, sort_keys=True)
        try:
            lines = path.read_text().splitlines(keepends=True) if path.is_file() else []
            if lines and lines[0].endswith("\n") and lines[0] != text + "\n":
                raise InputError(f"{path}: was begun with other weights, tasks or options; remove it to begin anew")
            whole = [text + "\n", *(line for line in lines[1:] if line.endswith("\n"))]  # the last may be torn
            self.known = {row["key"]: row["found"] for row in map(json.loads, whole[1:])}
            if whole != lines:
                write_atomically(path, "".join(whole).encode())
            self._file = path.open("a", encoding="utf-8")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path}: cannot be taken up again, {error}; remove it to begin anew") from error

    def add(self, key: str, found: object) -> None:
        """Note a finding; it is on disk when this returns."""
        self.known[key] = found
        self._file.write(json.dumps({"key": key, "found": found}) + "\n")
        self._file.flush()

    def close(self, *, done: bool) -> None:
        """Close the file, and remove it if everything was measured and written elsewhere."""
        self._file.close()
        if done:
            self.path.unlink(missing_ok=True)
