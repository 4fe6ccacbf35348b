"""Turn what pydantic found wrong into sentences with file and line."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from edgesim.document import Where
from edgesim.errors import choose
from edgesim.files.text import Text

_LONGEST = 60


def note(text: Text, document: type[BaseModel], details: Sequence[ErrorDetails]) -> None:
    """Note every mistake of a validation in the text that it came from.

    Parameters
    ----------
    text
        The file; it gets the messages.
    document
        What the file should have been.
    details
        What pydantic found.
    """
    places = [_present(text, detail["loc"]) for detail in details]
    for detail, place in zip(details, places, strict=True):
        inner = any(len(other) > len(place) and other[: len(place)] == place for other in places)
        if detail["type"] == "too_short" and inner:
            continue  # a consequence: the items themselves were refused
        for where, message in _messages(detail, place, document):
            text.mistake(where, message)


def _present(text: Text, loc: Where) -> Where:
    """Leave out the parts of a location that pydantic adds for unions and wrappers; a missing key stays at the end."""
    place: Where = ()
    for number, part in enumerate(loc):
        if (*place, part) in text.lines or number == len(loc) - 1:
            place = (*place, part)
    return place


def _messages(detail: ErrorDetails, place: Where, document: type[BaseModel]) -> Iterator[tuple[Where, str]]:
    context: Mapping[str, Any] = detail.get("ctx", {})
    kind, got = detail["type"], shown(detail["input"])
    if kind == "mistakes":
        yield from (((*place, *where), message) for where, message in context["found"])
    elif kind == "extra_forbidden":
        yield place, f"unknown key; {choose(str(place[-1]), known_keys(document, place[:-1]))}"
    elif kind == "missing":
        yield place, "missing; add it"
    elif kind == "value_error":
        yield place, str(context["error"])
    elif kind == "literal_error":
        yield place, f"unknown value, got {got}; known: {context['expected']}"
    elif kind == "string_pattern_mismatch":
        yield place, f"may only have letters, digits, '.', '_' and '-', got {got}"
    elif kind in ("model_type", "model_attributes_type", "dict_type"):
        yield place, f"must be a mapping of keys, got {got}"
    else:
        message = (
            detail["msg"]
            .replace("Input should", "must")
            .replace("Tuple should", "must")
            .replace("a valid integer", "an integer")
            .replace("a valid", "a")
        )
        yield place, f"{message[0].lower()}{message[1:]}, got {got}"


def shown(value: object) -> str:
    """Return a value as the file might have it, shortened."""
    plain = "nothing" if value is None else str(value) if not isinstance(value, str) else f"'{value}'"
    return plain if len(plain) <= _LONGEST else f"{plain[:_LONGEST]}..."


def known_keys(document: type[BaseModel], place: Where) -> list[str]:
    """Return the keys that a document knows at some place."""
    candidates = [document]
    for part in place:
        inner = [field.annotation for item in candidates for field in _fields(item, part)]
        candidates = [found for annotation in inner for found in _documents(annotation)] or candidates
    return [field.alias or name for item in candidates for name, field in item.model_fields.items() if _is_key(field)]


def _fields(document: type[BaseModel], part: str | int) -> list[Any]:
    return [field for name, field in document.model_fields.items() if part in (field.alias or name, name)]


def _documents(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _documents(inner)


def _is_key(field: Any) -> bool:  # noqa: ANN401  (FieldInfo is generic in nothing useful here)
    return "SkipJsonSchema" not in repr(field.metadata)
