"""The points of a sweep by their numbers: made one by one when they are asked for, and never listed.

A point is a combination of swept values with one planner. Points are numbered as nested loops meet them: outside what
changes the device, the model or anything else but the budget, in the middle the planners, inside targets and buffers.
What the outer loops choose is the base of a point.
"""

import math
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from edgesim.choice import PlannerChoice
from edgesim.errors import InputError
from edgesim.files.dimensions import BUDGET, Dimension, digits_of, keys_of, settings_of, size_of, with_most_memory
from edgesim.files.filters import STILL, Filter, Operand
from edgesim.files.library import Library
from edgesim.files.read import read_as
from edgesim.quantities import Setting, column_of, measured, plain
from edgesim.scenario import Scenario

_MOST_BASES = 128
_NAMED = (*BUDGET, "device", "processor", "model", "throttle")
"""Keys that have columns of their own."""


class Case(NamedTuple):
    """What a point asks, in numbers; `room_bytes` is the room of the load buffer, None if unlimited."""

    index: int  # type: ignore[assignment]  # no one looks for an item of it
    base: int
    planner: int
    target_ns: int
    preload_bytes: int
    room_bytes: int | None


@dataclass(eq=False)
class Space:
    """The points of a sweep; it can be sent elsewhere, and needs no file there but those of planners.

    Parameters
    ----------
    path, library, fixed
        The scenario's file, what was read of it and others, and what a caller has set.
    name
        Of the scenario.
    planners
        What is asked at each combination.
    bases, budgets
        What moves: the outer loops and the inner ones.
    filters
        What must hold of a combination.
    own
        Target, preload buffer and load buffer of the scenario itself, where they do not move.
    names
        Device, processor and model of the scenario itself.
    """

    path: Path
    library: Library
    fixed: Mapping[str, object]
    name: str
    planners: tuple[PlannerChoice, ...]
    bases: tuple[Dimension, ...]
    budgets: tuple[Dimension, ...]
    filters: tuple[Filter, ...]
    own: Mapping[str, int | None]
    names: Mapping[str, str]
    _read: "OrderedDict[int, Scenario | str]" = field(default_factory=OrderedDict, repr=False)

    def __post_init__(self) -> None:
        """Put together what every point needs."""
        self.keys = (*keys_of(self.bases), *keys_of(self.budgets))
        self._n_budgets = size_of(self.budgets)
        self._length = size_of(self.bases) * len(self.planners) * self._n_budgets
        places = range(len(self.bases), len(self.bases) + len(self.budgets))
        self._inner = [*zip(places, map(len, self.budgets), strict=True)][::-1]
        self._slots = tuple(self._slot(key) for key in BUDGET)
        self.columns = {key: column_of(values) for key, values in self._values() if key not in _NAMED}
        self._most_memory = with_most_memory(self.budgets)
        self._last: tuple[int, list[int]] = (-1, [])

    def __len__(self) -> int:
        """Return how many points there are before any is filtered out."""
        return self._length

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the scenarios that were made: they can be made again."""
        return self.__dict__ | {"_read": OrderedDict(), "_last": (-1, [])}

    @property
    def inputs(self) -> dict[str, str]:
        """The SHA-256 of every file that points are made of."""
        return dict(sorted(self.library.inputs.items()))

    @property
    def axes(self) -> dict[str, tuple[str, ...]]:
        """The values of each key, as text."""
        return {key: tuple(map(plain, values)) for key, values in self._values()}

    def _values(self) -> list[tuple[str, Sequence[Setting]]]:
        return [item for dimension in (*self.bases, *self.budgets) for item in dimension.values.items()]

    def _slot(self, key: str) -> Operand:
        """Return the amounts that a key of the budget can have, and which digit says which."""
        for number, dimension in enumerate((*self.bases, *self.budgets)):
            if key in dimension.values:
                amounts = (measured(value).amount for value in dimension.values[key])
                return Operand(number, tuple(None if one == math.inf else math.ceil(one) for one in amounts))  # type: ignore[arg-type]
        return Operand(STILL, (self.own[key],))

    def _digits(self, base: int, budget: int) -> list[int]:
        """Return the entry of each dimension; the last is that of what does not move."""
        if self._last[0] != base:
            self._last = base, [*digits_of(base, self.bases), *[0] * len(self.budgets), 0]
        digits = self._last[1].copy()
        for place, size in self._inner:
            budget, digits[place] = divmod(budget, size)
        return digits

    def _split(self, index: int) -> tuple[int, int, int]:
        """Return base, planner and budget of a point."""
        if not 0 <= index < self._length:
            raise IndexError(f"point {index} of {self._length}")
        rest, budget = divmod(index, self._n_budgets)
        base, planner = divmod(rest, len(self.planners))
        return base, planner, budget

    def case(self, index: int) -> Case | None:
        """Return what a point asks, or None if a filter leaves it out."""
        base, planner, budget = self._split(index)
        digits = self._digits(base, budget)
        for (left, lefts), compare, (right, rights) in self.filters:
            if not compare(lefts[digits[left]], rights[digits[right]]):
                return None
        (target, targets), (preload, preloads), (room, rooms) = self._slots
        return Case(index, base, planner, targets[digits[target]], preloads[digits[preload]], rooms[digits[room]])

    def settings(self, index: int) -> dict[str, Setting]:
        """Return what every swept key is set to at a point, to read its scenario with: `edgesim.read_scenario`."""
        base, _, budget = self._split(index)
        return settings_of(self._digits(base, budget)[:-1], (*self.bases, *self.budgets))

    def values(self, index: int) -> dict[str, int | float | str]:
        """Return the values at a point of keys without a column of their own, quantities in their smallest unit."""
        settings = self.settings(index)
        return {key: column.value(settings[key]) for key, column in self.columns.items()}

    def base(self, number: int) -> Scenario:
        """Return the scenario of a base; its target and buffers are those of one of its points.

        Raises
        ------
        InputError
            If there is no such scenario: a device lacks the processor, or was not measured for the model.
        """
        found = self._read.get(number)
        if found is None:
            found = self._read[number] = self._made(number)
            if len(self._read) > _MOST_BASES:
                self._read.popitem(last=False)
        else:
            self._read.move_to_end(number)
        if isinstance(found, str):
            raise InputError(found)
        return found

    def _made(self, number: int) -> Scenario | str:
        settings = settings_of(digits_of(number, self.bases), self.bases)
        try:
            return self._scenario(settings | self._most_memory)
        except InputError as error:
            return str(error)

    def _scenario(self, settings: Mapping[str, object]) -> Scenario:
        return read_as(Scenario, self.path, {**self.fixed, **settings}, self.library)

    def scenario(self, case: Case) -> Scenario:
        """Return the whole scenario of a point, with its planner.

        Raises
        ------
        InputError
            If there is no such scenario.
        """
        base, choice = self.base(case.base), (self.planners[case.planner],)
        if base.trim is not None:  # it must not keep more than the preload buffer
            return self._scenario(self.settings(case.index)).model_copy(update={"planner": choice})
        budget = settings_of(digits_of(case.index % self._n_budgets, self.budgets), self.budgets)
        changes = base.changes | {key: str(value) for key, value in budget.items()}  # as the reader notes them
        return base.model_copy(update={
            "planner": choice,
            "target_latency_ns": case.target_ns,
            "preload_bytes": case.preload_bytes,
            "load_buffer_bytes": case.room_bytes,
            "changes": changes,
        })  # fmt: skip
