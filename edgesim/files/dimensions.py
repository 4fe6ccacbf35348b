"""The dimensions of a sweep: keys that move together, and what they are set to, one entry after the other."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod

from edgesim.axes import Sweep, firsts, values_of
from edgesim.document import Where
from edgesim.files.changes import place_of
from edgesim.quantities import Setting, measured
from edgesim.span import Span

BUDGET = ("target_latency", "preload_buffer", "load_buffer")
"""Keys that leave the device, the model and all else as they are."""
_OWNERS = ("device", "model", "throttle")


@dataclass(frozen=True, slots=True)
class Dimension:
    """Keys that move together.

    Parameters
    ----------
    values
        What each key is set to, all equally long.
    places
        Where each stands in the file.
    numbers
        Which of the values there each entry is of.
    spans
        Whether all values are those of ranges: then the ends say whether they can be.
    """

    values: Mapping[str, Sequence[Setting]]
    places: Mapping[str, Where]
    numbers: Sequence[int]
    spans: bool

    def __len__(self) -> int:
        """Return how many entries there are."""
        return len(next(iter(self.values.values())))

    def at(self, entry: int) -> dict[str, Setting]:
        """Return what the keys are set to."""
        return {key: values[entry] for key, values in self.values.items()}

    def place(self, key: str, entry: int) -> Where:
        """Return where the file says what a key is set to."""
        return (*self.places[key], self.numbers[entry])

    @property
    def is_budget(self) -> bool:
        """Whether it changes nothing but the budget."""
        return all(key in BUDGET for key in self.values)


def bare(key: str) -> Where:
    """Return the place of a key without saying whose it is: ``storage.lanes`` for ``device.storage.lanes``, too."""
    place = place_of(key)
    return place[1:] if place[0] in _OWNERS and len(place) > 1 else place


def dimensions_of(sweep: Sweep | None, fixed: Collection[str]) -> list[Dimension]:
    """Return the dimensions of a sweep, in the order of the file; keys that are fixed do not move."""
    if sweep is None:
        return []
    alone = [({key: axis}, ("sweep",)) for key, axis in sweep.axes.items()]
    groups = [(dict(group), ("sweep", "zip", number)) for number, group in enumerate(sweep.zip)]
    still = {bare(key) for key in fixed}
    found: list[Dimension] = []
    for axes, at in [*alone[: sweep.zip_at], *groups, *alone[sweep.zip_at :]]:
        moving = {key: axis for key, axis in axes.items() if bare(key) not in still}
        if moving:
            found.append(_dimension(moving, at))
    return found


def _dimension(axes: Mapping[str, tuple[Setting, ...] | Span], at: Where) -> Dimension:
    values = {key: values_of(axis) for key, axis in axes.items()}
    places: dict[str, Where] = {key: (*at, key) for key in axes}
    ranges = [isinstance(axis, Span) for axis in axes.values()]
    if any(ranges):
        return Dimension(values, places, range(len(next(iter(values.values())))), all(ranges))
    kept = sorted(set(firsts(list(zip(*values.values(), strict=True)))))  # a key that tells two apart may be fixed
    values = {key: tuple(each[entry] for entry in kept) for key, each in values.items()}
    return Dimension(values, places, kept, spans=False)


def size_of(dimensions: Sequence[Dimension]) -> int:
    """Return how many combinations there are."""
    return prod(map(len, dimensions))


def digits_of(number: int, dimensions: Sequence[Dimension]) -> list[int]:
    """Return the entry of each dimension that a combination has; the last moves fastest."""
    digits = []
    for dimension in reversed(dimensions):
        number, digit = divmod(number, len(dimension))
        digits.append(digit)
    return digits[::-1]


def settings_of(digits: Sequence[int], dimensions: Sequence[Dimension]) -> dict[str, Setting]:
    """Return what a combination sets."""
    pairs = zip(digits, dimensions, strict=True)
    return {key: value for digit, dimension in pairs for key, value in dimension.at(digit).items()}


def with_most_memory(dimensions: Sequence[Dimension]) -> dict[str, Setting]:
    """Return the first combination, but with the largest preload buffer, which contradicts no smaller one elsewhere."""
    found: dict[str, Setting] = {}
    for dimension in dimensions:
        sizes = [measured(value).amount for value in dimension.values.get("preload_buffer", ())]
        found |= dimension.at(sizes.index(max(sizes)) if sizes else 0)
    return found


def keys_of(dimensions: Sequence[Dimension]) -> Iterator[str]:
    """Yield the keys that move."""
    for dimension in dimensions:
        yield from dimension.values
