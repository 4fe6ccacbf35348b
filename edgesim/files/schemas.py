"""JSON Schemas of the file formats, for completion and checks in editors."""

import json
from pathlib import Path

from edgesim.atomic import write_atomically
from edgesim.device import Device
from edgesim.document import Document
from edgesim.grid import Grid
from edgesim.model import Model
from edgesim.scenario import Scenario

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
DOCUMENTS: dict[str, type[Document]] = {"device": Device, "model": Model, "scenario": Scenario, "grid": Grid}


def schema_texts() -> dict[str, str]:
    """Return the text of each schema file by its name."""
    return {
        f"{name}.schema.json": json.dumps({"$schema": _DIALECT} | document.model_json_schema(), indent=1) + "\n"
        for name, document in DOCUMENTS.items()
    }


def write_schemas(folder: Path) -> list[Path]:
    """Write the schemas into a folder and return the files.

    A YAML file beside them gets completion from its first line:
    ``# yaml-language-server: $schema=scenario.schema.json``.

    Raises
    ------
    InputError
        If a file cannot be written.
    """
    written = []
    for name, text in schema_texts().items():
        write_atomically(folder / name, text.encode())
        written.append(folder / name)
    return written
