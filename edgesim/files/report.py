"""Turn what pydantic found wrong into sentences with file and line."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from edgesim.document import Document, Where
from edgesim.errors import choose, did_you_mean, nearest
from edgesim.files.text import MOST_MISTAKES, Text

_LONGEST = 60
_CONSTANTS = {"None": "nothing", "True": "true", "False": "false", "()": "[]"}
_PLAIN = {
    "missing": "missing; add it",
    "model_type": "must be a mapping of keys",
    "dict_type": "must be a mapping of keys",
    "dict_type time": "must be a mapping of keys such as {12: 95 ms}, a time for a number of shards",
    "dict_type after_wait": "must be a mapping of keys such as {12: 95 ms}, a time for a number of shards",
    "model_type Decompress": "must be a mapping of keys such as {per_shard: 2 ms}",
    "model_type Delay": "must be a mapping of keys such as {time: 60 us}",
    "model_type Source": "must be a mapping of keys such as {grade: D, text: guessed}",
    "model_type Sizes": "must be a mapping of keys such as {embeddings: 95 MB}",
    "model_type PlannerChoice": "must be a planner's name, or {name: ..., options: {...}}",
    "string_pattern_mismatch": "may only have letters, digits, '.', '_' and '-', and must begin with a letter or digit",
}
_REWORDED = (
    ("^(Input|Tuple|NamedTuple|List|Dictionary|String|Data) should", "must"),
    (" after validation, not [0-9]+$", ""),
    (", unable to parse .*$", ""),
    ("a valid (integer|array)", "an integer"),
    ("a valid ", "a "),
    ("a tuple", "a list"),
    ("a string", "text"),
    ("a boolean", "true or false"),
    ("1 items?$", "one item"),
)


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
    text.uncounted += max(len(details) - MOST_MISTAKES, 0)  # a wrong file can have thousands, and nobody reads them
    details = details[:MOST_MISTAKES]
    refused = {detail["loc"][:end] for detail in details for end in range(len(detail["loc"]))}
    mistyped = set(_mistyped(text.data, document, details))
    for detail in details:
        if detail["type"] == "too_short" and detail["loc"] in refused:
            continue  # a consequence: the items themselves were refused
        if detail["type"] == "missing" and _present(text.data, detail) in mistyped:
            continue  # a consequence, too: it is there under a mistyped name
        for where, message in _messages(detail, _present(text.data, detail), document, text.data):
            text.mistake(*_in_its_file(text, where, message))


def _mistyped(data: object, document: type[BaseModel], details: Sequence[ErrorDetails]) -> Iterator[Where]:
    """Yield the places of the keys that may have been meant by unknown ones."""
    for detail in details:
        if detail["type"] == "extra_forbidden":
            *section, key = _present(data, detail)
            for meant in nearest(str(key), known_keys(document, tuple(section), data)):
                yield (*section, meant)


def _in_its_file(text: Text, where: Where, message: str) -> tuple[Where, str]:
    """Name the row of a table that stands in another file, where a mistake is about one."""
    match where:
        case (str(key), "values", int(row)) if key in text.tables:
            return (key, "file"), f"{text.tables[key][row]}: {message}"
    return where, message


def _present(data: object, detail: ErrorDetails) -> Where:
    """Leave out the parts of a location that pydantic adds for unions, keys and wrappers; a missing key stays."""
    place: Where = ()
    for part in detail["loc"]:
        known = _items(data)
        if part in known:
            place, data = (*place, part), known[part]
    return (*place, detail["loc"][-1]) if detail["type"] == "missing" else place


def _items(data: object) -> dict[Any, Any]:
    return data if isinstance(data, dict) else dict(enumerate(data)) if isinstance(data, list) else {}


def _messages(
    detail: ErrorDetails, place: Where, document: type[BaseModel], data: object
) -> Iterator[tuple[Where, str]]:
    context: Mapping[str, Any] = detail.get("ctx", {})
    kind, got = detail["type"], shown(detail["input"])
    the = "the key " if detail["loc"][-1:] == ("[key]",) else ""
    if kind == "mistakes":
        yield from (((*place, *where), message) for where, message in context["found"])
    elif kind in ("extra_forbidden", "invalid_key"):
        yield place, f"unknown key; {choose(str(place[-1]), known_keys(document, place[:-1], data))}"
    elif kind == "value_error":
        yield place, str(context["error"])
    elif kind == "literal_error":
        known = re.findall("'([^']*)'", context["expected"])
        hint = did_you_mean(str(detail["input"]), known) if len(known) > 1 else ""
        yield place, f"unknown value, got {got}; {hint}known: {context['expected']}"
    else:
        what = context.get("class_name", place[-1] if place else "")
        plain = _PLAIN.get(f"{kind} {what}") or _PLAIN.get(kind) or reworded(detail["msg"])
        yield place, the + plain + ("" if kind == "missing" else f", got {got}")


def reworded(message: str) -> str:
    """Say what pydantic says in words that a writer of YAML knows."""
    for theirs, ours in _REWORDED:
        message = re.sub(theirs, ours, message)
    return f"{message[0].lower()}{message[1:]}"


def shown(value: object) -> str:
    """Return a value as the file might have it, shortened."""
    try:
        plain = _CONSTANTS.get(repr(value)) or (f"'{value}'" if isinstance(value, str) else str(value))
    except ValueError:  # Python writes no integer of more than 4,300 digits
        plain = "a number of thousands of digits"
    return plain if len(plain) <= _LONGEST else f"{plain[:_LONGEST]}..."


def known_keys(document: type[BaseModel], place: Where, data: object = None) -> list[str]:
    """Return the keys that a document knows at some place; where `data` has a kind there, those of that kind."""
    candidates = [document]
    for part in place:
        inner = [field.annotation for item in candidates for field in _fields(item, part)]
        candidates = [found for annotation in inner for found in _documents(annotation)] or candidates
        data = _items(data).get(part)
        candidates = [item for item in candidates if _is_of_kind(item, data)] or candidates
    return [field.alias or name for item in candidates for name, field in item.model_fields.items() if _is_key(field)]


def _is_of_kind(document: type[BaseModel], data: object) -> bool:
    """Tell whether a document is of the kind that data has, or would be without one."""
    field = document.model_fields.get("kind")
    if field is None or not isinstance(data, dict):
        return True
    return data["kind"] in get_args(field.annotation) if "kind" in data else not field.is_required()


def _fields(document: type[BaseModel], part: str | int) -> list[Any]:
    found = [field for name, field in document.model_fields.items() if part in (field.alias or name, name)]
    flat = document.flat if issubclass(document, Document) else None
    return found or ([document.model_fields[flat]] if flat else [])


def _documents(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _documents(inner)


def _is_key(field: Any) -> bool:  # noqa: ANN401  (FieldInfo is generic in nothing useful here)
    return "SkipJsonSchema" not in repr(field.metadata)
