"""Quantities that are the same each time, or drawn: the form that all of them have in files."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from edgesim.document import Document


class Drawn(Document):
    """A quantity: written as it is, which is `constant`, or as one key that says from what it is drawn.

    Subclasses say `what` it is, with `examples`, and have a field for `constant` and for each such key.
    """

    what: ClassVar[str]
    examples: ClassVar[str]

    @model_validator(mode="before")
    @classmethod
    def _one(cls, value: object) -> object:
        if isinstance(value, str | int | float):
            return {"constant": value}
        known = isinstance(value, Mapping) and value.keys() <= cls.model_fields.keys()
        if value is None or isinstance(value, list | tuple) or (known and len(_given(value)) != 1):
            raise ValueError(f"must be {cls.what} such as {cls.examples}, got {str(value)[:60]}")
        return value  # an unknown key is refused as anywhere

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Describe both forms: a quantity, or one key and what it needs."""
        schema = handler.resolve_ref_schema(handler(core))
        fields = schema["properties"]
        plain = {
            key: next(form for form in field["anyOf"] if form != {"type": "null"})
            | {about: field[about] for about in ("description",) if about in field}
            for key, field in fields.items()
        }
        keyed = {"type": "object", "properties": plain, "minProperties": 1, "maxProperties": 1}
        return {key: schema[key] for key in ("title", "description")} | {
            "anyOf": [plain["constant"], {**keyed, "additionalProperties": False}]
        }


def _given(value: object) -> list[object]:
    return [inner for inner in value.values() if inner is not None] if isinstance(value, Mapping) else []
