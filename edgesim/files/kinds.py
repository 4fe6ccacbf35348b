"""The kinds of files: what each says that it is, and whether it is that."""

from typing import Any

from edgesim.device import Device
from edgesim.document import Document
from edgesim.files.report import known_keys, shown
from edgesim.files.shipped import Kind
from edgesim.files.text import Text
from edgesim.grid import Grid
from edgesim.model import Model
from edgesim.scenario import Scenario

SCHEMAS: dict[str, tuple[Kind, type[Document]]] = {
    "edgesim.device/1": ("devices", Device),
    "edgesim.grid/1": ("grids", Grid),
    "edgesim.model/1": ("models", Model),
    "edgesim.scenario/1": ("scenarios", Scenario),
}
_TAKEN = {
    "edgesim.device/1": "'device: {}' in a scenario names it, and edgesim check {} checks it",
    "edgesim.grid/1": "edgesim regress --grid {} takes it",
    "edgesim.model/1": "'model: {}' in a scenario names it, and edgesim check {} checks it",
    "edgesim.scenario/1": "edgesim run {} runs it",
}
"""Where a file of each kind belongs."""


def is_a(document: type[Document], text: Text) -> bool:
    """Tell whether it is worth looking for single mistakes: the file is a mapping, and of no other kind."""
    if not isinstance(text.data, dict):
        text.mistake((), f"must be a mapping of keys, got {shown(text.data)}")
        return False
    given = text.data.get("schema")
    if isinstance(given, str) and SCHEMAS.get(given, ("", document))[1] is not document:
        wanted = next(schema for schema, (_, known) in SCHEMAS.items() if known is document)
        text.mistake(("schema",), f"must be {wanted} here, got {given}; {_TAKEN[given].replace('{}', text.shown)}")
        return False
    if given in SCHEMAS and (other := _looks_like(text.data, document)):
        kind = SCHEMAS[other][1].__name__.lower()
        text.mistake(("schema",), f"the keys below are those of a {kind}; of one it must be {other}, got {given}")
        return False
    return True


def _looks_like(data: dict[Any, Any], document: type[Document]) -> str | None:
    """Return the schema of the kind of file that knows more of the keys than the kind that it is said to be, if any."""
    known = {schema: len(data.keys() & set(known_keys(one, ()))) for schema, (_, one) in SCHEMAS.items()}
    own = next(known[schema] for schema, (_, one) in SCHEMAS.items() if one is document)
    best = max(known, key=known.__getitem__)
    return best if known[best] > own else None
