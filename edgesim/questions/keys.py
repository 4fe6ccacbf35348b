"""``storage.read.bandwidth`` -> a number of a scenario: where it is, its unit, and the scenario with another value."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from edgesim.document import Document, Sourced, Where
from edgesim.drawn import Drawn
from edgesim.errors import InputError
from edgesim.files.changes import owner_of
from edgesim.questions.changing import Hint, changed_scenario, item_hint, value_hint
from edgesim.questions.forms import is_plain, unit_of
from edgesim.questions.quantity import WHOLE, Unit
from edgesim.scenario import Scenario

ALIASES = {
    "preload": "preload_buffer",
    "load": "load_buffer",
    "target": "target_latency",
    "bandwidth": "storage.read.bandwidth",
    "latency": "storage.read.latency",
}
"""Short names of what is asked for most."""
TARGET, BUFFERS = "target_latency", ("preload_buffer", "load_buffer")
FLASH_SPEED, COMPUTE_SPEED, MEMORY = "flash_speed", "compute_speed", "memory"
_READ, _CAPACITY = ("device", "storage", "read"), ("device", "memory", "capacity")


class StrangeKeyError(InputError):
    """A key is unknown, or none of a number: whoever asks says which are known."""


@dataclass(frozen=True, slots=True)
class Located:
    """A number of a scenario.

    Parameters
    ----------
    key
        As files write it, from the scenario's or the profile's first level on.
    where
        Its place in the scenario, by field names.
    unit
        What it is an integer of.
    value
        What the scenario has, in the base unit; None where it has nothing: no bound, or no such time.
    """

    key: str
    where: Where
    unit: Unit
    value: int | None

    def put(self, scenario: Scenario, number: int) -> Iterator[Scenario]:
        """Yield the scenario with another value.

        Raises
        ------
        InputError
            If it cannot have that value.
        """
        yield changed_scenario(scenario, {self.where: self.unit.form(number)})


class _Place(NamedTuple):
    where: Where
    value: object
    hint: Hint


def locate(scenario: Scenario, key: str) -> Located:
    """Find a number of a scenario, of its device or of its model, by the key that changes have for it.

    Raises
    ------
    StrangeKeyError
        If there is no such key, or it is no number of which one is less than another.
    InputError
        If its number cannot be searched in this scenario.
    """
    full = ALIASES.get(key, key)
    try:
        owner, parts = owner_of(full, throttled=scenario.throttle is not None)
    except ValueError as error:
        if "no effect" in str(error):
            raise InputError(f"{key}: {error}") from error
        raise StrangeKeyError(f"{key}: unknown key") from error
    place = _Place((), scenario, (Scenario, ()))
    for part in parts if owner == "scenario" else ("device" if owner == "throttle" else owner, *parts):
        place = _step(scenario, place, str(part), key)
    if isinstance(place.value, Drawn):
        place = _step(scenario, place, "constant", key)
        if place.value is None:
            raise InputError(f"{key}: is left to chance in {scenario.name}; only one number can be searched")
    if place.where[:3] == _READ and place.value is None and scenario.device.storage.points:
        raise InputError(f"{key}: reads of {scenario.device.name} were measured as a table; search '{FLASH_SPEED}'")
    if place.where == _CAPACITY:
        _check_shared(scenario, key)
    return _located(full, place)


def _check_shared(scenario: Scenario, key: str) -> None:
    """Refuse to search a device's memory where nothing depends on how much it is."""
    pressure = scenario.conditions.memory
    if pressure is None:
        missing = "it simulates no memory pressure; write 'conditions: {memory: ...}' to its file"
        raise InputError(f"{key}: moves nothing in {scenario.name}, {missing}")
    if pressure.for_apps is not None:
        raise InputError(
            f"{key}: moves nothing in {scenario.name}; apps share 'conditions.memory.for_apps', search that"
        )


def _located(key: str, place: _Place) -> Located:
    value, unit = place.value, unit_of(*place.hint)
    if unit is None and type(value) is int and is_plain(*place.hint):
        unit = WHOLE
    if unit is None or isinstance(value, Document | dict | tuple):
        raise StrangeKeyError(f"{key}: is no quantity that can be searched")
    return Located(key, place.where, unit, None if value is None else unit.number(value))  # type: ignore[arg-type]


def _step(scenario: Scenario, place: _Place, part: str, key: str) -> _Place:
    where, value = place.where, place.value
    if isinstance(value, Sourced) and part in map(str, value.values):
        found = next(name for name in value.values if str(name) == part)
        hint = type(value).model_fields["values"].annotation, ()
        return _Place((*where, "values", found), value.values[found], value_hint(hint))
    if isinstance(value, Document):
        for name, field in type(value).model_fields.items():
            if part in (field.alias or name, name) and not isinstance(value, Sourced):
                return _Place((*where, name), getattr(value, name), (field.annotation, tuple(field.metadata)))
    if isinstance(value, dict) and part in map(str, value):
        found = next(name for name in value if str(name) == part)
        return _Place((*where, found), value[found], value_hint(place.hint))
    if isinstance(value, tuple) and part.isdecimal() and int(part) < len(value):
        return _Place((*where, int(part)), value[int(part)], item_hint(place.hint, int(part)))
    if value is None:
        said = ".".join(map(str, where))
        raise InputError(f"{key}: {scenario.name} has no '{said}'; write it to the file first")
    raise StrangeKeyError(f"{key}: unknown key '{part}'")
