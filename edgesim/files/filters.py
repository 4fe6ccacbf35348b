"""Which combinations of a sweep count: ``preload_buffer <= load_buffer``, ``device != jetson-nano``."""

import operator
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from edgesim.axes import parts_of
from edgesim.errors import choose
from edgesim.files.changes import NATIVE
from edgesim.files.dimensions import Dimension, bare
from edgesim.files.text import Text, scalar
from edgesim.quantities import NAME, NUMBER, TRUTH, UNLIMITED, Quantity, Setting, measured
from edgesim.scenario import Scenario

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
STILL = -1
"""The dimension of what does not move; its only entry is the first."""


class Operand(NamedTuple):
    """What is compared: one amount for each entry of a dimension."""

    dimension: int
    amounts: tuple[Any, ...]


class Filter(NamedTuple):
    """What must hold of the entries of a combination."""

    left: Operand
    compare: Callable[[Any, Any], bool]
    right: Operand


def filters_of(
    text: Text, where: Sequence[str], dimensions: Sequence[Dimension], fixed: Mapping[str, object]
) -> list[Filter]:
    """Return what must hold of a combination; mistakes are noted.

    Parameters
    ----------
    text
        The scenario's file.
    where
        The filters, as the file has them.
    dimensions
        What moves, in the order of the digits that the filters get.
    fixed
        What a caller has set.
    """
    found = []
    for number, one in enumerate(where):
        try:
            found.append(_filter(one, _Keys(text, dimensions, fixed)))
        except ValueError as error:
            text.mistake(("sweep", "where", number), str(error))
    return found


class _Keys(NamedTuple):
    text: Text
    dimensions: Sequence[Dimension]
    fixed: Mapping[str, object]

    def find(self, key: str) -> tuple[int, Sequence[Setting]] | None:
        """Return the dimension of a key and its values: those that are swept, or the one that the scenario has."""
        for number, dimension in enumerate(self.dimensions):
            for name, values in dimension.values.items():
                if bare(name) == bare(key):
                    return number, values
        for name, value in self.fixed.items():
            if bare(name) == bare(key):
                return (STILL, (value,)) if isinstance(value, Setting) else None
        return self._own(key)

    def _own(self, key: str) -> tuple[int, Sequence[Setting]] | None:
        value: Any = self.text.data
        for part in bare(key):
            value = value.get(part) if isinstance(value, dict) else None
        if value is None:
            value = _defaults().get(key)
        return (STILL, (value,)) if isinstance(value, Setting) else None

    @property
    def names(self) -> set[str]:
        """Keys that can be compared."""
        own = self.text.data if isinstance(self.text.data, dict) else {}
        scalars = {str(key) for key, value in own.items() if isinstance(value, Setting)}
        return {key for dimension in self.dimensions for key in dimension.values} | scalars | set(_defaults())


def _defaults() -> dict[str, Setting]:
    fields = {field.alias or name: field.default for name, field in Scenario.model_fields.items()}
    plain = {key: value for key, value in fields.items() if isinstance(value, Setting) and key in ("seed", "priority")}
    return plain | {"load_buffer": UNLIMITED, "throttle": NATIVE}


def _filter(text: str, keys: _Keys) -> Filter:
    left_key, sign, right_key = parts_of(text)
    left, right = keys.find(left_key), keys.find(right_key)
    if left is None:
        raise ValueError(f"'{left_key}' is neither swept nor one value of the scenario; {choose(left_key, keys.names)}")
    kinds = [_kinds(left[1])]
    if sign not in ("==", "!=") and kinds[0] in ([NAME], [TRUTH]):
        raise ValueError(f"a {kinds[0][0]} is equal or not; write == or !=, got {sign}")
    if right is None:
        value = scalar(right_key)
        right = STILL, (value if isinstance(value, Setting) else right_key,)
        _check_name(left_key, left[1], right[1][0])
    if left[0] == right[0] == STILL:
        raise ValueError("compares nothing that is swept, so it holds for all combinations or for none")
    operands = [
        Operand(number, tuple(_amount(measured(value)) for value in values)) for number, values in (left, right)
    ]
    kinds.append(_kinds(right[1]))
    if kinds[0] != kinds[1] or len(kinds[0]) > 1:
        raise ValueError(f"compares a {' or '.join(kinds[0])} with a {' or '.join(kinds[1])}")
    return Filter(operands[0], _COMPARE[sign], operands[1])


def _kinds(values: Sequence[Setting]) -> list[str]:
    return [NUMBER] if isinstance(values, range) else sorted({measured(value).kind for value in values})


def _check_name(key: str, values: Sequence[Setting], name: Setting) -> None:
    """Refuse a name that no combination has: it would be a mistake that nobody sees."""
    if isinstance(name, str) and measured(name).kind == NAME and name not in values:
        raise ValueError(f"'{name}' is no value of '{key}'; {choose(name, map(str, values))}")


def _amount(quantity: Quantity) -> object:
    """Return what can be compared fast: most amounts are whole."""
    amount = quantity.amount
    if not isinstance(amount, Fraction):
        return amount
    return int(amount) if amount.denominator == 1 else float(amount)
