"""Whether what a sweep tries can be: each value on its own, before any combination is made."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from edgesim.device import Device
from edgesim.document import Where
from edgesim.errors import EdgesimError, InputError, choose
from edgesim.files.changes import NATIVE, owner_of, place_of
from edgesim.files.dimensions import Dimension, bare
from edgesim.files.documents import REFERENCES, read_reference
from edgesim.files.library import Library
from edgesim.files.read import read_as
from edgesim.files.references import Reading
from edgesim.files.text import Text
from edgesim.model import Model
from edgesim.quantities import Setting
from edgesim.scenario import Scenario

_REFUSED = {
    "planner": "cannot be swept: all planners in the scenario's 'planner' are tried; list them there",
    **dict.fromkeys(("schema", "name", "description", "campaign", "sweep", "app", "apps"), "cannot be swept"),
}
_NAMES = {str(key): (kind, document) for key, kind, document in REFERENCES}
_CHANGED = re.compile(r".* as changed: (?P<place>[^ ]+): (?P<message>.*)")
_MOST = 10
"""So many entries of another dimension are tried with a value that cannot be on its own."""


@dataclass(frozen=True, slots=True)
class Trials:
    """The file of a sweep, and what is tried.

    Parameters
    ----------
    text
        The scenario's file; it gets the mistakes.
    path
        Where it lies.
    library
        What was read of files.
    fixed
        What a caller has set.
    scenario
        What the file is without the sweep.
    dimensions
        What is tried.
    """

    text: Text
    path: Path
    library: Library
    fixed: Mapping[str, object]
    scenario: Scenario
    dimensions: Sequence[Dimension]

    def check_keys(self) -> None:
        """Note keys that nothing has, that cannot be swept, or that are swept twice."""
        seen: dict[Where, str] = {}
        for dimension in self.dimensions:
            for key, where in dimension.places.items():
                message = _REFUSED.get(key) or self._strange(key)
                if bare(key) in seen:
                    message = f"is the same as '{seen[bare(key)]}'; keep one"
                if message:
                    self.text.mistake(where, message)
                seen[bare(key)] = key

    def _strange(self, key: str) -> str | None:
        throttles = self._values("throttle") or [NATIVE if self.scenario.throttle is None else ""]
        messages = []
        for throttled in {name != NATIVE for name in throttles}:
            try:
                owner_of(key, throttled=throttled)
            except ValueError as error:
                messages.append(str(error))
            else:
                return None
        return messages[0]

    def _values(self, key: str) -> list[Setting]:
        return [value for dimension in self.dimensions for value in dimension.values.get(key, ())]

    def check_values(self) -> list[str]:
        """Note values that cannot be in any combination; return mistakes of the files that are named."""
        reading = Reading(self.path.parent, library=self.library)
        devices = [found for key, found in self._named(reading) if key == "device" and isinstance(found, Device)]
        processors = {name for device in devices or [self.scenario.device] for name in device.processors}
        for _, where, value in self._entries(("processor",)):
            if value not in processors:
                self.text.mistake(where, f"no device that is tried has '{value}'; {choose(str(value), processors)}")
        if not self.text.mistakes and not reading.mistakes:
            for number in range(len(self.dimensions)):
                self._check_others(number)
            self._fetch()
        return reading.mistakes

    def _named(self, reading: Reading) -> Iterator[tuple[str, Device | Model | None]]:
        """Yield all devices, models and throttles that are tried; each must have a name of its own, as rows tell it."""
        seen: dict[tuple[str, str], Setting] = {}
        for key, where, value in self._entries(_NAMES):
            if (key, value) == ("throttle", NATIVE):
                continue
            kind, document = _NAMES[key]
            found = read_reference(reading, self.text, self.path.parent, (where, kind, value), document)
            if found and (first := seen.setdefault((key, found.name), value)) != value:
                message = f"has the name of '{first}', '{found.name}', and rows tell names; give it another one"
                self.text.mistake(where, message)
            yield key, found

    def _entries(self, keys: Collection[str]) -> Iterator[tuple[str, Where, Setting]]:
        """Yield all values of some keys, each with its place in the file."""
        for dimension in self.dimensions:
            for key in dimension.values:
                if key in keys:
                    for entry, value in enumerate(dimension.values[key]):
                        yield key, dimension.place(key, entry), value

    def _check_others(self, number: int) -> None:
        """Note values of one dimension that are wrong however the others are."""
        dimension = self.dimensions[number]
        keys = [key for key in dimension.values if key not in _NAMES and key != "processor"]
        entries = (0, len(dimension) - 1) if dimension.spans else range(len(dimension))
        for entry in entries if keys else ():
            wrong = self._mistakes(dimension.at(entry), keys)
            if wrong and all(self._mistakes(settings, keys) for settings in self._contexts(number, entry)):
                for key, message in wrong:
                    self.text.mistake(dimension.place(key, entry), message)

    def _mistakes(self, settings: Mapping[str, object], keys: Sequence[str]) -> list[tuple[str, str]]:
        """Return what is amiss with some keys that are set, or lacks beside them, not what contradicts others."""
        try:
            read_as(Scenario, self.path, {**self.fixed, **settings}, self.library)
        except EdgesimError as error:
            found = filter(None, map(_CHANGED.fullmatch, str(error).split("\n")))
            said = [(place_of(match["place"]), match["place"], match["message"]) for match in found]
            return [
                (key, message if place == bare(key) else f"{shown}: {message}")
                for key in keys
                for place, shown, message in said
                if _are_together(place, bare(key))
            ]
        return []

    def _contexts(self, number: int, entry: int) -> Iterator[dict[str, Setting]]:
        """Yield one entry together with some entries of each other dimension."""
        own = self.dimensions[number].at(entry)
        others = [dimension for place, dimension in enumerate(self.dimensions) if place != number]
        firsts = {key: value for dimension in others for key, value in dimension.at(0).items()}
        yield firsts | own
        for dimension in others:
            for other in range(0, len(dimension), -(-len(dimension) // _MOST)):
                yield dimension.at(other) | own
                yield firsts | dimension.at(other) | own

    def _fetch(self) -> None:
        """Read the tables that other devices and models are given, so that no file is needed later."""
        tables = [(key, value) for dimension in self.dimensions for key, values in dimension.values.items()
                  if key.endswith(".file") for value in values]  # fmt: skip
        for key, value in tables:
            for name, _, other in self._entries(_NAMES):
                try:
                    read_as(Scenario, self.path, {**self.fixed, name: other, key: value}, self.library)
                except InputError:
                    continue  # this combination cannot be; whoever asks for it is told


def _are_together(place: Where, key: Where) -> bool:
    """Tell whether two places are in the same section, or one in the other."""
    section = key[:-1] or key
    return place[: len(section)] == section[: len(place)]
