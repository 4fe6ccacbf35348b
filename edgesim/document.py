"""What every file has in common: strict keys, and numbers that say where they come from."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema, PydanticCustomError

Grade = Literal["A", "B", "C", "D"]
Key = TypeVar("Key", int, str)
Value = TypeVar("Value", int, float)
Where = tuple[str | int, ...]


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be printable text on one line")
    return text


NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$"
Name = Annotated[str, Field(pattern=NAME)]
Line = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_printable)]
Count = Annotated[int, Field(ge=1, le=10_000, strict=True)]


class Document(BaseModel):
    """Base of everything that is read from a file: immutable, and an unknown key is a mistake.

    `flat` names a mapping among the fields whose keys stand beside the others in files.
    """

    flat: ClassVar[str | None] = None

    model_config = ConfigDict(
        extra="forbid",
        defer_build=True,  # nested documents are built with those that hold them, once
        frozen=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
        validate_by_alias=True,
        validate_by_name=True,
    )


class Source(Document):
    """Where a number comes from, and how far it can be trusted."""

    grade: Grade
    """How far the number can be trusted: A measured, with the raw data kept; B reported by someone who measured,
    without the raw data, as in a publication or by a stopwatch; C derived, with the formula in `text`; D estimated."""
    text: Annotated[str, Field(min_length=1)]
    """What the number is and how it was found: the method, its conditions, the formula of what is derived."""
    url: str | None = None
    """Where it was published."""
    date: str | None = None
    """When it was measured, published or looked up: ``2023-04-25``."""


class Sourced(Document, Generic[Key, Value]):
    """A table of numbers and their one source: in a file ``{2: 0.137, 6: 0.0014, source: {...}}``."""

    flat: ClassVar[str | None] = "values"
    values: dict[Key, Value]
    """The numbers by their keys, which stand beside `source` in files."""
    source: Source | None = None
    """Where all of these numbers come from."""

    @model_validator(mode="before")
    @classmethod
    def _split(cls, data: object) -> object:
        if not isinstance(data, Mapping) or "values" in data:
            return data
        return {
            "values": {key: value for key, value in data.items() if key != "source"},
            "source": data.get("source"),
        }

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Describe the flat form that files use."""
        schema = handler.resolve_ref_schema(handler(core))
        fields = schema["properties"]
        about = {key: schema[key] for key in ("title", "description")}
        return about | {
            "type": "object",
            "properties": {"source": fields["source"]},
            "additionalProperties": fields["values"]["additionalProperties"],
        }


def mistakes(found: Sequence[tuple[Where, str]]) -> None:
    """Raise all mistakes that a check across several keys found, each with the key it is about.

    Parameters
    ----------
    found
        Location inside the document, and ``what, got; known or repair``.

    Raises
    ------
    PydanticCustomError
        If there is any; `edgesim.files` turns it into lines that name file and line.
    """
    if found:
        text = "; ".join(message for _, message in found)
        raise PydanticCustomError("mistakes", "{text}", {"text": text, "found": list(found)})


def worst(grades: Sequence[str | None]) -> str | None:
    """Return the worst of some grades; None, a number without a source, is worse than any."""
    return None if None in grades or not grades else max(grade for grade in grades if grade)
