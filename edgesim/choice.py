"""Which planners are asked, and with which options."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from edgesim.document import Document


class PlannerChoice(Document):
    """A planner by name (``wrx``, ``module:function`` or ``./file.py:function``), and its options."""

    name: Annotated[str, Field(min_length=1, max_length=500)]
    options: dict[str, Any] = {}

    @property
    def label(self) -> str:
        """The choice as reports show it: ``std_pipeline[bitwidth=6]``."""
        options = ",".join(f"{key}={_shown(value)}" for key, value in sorted(self.options.items()))
        return f"{self.name}[{options}]" if options else self.name


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_shown(inner)}' for key, inner in value.items())}}}"
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _as_choices(value: object) -> object:
    listed = value if isinstance(value, list | tuple) else [value]
    return tuple({"name": item} if isinstance(item, str) else item for item in listed)


_CHOICE: list[dict[str, Any]] = [
    {"type": "string"},
    {
        "type": "object",
        "properties": {"name": {"type": "string"}, "options": {"type": "object"}},
        "required": ["name"],
        "additionalProperties": False,
    },
]
Planners = Annotated[
    tuple[PlannerChoice, ...],
    Field(min_length=1),
    BeforeValidator(_as_choices),
    WithJsonSchema({"anyOf": [*_CHOICE, {"type": "array", "items": {"anyOf": _CHOICE}, "minItems": 1}]}),
]
