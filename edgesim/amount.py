"""Sizes that are the same each time, or left to chance: how files write them."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from edgesim.document import Document
from edgesim.units import Bytes, show_bytes

Size = Annotated[Bytes, Field(gt=0)]
"""A size of a byte or more."""
_EXAMPLE = "'300 MB' or {uniform: [100 MB, 600 MB]}"


def _rising(ends: tuple[int, int]) -> tuple[int, int]:
    if ends[0] > ends[1]:
        raise ValueError(f"must be from the least to the most, got {show_bytes(ends[0])} and {show_bytes(ends[1])}")
    return ends


def _given(value: object) -> list[object]:
    return [inner for inner in value.values() if inner is not None] if isinstance(value, Mapping) else []


class Amount(Document):
    """A size: always the same, or drawn; in a file ``300 MB``, or ``{uniform: [100 MB, 600 MB]}``."""

    constant: Size | None = None
    uniform: Annotated[tuple[Size, Size], AfterValidator(_rising)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _one(cls, value: object) -> object:
        if isinstance(value, str | int | float):
            return {"constant": value}
        known = isinstance(value, Mapping) and value.keys() <= cls.model_fields.keys()
        if value is None or isinstance(value, list | tuple) or (known and len(_given(value)) != 1):
            raise ValueError(f"must be a size such as {_EXAMPLE}, got {str(value)[:60]}")
        return value  # an unknown key is refused as anywhere

    @property
    def ends(self) -> tuple[int, int]:
        """The least and the most [B]."""
        return self.uniform or (self.constant or 0, self.constant or 0)

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Describe both forms: a size, or one key and what it needs."""
        fields = handler.resolve_ref_schema(handler(core))["properties"]
        plain = {
            key: next(form for form in field["anyOf"] if form != {"type": "null"}) for key, field in fields.items()
        }
        keyed = {"type": "object", "properties": plain, "minProperties": 1, "maxProperties": 1}
        return {
            "anyOf": [plain["constant"], {**keyed, "additionalProperties": False}],
            "description": "Such as " + _EXAMPLE,
        }
