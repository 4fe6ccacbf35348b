"""Keys that are set before files are checked: ``target_latency``, ``workload.rate`` or ``storage.read.bandwidth``."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from edgesim.device import Device
from edgesim.document import Document, Where
from edgesim.errors import choose
from edgesim.files.report import known_keys, shown
from edgesim.files.shipped import is_path
from edgesim.files.text import Text
from edgesim.model import Model
from edgesim.scenario import Scenario

NATIVE = "native"
"""A throttle that is none."""
Owner = Literal["scenario", "device", "model", "throttle"]
"""Whose key it is; of a throttle only the storage counts."""
_BY_NAME: tuple[Owner, ...] = ("device", "model", "throttle")
Changed = dict[Where, object]
"""Values by the place where they are set."""
_KEY = re.compile(r"[^.\[\]]+(\.[^.\[\]]+|\[[0-9]{1,9}\])*")
_WHOLE = re.compile(r"[0-9]{1,9}")
_READ = ("storage", "read")
_LINE = ("bandwidth", "latency")


def from_here(changes: Mapping[str, object] | None) -> dict[str, object]:
    """Return what a caller sets: the files that it names start at the current folder, not at that of the scenario."""
    here = {key: value for key, value in (changes or {}).items() if key in _BY_NAME and is_path(value, {"devices"})}
    return dict(changes or {}) | {key: str(Path(str(value)).absolute()) for key, value in here.items()}


def place_of(key: str) -> Where:
    """Return the place that a dotted key names: ``layer_times[0].time.3``, or ``layer_times.0.time.3``."""
    parts = re.split(r"[.\[]", key.replace("]", "")) if _KEY.fullmatch(key) else [key]
    return tuple(int(part) if _WHOLE.fullmatch(part) else part for part in parts)


def owner_of(key: str, *, throttled: bool) -> tuple[Owner, Where]:
    """Tell whose key it is that a caller sets, and its place there.

    A key of the scenario comes first, then one of its device, then one of its model; ``device.``, ``model.`` and
    ``throttle.`` before it say so. The storage is the throttle's where there is one.

    Raises
    ------
    ValueError
        If nothing has such a key, or it would have no effect.
    """
    place = place_of(key)
    head, rest = place[0], place[1:]
    said = next((owner for owner in _BY_NAME if owner == head and rest), None)
    if said is not None:
        return _said(said, rest, throttled=throttled)
    known = _known()
    for owner, keys in known.items():
        if head in keys:
            return ("throttle" if owner == "device" and head == "storage" and throttled else owner), place
    raise ValueError(f"unknown key; {choose(str(head), {name for keys in known.values() for name in keys})}")


@cache
def _known() -> dict[Owner, frozenset[str]]:
    documents: dict[Owner, type[Document]] = {"scenario": Scenario, "device": Device, "model": Model}
    return {owner: frozenset(known_keys(document, ())) for owner, document in documents.items()}


def _said(owner: Owner, place: Where, *, throttled: bool) -> tuple[Owner, Where]:
    storage = place[0] == "storage"
    if owner == "throttle" and not throttled:
        raise ValueError("has no effect: there is no throttle")
    if owner == "throttle" and not storage:
        raise ValueError("has no effect: a throttle lends its storage only")
    if owner == "device" and storage and throttled:
        raise ValueError("has no effect: the storage is that of 'throttle'; set throttle.storage...")
    return owner, place


def split(text: Text, changes: Mapping[str, object]) -> dict[Owner, Changed]:
    """Sort what a caller sets in a scenario, its device, its model and its throttle; note keys that nothing has."""
    data = text.data if isinstance(text.data, dict) else {}
    throttled = changes.get("throttle", data.get("throttle")) not in (None, NATIVE)
    found: dict[Owner, Changed] = {}
    for key, value in changes.items():
        try:
            owner, place = owner_of(key, throttled=throttled)
        except ValueError as error:
            text.lines[(key,)] = 0
            text.mistake((key,), str(error))
            continue
        found.setdefault(owner, {})[place] = value
    return found


def change(text: Text, document: type[Document], changed: Changed) -> None:
    """Set keys of a file, which then no longer decides them: line 0 marks them.

    What is set is nobody's measurement: the numbers that share its source are then of grade D. A line may take the
    place of a table of read times if both its bandwidth and its latency are set, and a table that of a line.
    """
    if not isinstance(text.data, dict):
        return
    if document is Device and not _changes_form(text, changed):
        return
    for place, value in sorted(changed.items(), key=lambda item: len(item[0])):
        if _put(text, document, place, value):
            _degrade(text, document, place, value)


def _changes_form(text: Text, changed: Changed) -> bool:
    """Drop the read times that others take the place of; tell whether those are whole."""
    read = _at(text.data, _READ)
    places = [place for place in changed if place[:2] == _READ and len(place) > 2]
    wanted = {place[2] for place in places}
    forms = (set(_LINE), {"table"}, {"depths"})
    if not isinstance(read, dict) or not wanted or any(read.keys() & form and wanted & form for form in forms):
        return True
    if wanted & set(_LINE) and (lacking := set(_LINE) - wanted):
        repair = f"for a line in its place set storage.read.{lacking.pop()}, too"
        _refuse(text, places[0], f"reads were measured as a table; {repair}")
        return False
    storage = _at(text.data, _READ[:1])
    text.data = {**text.data, "storage": {**storage, "read": {}, "lanes": 1}}  # type: ignore[dict-item]
    text.lines[_READ] = 0
    return True


def _at(data: Any, place: Where) -> Any:  # noqa: ANN401  (what a file has)
    for part in place:
        items = dict(enumerate(data)) if isinstance(data, list) else data
        data = items.get(part) if isinstance(items, dict) else None
    return data


def _put(text: Text, document: type[Document], place: Where, value: object) -> bool:
    """Set one value in copies of all that holds it; tell whether there is such a place."""
    text.data = holder = dict(text.data)  # type: ignore[call-overload]  # `change` saw to it
    for end in range(1, len(place)):
        inner = _inner(text, document, holder, place[:end])
        if inner is None:
            return False
        holder[place[end - 1]] = inner
        holder = inner
    if not _has_room(text, holder, place):
        return False
    holder[place[-1]] = value
    text.lines = {where: line for where, line in text.lines.items() if where[: len(place)] != place}
    text.lines |= {place[:end]: 0 for end in range(1, len(place) + 1)}
    return True


def _inner(text: Text, document: type[Document], holder: Any, place: Where) -> Any:  # noqa: ANN401  (dict or list)
    """Return a copy of what holds further keys, which may be new if the document knows it; None if it cannot be."""
    if not _has_room(text, holder, place):
        return None
    *before, part = place
    inner = _at(holder, (part,))
    if isinstance(inner, dict | list):
        return inner.copy()
    if inner is not None:
        return _refuse(text, place, f"is {shown(inner)}, and has no keys of its own")
    known = known_keys(document, tuple(before), text.data)
    names = {str(name) for name in holder}  # apps, processors and the like are known by those that there are
    if part not in known or (names and not names & set(known)):
        return _refuse(text, place, f"unknown key; {choose(str(part), names or known)}")
    return {}


def _has_room(text: Text, holder: object, place: Where) -> bool:
    part = place[-1]
    if isinstance(holder, list) and not (isinstance(part, int) and part < len(holder)):
        _refuse(text, place, f"there is no such item; known: 0 to {len(holder) - 1}")
        return False
    return True


def _refuse(text: Text, place: Where, message: str) -> None:
    text.lines |= {place[:end]: 0 for end in range(1, len(place) + 1)}
    text.mistake(place, message)


def _degrade(text: Text, document: type[Document], place: Where, value: object) -> None:
    """Say in the nearest source that a number is assumed."""
    sources = ((*place[:end], "source") for end in range(len(place) - 1, -1, -1))
    found = next((where for where in sources if isinstance(_at(text.data, where), dict)), None)
    if found is not None and "source" not in place:
        source = _at(text.data, found)
        assumed = f"{'.'.join(map(str, place))} = {shown(value)} is assumed; the rest: {source.get('text')}"
        _put(text, document, found, {**source, "grade": "D", "text": assumed})
