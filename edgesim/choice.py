"""Which planners are asked, and with which options."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, GetPydanticSchema
from pydantic_core import CoreSchema

from edgesim.document import Document


class PlannerChoice(Document):
    """A planner by name, and its options."""

    name: Annotated[str, Field(min_length=1, max_length=500)]
    """A planner of `edgesim list planners`, ``module:function``, or ``./file.py:function`` relative to this file."""
    options: dict[str, Any] = {}
    """Options of the planner by name, ``{bitwidth: 6}``; `edgesim list planners` shows them."""

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


def _forms(core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
    """Describe what files may have: a name, a name with options, or a list of both."""
    one = [{"type": "string"}, handler(core)["items"]]
    return {"anyOf": [*one, {"type": "array", "items": {"anyOf": one}, "minItems": 1}]}


Planners = Annotated[
    tuple[PlannerChoice, ...],
    Field(min_length=1),
    BeforeValidator(_as_choices),
    GetPydanticSchema(get_pydantic_json_schema=_forms),
]
