"""What options a planner or backend takes, checked against its signature before it runs."""

import inspect
import re
from collections.abc import Callable, Mapping
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import ConfigDict, PydanticUserError, TypeAdapter, ValidationError

from edgesim.errors import choose, did_you_mean

_QUOTE = "'"
_TYPES: dict[object, str] = {
    bool: "true or false", int: "an integer", float: "a number", str: "text", list: "a list", dict: "a mapping",
    NoneType: "null",
}  # fmt: skip


def options_of(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """Return the options that a planner or backend takes: its keyword-only parameters."""
    parameters = inspect.signature(function).parameters
    return {name: item for name, item in parameters.items() if item.kind is inspect.Parameter.KEYWORD_ONLY}


def option_mistakes(function: Callable[..., Any], options: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return what is wrong with some options: their names and a message for each."""
    known = options_of(function)
    found = [
        (name, f"unknown option; {choose(name, known)}{_catch_all(function)}") for name in options if name not in known
    ]
    try:
        hints = get_type_hints(function)
    except Exception:  # a stranger's annotations may not evaluate: then any value goes
        hints = {}
    found += [
        (name, f"must be {accepted(hints[name])}, got {_got(value)}{_instead(hints[name], value)}")
        for name, value in options.items()
        if name in known and name in hints and not _is_a(hints[name], value)
    ]
    missing = [name for name, item in known.items() if item.default is item.empty and name not in options]
    return found + [(name, "missing; the planner needs this option") for name in missing]


def _catch_all(function: Callable[..., Any]) -> str:
    """Say why ``**options`` is no way out: a mistyped option could not be told from a right one."""
    kinds = {item.kind for item in inspect.signature(function).parameters.values()}
    return "; the planner must name each of its options, not **" if inspect.Parameter.VAR_KEYWORD in kinds else ""


def _got(value: object) -> str:
    return "nothing" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)[:60]


def _instead(hint: object, value: object) -> str:
    """Say which of the texts that are accepted may have been meant."""
    near = did_you_mean(value, re.findall("'([^']*)'", accepted(hint))) if isinstance(value, str) else ""
    return near and f"; {near.rstrip()}"


def _is_a(hint: Any, value: object) -> bool:  # noqa: ANN401  (a type, of any form)
    try:
        TypeAdapter(hint, config=ConfigDict(strict=True)).validate_python(value)
    except ValidationError:
        return False
    except PydanticUserError:  # a stranger's type may be none that pydantic knows: then any value goes
        return True
    return True


def accepted(hint: object) -> str:
    """Write a type as a file would have its values: ``'layer' or 'shard' or {group: an integer}``."""
    origin, inner = get_origin(hint) or hint, get_args(hint)
    if origin is Literal:
        return " or ".join(repr(value) for value in inner)
    if origin in (Union, UnionType):
        return " or ".join(accepted(item) for item in inner)
    if origin is dict and inner:
        return f"{{{accepted(inner[0]).strip(_QUOTE)}: {accepted(inner[1])}}}"
    return _TYPES.get(origin) or str(getattr(origin, "__name__", hint))
