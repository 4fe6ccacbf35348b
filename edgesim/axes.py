"""What a sweep tries: lists and ranges of values of any keys, groups that move together, and filters."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, GetJsonSchemaHandler, Tag, model_validator
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import CoreSchema

from edgesim.document import Document, Where, mistakes
from edgesim.quantities import Setting, measured, plain
from edgesim.span import Span, Value, shown_value

_FILTER = re.compile(r"\s*(?P<left>[^\s<>=!]+)\s*(?P<operator><=|>=|==|!=|<|>)\s*(?P<right>[^<>=!]*[^\s<>=!])\s*")


def _form(value: object) -> str:
    return "kind=range" if isinstance(value, Mapping | Span) else "kind=list"


def _either(value: object) -> object:
    if isinstance(value, Mapping | Span | list | tuple):
        return value
    raise ValueError(
        f"must be a list of values, or a range such as {{from: 1 MB, to: 64 MB, log: 7}}, got {shown_value(value)}"
    )


Listed = Annotated[tuple[Value, ...], Field(min_length=1)]
Axis = Annotated[
    Annotated[Listed, Tag("kind=list")] | Annotated[Span, Tag("kind=range")],
    Discriminator(_form),
    BeforeValidator(_either),
]


def values_of(axis: tuple[Setting, ...] | Span) -> Sequence[Setting]:
    """Return the values of a list or a range."""
    return axis.values if isinstance(axis, Span) else axis


def parts_of(text: str) -> tuple[str, str, str]:
    """Return what a filter compares, and how: key, operator, and key or value.

    Raises
    ------
    ValueError
        If it is not of that form.
    """
    match = _FILTER.fullmatch(text)
    if match is None:
        raise ValueError(f"must be such as 'preload_buffer <= load_buffer' or 'device != pc-nvme', got '{text[:60]}'")
    return match["left"], match["operator"], match["right"]


def _comparing(text: str) -> str:
    parts_of(text)
    return text


Filter = Annotated[str, AfterValidator(_comparing)]
Group = Annotated[dict[str, Axis], Field(min_length=1)]


class Sweep(Document):
    """Values of keys that `edgesim sweep` tries, each with each: lists, or ranges."""

    flat: ClassVar[str | None] = "axes"
    axes: dict[str, Axis] = {}
    """A key of the scenario, its device or its model, with dots where it is nested, ``storage.read.bandwidth``: a list
    of values, or a range."""
    zip: tuple[Group, ...] = ()
    """Groups of keys that move together, with as many values each."""
    where: tuple[Filter, ...] = ()
    """Filters that all must hold: a key, a comparison and a key or a value, ``preload_buffer <= load_buffer``."""
    zip_at: SkipJsonSchema[int] = 0
    """How many of the axes stand before the groups."""

    @model_validator(mode="before")
    @classmethod
    def _split(cls, data: object) -> object:
        if not isinstance(data, Mapping):
            return data
        axes = {key: value for key, value in data.items() if key not in ("zip", "where")}
        before = list(data).index("zip") if "zip" in data else 0
        given = {key: data[key] for key in ("zip", "where") if key in data}
        return {"axes": axes, "zip_at": before - ("where" in list(data)[:before]), **given}

    @model_validator(mode="after")
    def _holds(self) -> "Sweep":
        mistakes(list(_group_mistakes(self.axes, self.zip)))
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Describe the flat form that files use."""
        schema = handler.resolve_ref_schema(handler(core))
        fields = schema["properties"]
        return {
            "type": "object",
            "title": schema["title"],
            "description": schema["description"],
            "properties": {"zip": fields["zip"], "where": fields["where"]},
            "additionalProperties": {key: fields["axes"][key] for key in ("description",) if key in fields["axes"]}
            | fields["axes"]["additionalProperties"],
        }


def _group_mistakes(axes: Mapping[str, Any], groups: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Where, str]]:
    if not axes and not groups:
        yield (), "names no key; write for example 'target_latency: [100 ms, 200 ms]'"
    for key, axis in axes.items():
        yield from _repeated({key: axis})
    seen = dict.fromkeys(axes, "alone")
    for number, group in enumerate(groups):
        lengths = {key: len(values_of(axis)) for key, axis in group.items()}
        first = next(iter(lengths))
        for key, length in lengths.items():
            where: Where = ("zip", number, key)
            if key in seen:
                yield where, f"is swept twice, here and {seen[key]}; keep one"
            if length != lengths[first]:
                yield where, f"must have as many values as '{first}', {lengths[first]}, got {length}"
        yield from ((("zip", number, *where), message) for where, message in _repeated(group))
        seen |= dict.fromkeys(group, f"in group {number + 1}")


def _repeated(axes: Mapping[str, Any]) -> Iterator[tuple[Where, str]]:
    """Yield entries of keys that move together that repeat an earlier one in all of them."""
    if any(isinstance(axis, Span) for axis in axes.values()):
        return  # a range repeats nothing
    entries = list(zip(*axes.values(), strict=False))
    for number, first in enumerate(firsts(entries)):
        if first != number:
            got, before = (", ".join(map(plain, entries[each])) for each in (number, first))
            yield (next(iter(axes)), number), f"is given twice, got {got} after {before}; keep one"


def firsts(entries: Sequence[tuple[Setting, ...]]) -> list[int]:
    """Return which entry is the first that is equal to each, however it is written."""
    seen = dict[tuple[object, ...], int]()
    return [
        seen.setdefault(tuple(measured(value)[:2] for value in entry), number) for number, entry in enumerate(entries)
    ]
