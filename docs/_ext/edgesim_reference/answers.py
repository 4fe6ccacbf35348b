"""What edgesim writes as JSON, as schemas: from the classes whose fields it has."""

from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import Any, NamedTuple, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema

from edgesim.files.attributes import field_texts
from edgesim.files.schemas import FileSchema
from edgesim_reference.docstrings import docstring_of

Fields = dict[str, tuple[Any, str]]
"""Type and meaning of each key."""
_ELSEWHERE = {"Scenario": object, "pd": object}
"""Names that annotations have and modules only while types are checked."""


class Answer(NamedTuple):
    """One format: its name with its version, what writes it, its keys, and those that it has only when asked for."""

    schema: str
    about: str
    keys: Fields
    sometimes: Fields = {}


class AnswerSchema(FileSchema):
    """Makes schemas of what is written: every key is there, and named tuples are objects."""

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> JsonSchemaValue:
        """Describe a dataclass and its fields."""
        return _described(super().dataclass_schema(schema), schema["cls"])

    def named_tuple_schema(self, schema: core_schema.NamedTupleSchema) -> JsonSchemaValue:
        """Describe a named tuple and its fields."""
        properties = {field["name"]: self.generate_inner(field["schema"]) for field in schema["fields"]}
        cls = schema["cls"]
        return _described({"type": "object", "title": cls.__name__, "properties": properties}, cls)

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Leave defaults out: what is written has every key."""
        return self.generate_inner(schema["schema"])


def _described(form: JsonSchemaValue, cls: type) -> JsonSchemaValue:
    texts = said(cls)
    for name, inner in form["properties"].items():
        inner["description"] = texts[name]
    summary = docstring_of(cls)
    return {**form, "description": "\n\n".join([summary.summary, *summary.more]), "required": list(form["properties"]),
            "additionalProperties": False}  # fmt: skip


def said(cls: type) -> dict[str, str]:
    """Return what a class says of its fields, below them or in its docstring."""
    return docstring_of(cls).parameters | field_texts(cls)


def fields_of(cls: type, *only: str, without: tuple[str, ...] = ()) -> Fields:
    """Return type and meaning of a class's fields, of some or of all but some."""
    hints, texts = get_type_hints(cls, localns=_ELSEWHERE), said(cls)
    names = only or [name for name in (hints if is_dataclass(cls) else cls._fields) if name not in without]  # type: ignore[attr-defined]
    return {name: (hints[name], texts[name]) for name in names}


def object_of(name: str, keys: Fields, about: str = "") -> type[BaseModel]:
    """Return a class of objects with some keys."""
    made: Mapping[str, Any] = {
        f"{key}_": (kind, Field(alias=key, description=text)) for key, (kind, text) in keys.items()
    }
    config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)
    return create_model(name, __config__=config, __doc__=about or None, **made)


def schema_of(answer: Answer) -> JsonSchemaValue:
    """Return the JSON Schema of a format."""
    keys: Fields = {"schema": (str, "The format, and its version.")} | answer.keys
    found = object_of("Answer", keys | answer.sometimes).model_json_schema(schema_generator=AnswerSchema)
    found["properties"]["schema"]["const"] = answer.schema
    return {**found, "required": list(keys)}
