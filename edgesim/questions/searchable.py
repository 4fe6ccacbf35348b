"""Which numbers of a scenario are worth a search: its times, sizes, rates and powers, but for those in tables."""

from collections.abc import Iterator

from edgesim.document import Document, Sourced
from edgesim.errors import InputError, did_you_mean, nearest
from edgesim.questions.keys import ALIASES, BUFFERS, MEMORY, TARGET, Located, StrangeKeyError, locate
from edgesim.questions.quantity import WHOLE
from edgesim.questions.together import SPEEDS
from edgesim.scenario import Scenario

_OTHERS = {"device", "model", "throttle", "apps", "campaign", "sweep", "statistics"}
"""Documents whose numbers have no key below this name, or none that is searched."""


def searchable(scenario: Scenario) -> list[str]:
    """Return the keys of numbers that `edgesim.need` can find in a scenario, its device and its model, sorted."""
    keys = {TARGET, *BUFFERS, *ALIASES.values()}
    for owner in (scenario.device, scenario.model, scenario):
        keys.update(_below(owner))
    return sorted({MEMORY, *SPEEDS, *(key for key in keys if _is_quantity(scenario, key))})


def located(scenario: Scenario, key: str) -> Located:
    """Find a number by its key, as `edgesim.questions.keys.locate` does; of a strange key say what can be searched.

    Raises
    ------
    InputError
        If there is no such key, or its number cannot be searched.
    """
    try:
        return locate(scenario, key)
    except StrangeKeyError as error:
        known = searchable(scenario)
        below = [name for name in known if name.startswith(f"{key}.")]
        names = sorted([*known, *(name for name, full in ALIASES.items() if full in known)])
        meant = f"{did_you_mean(key, _alike(key, names) or names)}known: {', '.join(names)}"
        hint = f"known below it: {', '.join(below)}" if below else meant
        raise InputError(f"{error}; {hint}") from error


def _alike(key: str, names: list[str]) -> list[str]:
    """Return the keys whose every part may have been meant by the part of a mistyped key that stands there."""
    for level, part in enumerate(key.split(".")):
        known = {name.split(".")[level] for name in names if name.count(".") >= level}
        near = nearest(part, sorted(known))
        names = [name for name in names if name.count(".") >= level and name.split(".")[level] in near]
    return names


def _is_quantity(scenario: Scenario, key: str) -> bool:
    try:
        number = locate(scenario, key)
    except InputError:
        return False
    return number.unit is not WHOLE and (number.value is not None or key in BUFFERS)


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
