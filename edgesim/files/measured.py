"""The measured accuracy that a model names, in a JSON file of its own."""

import hashlib
import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from edgesim.errors import InputError
from edgesim.files.content import decode
from edgesim.files.references import Reading
from edgesim.files.text import Text
from edgesim.surrogate import Surrogate


def fill_quality(reading: Reading, text: Text, folder: Path, data: dict[Any, Any]) -> None:
    """Read the prediction of accuracy that a model names, into the model's own data in place of the file's name."""
    given = data.get("quality")
    if not isinstance(given, dict) or not isinstance(given.get("file"), str):
        return
    path = folder / given["file"]
    try:
        content = reading.library.read(path)
        fitted = _parsed(decode(content, str(path)), str(path))
    except InputError as error:
        text.mistake(("quality", "file"), str(error))
        del data["quality"]
        return
    reading.note(path, hashlib.sha256(content).hexdigest())
    data["quality"] = {key: value for key, value in given.items() if key != "file"} | {"fitted": fitted}


def _parsed(content: str, shown: str) -> Surrogate:
    try:
        found = json.loads(content)
        if not isinstance(found, dict):
            raise InputError(f"{shown}: must be a mapping of keys, got {type(found).__name__}")
        found.pop("made", None)  # how it was measured: for people
        return Surrogate.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise InputError(f"{shown}: {place}: {first['msg'].lower()}; make it with edgesim importance") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{shown}: is not JSON, {error}") from error
