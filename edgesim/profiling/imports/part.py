"""A measured part of a device, and the profile it belongs to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edgesim.errors import InputError

Plain = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """What one import found.

    Parameters
    ----------
    keys
        The part as a profile has it: ``{"storage": ...}`` or ``{"processors": ...}``.
    what
        What it is, for the profile's description: ``reads imported from fio``.
    summary
        What was found, in one line for people.
    warnings
        What should make one doubt it; the source says so, too.
    """

    keys: Plain
    what: str
    summary: str
    warnings: tuple[str, ...] = ()


def profile_with(part: Part, name: str, base: Mapping[str, Any] | None) -> Plain:
    """Return a whole profile: the part, and everything else of the base.

    Parameters
    ----------
    part
        Replaces the same part of the base: all storage, or the layer times of one geometry on one processor.
    name
        The new profile's.
    base
        A profile as plain data; without it the part must be enough by itself.

    Raises
    ------
    InputError
        If there is no base, and the part has no storage.
    """
    if base is None and "storage" not in part.keys:
        raise InputError("--device: is missing, layer times alone are no device; name the profile that they belong to")
    profile: Plain = {"schema": "edgesim.device/1", "name": name, "description": _description(part, base)}
    profile |= {key: value for key, value in (base or {}).items() if key not in profile}
    if "storage" in part.keys:
        profile["storage"] = part.keys["storage"]
    for processor, measured in part.keys.get("processors", {}).items():
        old = profile.get("processors", {}).get(processor, {})
        times = _replaced(old.get("layer_times", []), measured["layer_times"][0])
        profile["processors"] = {**profile.get("processors", {}), processor: {**old, "layer_times": times}}
    return profile


def _description(part: Part, base: Mapping[str, Any] | None) -> str:
    old = str((base or {}).get("description") or (base or {}).get("name", ""))
    if not old:
        return f"Only {part.what}"
    return old if part.what in old else f"{old}; {part.what}"


def _replaced(old: list[Plain], new: Plain) -> list[Plain]:
    """Put layer times in the place of those of the same geometry, whose decompression stays."""
    places = [place for place, times in enumerate(old) if times["geometry"] == new["geometry"]]
    if not places:
        return [*old, new]
    kept = {key: value for key, value in old[places[0]].items() if key == "decompress"}
    times = {key: new[key] for key in ("geometry", "time")} | kept | {"source": new["source"]}
    return [*old[: places[0]], times, *old[places[0] + 1 :]]
