"""What callers ask with -> what is meant: numbers of a base unit or texts with units, shares, planners by label."""

from collections.abc import Iterable
from math import isfinite
from numbers import Integral, Real

from edgesim.choice import PlannerChoice
from edgesim.errors import InputError
from edgesim.files import read_choice
from edgesim.questions.quantity import Unit, read_share
from edgesim.units import LARGEST

EXACT = "exact"
"""A precision: neighbours."""


class OptionError(InputError):
    """An option is wrong; the message begins with its name."""


def amount_of(value: object, unit: Unit, option: str) -> int:
    """Return an integer of a base unit for itself, or for a quantity as files write it.

    Raises
    ------
    OptionError
        If it is neither.
    """
    if isinstance(value, str):
        try:
            return unit.read(value, option)
        except InputError as error:
            raise OptionError(str(error)) from error
    number = _whole(value)
    if number is None:
        example = f"'{unit.text(unit.typical)}' or a whole number of {unit.base}" if unit.base else "a whole number"
        raise OptionError(f"{option}: must be {example}, got {value!r}")
    if not 0 <= number <= LARGEST:
        raise OptionError(f"{option}: must be from 0 to 2**53, got {number}")
    return number


def _whole(value: object) -> int | None:
    if isinstance(value, Integral):
        return None if isinstance(value, bool) else int(value)
    return int(float(value)) if isinstance(value, Real) and float(value).is_integer() else None


def share_of(value: object, option: str) -> float:
    """Return a share for itself, or for a text such as ``10 %``.

    Raises
    ------
    OptionError
        If it is neither.
    """
    if isinstance(value, str):
        try:
            return read_share(value, option)
        except InputError as error:
            raise OptionError(str(error)) from error
    if isinstance(value, bool) or not isinstance(value, Real) or not isfinite(value):
        raise OptionError(f"{option}: must be a share such as '5 %' or 0.05, got {value!r}")
    return float(value)


def part_of(value: object, option: str) -> float:
    """Return a share of at most all.

    Raises
    ------
    OptionError
        If it is none.
    """
    found = share_of(value, option)
    if not 0 <= found <= 1:
        raise OptionError(f"{option}: must be from 0 to 1, got {found:g}")
    return found


def quality_of(value: object, option: str) -> float:
    """Return a number from 0 to 1, which may be written as a text, in percent as well.

    Raises
    ------
    OptionError
        If it is none.
    """
    if isinstance(value, str) and "%" not in value:
        try:
            return part_of(float(value), option)
        except ValueError:
            raise OptionError(f"{option}: must be a number from 0 to 1, got '{value}'") from None
    return part_of(value, option)


def precision_of(value: object, option: str = "precision") -> float:
    """Return how close two values must be, as a share: ``exact`` is 0.

    Raises
    ------
    OptionError
        If it is no share below 1.
    """
    found = 0.0 if value == EXACT else share_of(value, option)
    if not 0 <= found < 1:
        raise OptionError(f"{option}: must be at least 0 % and below 100 %, got {100 * found:g} %")
    return found


def range_of(value: object, unit: Unit, option: str = "between") -> tuple[int, int]:
    """Return two values, the smaller one first.

    Raises
    ------
    OptionError
        If they are not two, or the first is not the smaller one.
    """
    ends = list(value) if isinstance(value, Iterable) and not isinstance(value, str) else [value]
    if len(ends) != 2:
        raise OptionError(f"{option}: must be two values, a smaller and a larger one, got {value!r}")
    low, high = (amount_of(end, unit, option) for end in ends)
    if low >= high:
        raise OptionError(f"{option}: must be a smaller and a larger value, got {unit.text(low)} and {unit.text(high)}")
    return low, high


def choice_of(value: object, option: str = "planner") -> PlannerChoice:
    """Return a planner for itself or for its label.

    Raises
    ------
    InputError
        If it is neither.
    """
    if isinstance(value, PlannerChoice):
        return value
    if not isinstance(value, str):
        raise OptionError(f"{option}: must be a label such as 'std_pipeline[bitwidth=6]', got {value!r}")
    return read_choice(value)


def choices_of(value: object, option: str = "planners") -> list[PlannerChoice]:
    """Return several planners; one alone need not be in a list.

    Raises
    ------
    InputError
        If one of them is none.
    """
    if isinstance(value, Iterable) and not isinstance(value, str | PlannerChoice):
        return [choice_of(one, option) for one in value]
    return [choice_of(value, option)]
