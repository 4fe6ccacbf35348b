"""Which numbers of a scenario are worth a search: its times, sizes, rates and powers, but for those in tables."""

from collections.abc import Iterator

from edgesim.document import Document, Sourced
from edgesim.errors import InputError
from edgesim.questions.keys import ALIASES, MEMORY, TARGET, locate
from edgesim.questions.quantity import WHOLE
from edgesim.questions.together import SPEEDS
from edgesim.scenario import Scenario

_OTHERS = {"device", "model", "throttle", "apps", "campaign", "sweep", "statistics"}
"""Documents whose numbers have no key below this name, or none that is searched."""
_BUFFERS = ("preload_buffer", "load_buffer")


def searchable(scenario: Scenario) -> list[str]:
    """Return the keys of numbers that `edgesim.need` can find in a scenario, its device and its model, sorted."""
    keys = {TARGET, *_BUFFERS, *ALIASES.values()}
    for owner in (scenario.device, scenario.model, scenario):
        keys.update(_below(owner))
    return sorted({MEMORY, *SPEEDS, *(key for key in keys if _is_quantity(scenario, key))})


def _is_quantity(scenario: Scenario, key: str) -> bool:
    try:
        number = locate(scenario, key)
    except InputError:
        return False
    return number.unit is not WHOLE and (number.value is not None or key in _BUFFERS)


def _below(value: object, before: str = "") -> Iterator[str]:
    """Yield the keys of everything that is not a table, below some place."""
    if isinstance(value, Sourced):
        value = value.values
    if isinstance(value, Document):
        named = {field.alias or name: getattr(value, name) for name, field in type(value).model_fields.items()}
    elif isinstance(value, dict):
        named = {str(name): inner for name, inner in value.items()}
    else:
        yield before.removesuffix(".")
        return
    for name in named.keys() - _OTHERS:
        yield from _below(named[name], f"{before}{name}.")
