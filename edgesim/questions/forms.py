"""What a field of a document is, by its type: its unit, and how files write its values."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Annotated, Any, get_args, get_origin

from edgesim.clock import MilliCelsius, MilliKelvin, MilliKelvinPerWatt
from edgesim.questions.quantity import UNITS, Unit, decimal
from edgesim.units import Rate, RateOrTime, Share, Speed


def _reads(alias: object) -> object:
    """Return the function that reads a type of `edgesim.units`; it tells one from another."""
    return next(found for found in map(_function, get_args(alias)[1:]) if found is not None)


def _function(metadata: object) -> object:
    return getattr(metadata, "func", None)


_BY_READER = {_reads(unit.parsed): unit for unit in UNITS}
_FORMS: dict[object, Callable[[Any], object]] = {
    _reads(RateOrTime): lambda value: f"{value[1]} {'ns' if value[0] == 'ns' else 'B/s'}",
    _reads(Share): lambda value: f"{decimal(Fraction(repr(value)) * 100)} %",
    _reads(Speed): lambda value: f"{decimal(value * 100)} %",
    _reads(Rate): lambda value: value,
    _reads(MilliCelsius): lambda value: f"{decimal(Fraction(value, 1000))} C",
    _reads(MilliKelvin): lambda value: f"{decimal(Fraction(value, 1000))} K",
    _reads(MilliKelvinPerWatt): lambda value: f"{decimal(Fraction(value, 1000))} K/W",
}
"""How files write what `Unit` is not for, or another way."""


def _readers(hint: object, metadata: tuple[object, ...]) -> Iterator[object]:
    yield from filter(None, map(_function, metadata))
    if get_origin(hint) is Annotated:
        inner, *more = get_args(hint)
        yield from _readers(inner, tuple(more))
    else:
        yield from (found for inner in get_args(hint) for found in _readers(inner, ()))


def unit_of(hint: object, metadata: tuple[object, ...] = ()) -> Unit | None:
    """Return the unit of a field by its type, or None where it is no quantity."""
    return next((_BY_READER[reader] for reader in _readers(hint, metadata) if reader in _BY_READER), None)


def is_quantity(hint: object, metadata: tuple[object, ...] = ()) -> bool:
    """Tell whether the values of a type are quantities themselves, not collections of them."""
    own = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    return any(_function(one) in _FORMS or _function(one) in _BY_READER for one in (*own, *metadata))


def is_plain(hint: object, metadata: tuple[object, ...] = ()) -> bool:
    """Tell whether the values of a type are written as they are."""
    return not list(_readers(hint, metadata))


def file_form(value: Any, hint: object, metadata: tuple[object, ...] = ()) -> object:  # noqa: ANN401  (any field)
    """Return what a file would have for one value of a document that has neither keys nor items."""
    readers = list(_readers(hint, metadata))
    special = next((_FORMS[reader] for reader in readers if reader in _FORMS), None)
    if special is not None:
        return special(value)
    unit = unit_of(hint, metadata)
    return value if unit is None or value is None else unit.form(unit.number(value))
