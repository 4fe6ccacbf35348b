"""JSON Schemas of the file formats, for completion, hints and checks in editors, and for the reference."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from edgesim.atomic import write_atomically
from edgesim.device import Device
from edgesim.document import Document
from edgesim.files.apps import REFUSED
from edgesim.files.attributes import field_texts
from edgesim.grid import Grid
from edgesim.model import Model
from edgesim.quantities import measured, written
from edgesim.scenario import Scenario
from edgesim.units import KINDS

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
DOCUMENTS: dict[str, type[Document]] = {"device": Device, "model": Model, "scenario": Scenario, "grid": Grid}


class FileSchema(GenerateJsonSchema):
    """Makes schemas in which every key is described, and defaults are written as a file has them."""

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Describe a document and its keys."""
        found, cls = super().model_schema(schema), schema["cls"]
        texts = field_texts(cls)
        for name, field in cls.model_fields.items():
            key = field.alias or name
            if name in texts and key in found.get("properties", {}):
                found["properties"][key]["description"] = _plain(texts[name])
        return found

    def named_tuple_schema(self, schema: "core_schema.NamedTupleSchema") -> JsonSchemaValue:
        """Describe a named tuple, which is a list in files, and its places."""
        found, texts = super().named_tuple_schema(schema), field_texts(schema["cls"])
        for field, place in zip(schema["fields"], found["prefixItems"], strict=True):
            place["description"] = _plain(texts[field["name"]])
        return found

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Write a default with its unit; a key that may be left out without a value has none."""
        found = super().default_schema(schema)
        if "default" in found:
            found["default"] = _in_a_file(found["default"], found)
            if found["default"] is None:
                del found["default"]
        return found


def _plain(text: str) -> str:
    return text.replace("``", "`")


def _in_a_file(value: Any, form: JsonSchemaValue) -> Any:  # noqa: ANN401  (a default is any of JSON)
    """Write a default as the form of its key has it: ``0 B``, ``5 %``, ``unlimited``."""
    if isinstance(value, list):
        return [_in_a_file(one, form.get("items", {})) for one in value]
    if value is None:
        return next((one["const"] for one in form.get("anyOf", ()) if "const" in one), None)
    if form.get("type") != "string" or isinstance(value, str):
        return value
    like = measured(form["examples"][0])
    units, amount = KINDS[like.kind], Fraction(str(value)) * (10**6 if like.kind == "share" else 1)
    whole = [unit for unit, factor in units.items() if amount % factor == 0]
    return written(amount, like._replace(unit=whole[-1 if amount else 0]) if whole else like)


def schema_texts() -> dict[str, str]:
    """Return the text of each schema file by its name."""
    return {f"{name}.schema.json": _text(name, document) for name, document in DOCUMENTS.items()}


def _text(name: str, document: type[Document]) -> str:
    head = {"$schema": _DIALECT, "title": f"{name} file of edgesim".capitalize()}
    return json.dumps(head | _schema(document) | head, indent=1) + "\n"


def _schema(document: type[Document]) -> dict[str, Any]:
    """Return the schema of one kind of file; a key without a text of its own has the first one of what it holds."""
    schema = document.model_json_schema(schema_generator=FileSchema)
    known = schema.get("$defs", {})
    for owner in (schema, *known.values()):
        for form in owner.get("properties", {}).values():
            inner = [one["$ref"] for one in (form, *form.get("anyOf", ())) if "$ref" in one]
            if inner and "description" not in form:
                form["description"] = known[inner[0].rpartition("/")[2]]["description"].partition("\n\n")[0]
    if document in (Scenario, Grid):
        del schema["properties"]["name"]["default"]  # it is that of the file
    if document is Scenario:
        schema["properties"]["apps"]["additionalProperties"] = _app(schema)
    return schema


def _app(scenario: JsonSchemaValue) -> JsonSchemaValue:
    """Return the schema of another app: the scenario's own keys, but for those that are about all apps."""
    keys = [key for key in scenario["properties"] if key not in REFUSED]
    return {
        "type": "object",
        "properties": {key: {"$ref": f"#/properties/{key}"} for key in keys},
        "required": [key for key in scenario["required"] if key in keys and key != "processor"],
        "additionalProperties": False,
    }


def write_schemas(folder: Path) -> list[Path]:
    """Write the schemas into a folder and return the files.

    A YAML file beside them gets completion from its first line:
    ``# yaml-language-server: $schema=scenario.schema.json``.

    Parameters
    ----------
    folder
        Where they go; it must be there.

    Raises
    ------
    InputError
        If a file cannot be written.
    """
    written_files = []
    for name, text in schema_texts().items():
        write_atomically(folder / name, text.encode())
        written_files.append(folder / name)
    return written_files
