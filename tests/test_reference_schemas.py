"""What editors show of a file's keys: a description of each, and defaults as a file would have them."""

import json
from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from pydantic import TypeAdapter

from edgesim.document import Document
from edgesim.files.schemas import DOCUMENTS, schema_texts

SCHEMAS = {name.partition(".")[0]: json.loads(text) for name, text in schema_texts().items()}


def keys(schema: object, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every key that a schema describes, however deep, and its place."""
    if isinstance(schema, list):
        for number, inner in enumerate(schema):
            yield from keys(inner, f"{where}[{number}]")
    elif isinstance(schema, dict):
        for key, inner in schema.get("properties", {}).items():
            yield f"{where}.{key}", inner
        for key, inner in schema.items():
            yield from keys(inner, f"{where}.{key}")


@pytest.mark.parametrize("kind", SCHEMAS)
def test_every_key_is_described(kind: str) -> None:
    """An editor says what a key means, in a few words at least, and each object has a title and a text."""
    schema = SCHEMAS[kind]
    described = {
        place: form.get("description", "") for place, form in keys(schema, kind) if "#/properties" not in str(form)
    }
    assert len(described) > 10
    assert {place for place, text in described.items() if len(text.split()) < 3 or "``" in text} == set()
    objects = {name: form for name, form in schema["$defs"].items() if form.get("type") != "array"}
    assert all(form["title"] and form["description"] for form in objects.values())
    assert schema["title"].startswith(kind.capitalize())


def documents(known: type[Document]) -> Iterator[type[Document]]:
    """Yield every kind of document."""
    for inner in known.__subclasses__():
        yield inner
        yield from documents(inner)


@pytest.mark.parametrize("kind", SCHEMAS)
def test_defaults_are_written_as_files_have_them(kind: str) -> None:
    """A key with the default that an editor puts there means the same as no key."""
    by_name = {one.__name__: one for one in documents(Document) if one.__module__.startswith("edgesim.")}
    for name, form in [(DOCUMENTS[kind].__name__, SCHEMAS[kind]), *SCHEMAS[kind]["$defs"].items()]:
        for known, field in by_name[name].model_fields.items() if form.get("type") == "object" else ():
            shown = form.get("properties", {}).get(field.alias or known, {})
            if "default" in shown:
                form_of = TypeAdapter(Annotated[field.annotation, *field.metadata, known])
                assert form_of.validate_python(shown["default"]) == field.get_default(call_default_factory=True), known
