"""A JSON Schema -> a section for each object, with a table of its keys."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from edgesim.units import kind_of
from edgesim_reference.markdown import linked, listed, paragraphs, prose, table, words

Schema = dict[str, Any]
_HEADS = ("key", "value", "default", "meaning")
_NULL = {"type": "null"}
_PLAIN = {
    "null": "`null`",
    "boolean": "`true` or `false`",
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "object": "object",
}
_OTHER_KINDS = {"C": "temperature", "K": "temperature difference", "K/W": "thermal resistance"}
_SINGULAR, _PLURAL = r"^(whole number|number|text|object|list|mapping)\b", r"\1s"
_KINDS = {"rate": "bytes a second", "speed": "arithmetic a second", "frequency": "how often", "share": "share"}


@dataclass
class Page:
    """The sections of one schema, each object once, in the order in which they are met.

    Parameters
    ----------
    schema
        With `$defs`.
    prefix
        Of the labels that other places link to.
    heads
        Of the tables: files have defaults, answers have none.
    """

    schema: Schema
    prefix: str
    heads: tuple[str, ...] = _HEADS
    sections: list[str] = field(default_factory=list)
    seen: dict[str, None] = field(default_factory=dict)

    def render(self) -> list[str]:
        """Return the table of the whole, and a section for each object in it."""
        self.sections = ["\n\n".join(self._object(self.schema))]
        waiting = iter(self._named())
        for name in waiting:
            title = words(name)
            about = [prose(each) if "://" not in each else linked(each) for each in
                     paragraphs(self.schema["$defs"][name].get("description", ""))]  # fmt: skip
            self.sections.append("\n\n".join([f"({self._label(name)})=", f"## {title}", *about,
                                              *self._object(self.schema["$defs"][name])]))  # fmt: skip
        return self.sections

    def _named(self) -> Iterator[str]:
        """Yield the objects that were linked to, also those that are met meanwhile."""
        number = 0
        while number < len(self.seen):
            yield list(self.seen)[number]
            number += 1

    def _label(self, name: str) -> str:
        return f"{self.prefix}-{name.lower()}"

    def _object(self, schema: Schema) -> list[str]:
        """Return the tables of an object: of its keys, or of the forms that it may have."""
        form = next((one for one in schema.get("anyOf", ()) if "properties" in one), schema)
        needed = form.get("required", ())
        rows = [self._row(key, inner, key in needed) for key, inner in form.get("properties", {}).items()]
        if isinstance(other := form.get("additionalProperties"), dict) and rows:
            rows.append(self._row("", other, needed=False))
        if "prefixItems" in form:
            rows = [self._row(str(number), inner, needed=True) for number, inner in enumerate(form["prefixItems"])]
        return [table(self.heads, rows)] if rows else []

    def _row(self, key: str, schema: Schema, needed: bool) -> list[str]:
        meaning = re.sub(r"\bNone\b", "`null`", self._meaning(schema))
        cells = {"value": self.value(schema), "default": _default(schema), "meaning": prose(meaning)}
        name = f"`{key}`" if key else "*any other*"
        return [
            f"{name} *required*" if needed and not self._is_answer else name,
            *(cells[head] for head in self.heads[1:]),
        ]

    def _meaning(self, schema: Schema) -> str:
        if "description" in schema:
            return str(schema["description"])
        if "$ref" in schema:
            return self._meaning(self._resolved(schema["$ref"]))
        return ""

    @property
    def _is_answer(self) -> bool:
        """Whether it is written by edgesim: then nothing has a default, and null tells something."""
        return "default" not in self.heads

    def _resolved(self, reference: str) -> Schema:
        found: Any = self.schema
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        return found  # type: ignore[no-any-return]

    def value(self, schema: Schema) -> str:
        """Say what may stand there, with an example where it has a unit."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            if not schema["$ref"].startswith("#/$defs/"):
                return self.value(self._resolved(schema["$ref"]))
            self.seen[name] = None
            return f"[{words(name).lower()}](#{self._label(name)})"
        forms = [one for one in schema.get("anyOf") or schema.get("oneOf") or () if self._is_answer or one != _NULL]
        if forms:
            own = {"examples": schema["examples"]} if "examples" in schema else {}
            forms = [one | own if "examples" in one else one for one in forms]
            return listed(list(dict.fromkeys(map(self.value, forms))))
        if "const" in schema or "enum" in schema:
            return listed([f"`{value}`" for value in schema.get("enum", [schema.get("const")])])
        return self._container(schema) or _scalar(schema)

    def _container(self, schema: Schema) -> str | None:
        if "prefixItems" in schema:
            return f"\\[{', '.join(map(self.value, schema['prefixItems']))}\\]"
        if "items" in schema:
            return f"list of {re.sub(_SINGULAR, _PLURAL, self.value(schema['items']))}"
        inner = [*schema.get("patternProperties", {}).values(), schema.get("additionalProperties")]
        if schema.get("type") == "object" and isinstance(inner[0], dict):
            return "object" if "properties" in inner[0] else f"mapping to {self.value(inner[0])}"
        return None


def _default(schema: Schema) -> str:
    default = schema.get("default")
    if default is None or default in ("", [], {}):
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _scalar(schema: Schema) -> str:
    """Say which quantity, number or text it is."""
    kind: str | list[str] = schema.get("type", "any value")
    if isinstance(kind, list):
        return listed([_PLAIN[one] for one in kind])
    example = schema.get("examples", [None])[0]
    if example is not None:
        known = kind_of(example)
        name = known[0] if known else _OTHER_KINDS[example.partition(" ")[2]]
        return f"{_KINDS.get(name, name)}, `{example}`"
    return _PLAIN.get(kind, kind) + _bounds(schema)


def _bounds(schema: Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f", {low:,} to {high:,}"
    if "exclusiveMinimum" in schema:
        above = f" above {schema['exclusiveMinimum']:,}"
        return above + (f", at most {high:,}" if high is not None else "")
    return f", {low:,} or more" if low is not None else ""
