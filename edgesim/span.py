"""Values from one end to another, in equal steps or at equal ratios: ``{from: 1 MB, to: 64 MB, log: 7}``."""

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Annotated, Any

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from edgesim.document import Document, Where, mistakes
from edgesim.quantities import Quantity, Setting, measured, written

MOST_VALUES, MOST_NUMBERS = 10**5, 10**6
"""Whole numbers are not listed, so that there may be more of them."""
_HALF = Fraction(1, 2)
_DIGITS = 40  # more than any quantity has: it is rounded to a whole number once
_SHOWN_DIGITS = 12


def _plain(value: object) -> object:
    if not isinstance(value, bool | int | float | str):
        repair = "; no throttle is 'native', no limit 'unlimited'" if value is None else ""
        raise ValueError(f"must be one value: text, a number, true or false, got {shown_value(value)}{repair}")  # noqa: TRY004
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"must be a finite number, got {value}")
    measured(value)
    return value


def shown_value(value: object) -> str:
    """Return what a file has as a message shows it."""
    return "nothing" if value is None else str(value)[:60]


Value = Annotated[Any, AfterValidator(_plain), WithJsonSchema({"type": ["string", "number", "boolean"]})]
_Many = Annotated[int, Field(ge=2, le=MOST_VALUES, strict=True)]


class Span(Document):
    """Values from one end to another, with exactly one of `step`, `num` and `log`.

    Both ends are exact. Quantities are whole numbers of their smallest unit, and plain numbers of `num` and `log` are
    whole if both ends are written so, ``1`` and not ``1.0``; what then repeats is left out.
    """

    from_: Annotated[Value, Field(alias="from")]
    """The first value."""
    to: Value
    """The last value; with `step` none is beyond it."""
    step: Value = None
    """How far each value is from the one before."""
    num: _Many | None = None
    """How many values there are, evenly spaced."""
    log: _Many | None = None
    """How many values there are, at equal ratios."""

    @model_validator(mode="after")
    def _holds(self) -> "Span":
        mistakes(list(_span_mistakes(self)))
        return self

    @property
    def _is_counted(self) -> bool:
        return all(type(value) is int for value in (self.from_, self.to, self.step))

    @property
    def is_whole(self) -> bool:
        """Whether the ends are plain whole numbers, so that all values are."""
        return type(self.from_) is int and type(self.to) is int

    @property
    def most(self) -> int:
        """How many values there may be."""
        return MOST_NUMBERS if self._is_counted else MOST_VALUES

    @property
    def values(self) -> Sequence[Setting]:
        """All values, rising."""
        start, end = (measured(value) for value in (self.from_, self.to))
        if self._is_counted:
            return range(self.from_, self.to + 1, self.step)
        whole = start.unit is not None or (self.step is None and self.is_whole)
        rounded = (Fraction(math.floor(amount + _HALF)) if whole else amount for amount in self._amounts(start, end))
        values = (written(amount, start) for amount in dict.fromkeys(rounded))
        return tuple(float(f"{value:.{_SHOWN_DIGITS}g}") if isinstance(value, float) else value for value in values)

    def _amounts(self, start: Quantity, end: Quantity) -> Iterator[Fraction]:
        low, high = Fraction(start.amount), Fraction(end.amount)
        if self.step is not None:
            step = Fraction(measured(self.step).amount)
            yield from (low + number * step for number in range(int((high - low) / step) + 1))
            return
        last = (self.num or self.log or 2) - 1
        for number in range(last + 1):
            if number in (0, last):
                yield high if number else low
            elif self.num is not None:
                yield low + (high - low) * number / last
            else:
                yield _between(low, high, Fraction(number, last))


def _between(low: Fraction, high: Fraction, share: Fraction) -> Fraction:
    """Return what lies so far between two numbers by their ratio: the same on every machine."""
    with localcontext(prec=_DIGITS):
        start, end, part = (Decimal(one.numerator) / Decimal(one.denominator) for one in (low, high, share))
        return Fraction(start * (end / start) ** part)


def _span_mistakes(span: Span) -> Iterator[tuple[Where, str]]:
    forms = [name for name in ("step", "num", "log") if getattr(span, name) is not None]
    if len(forms) != 1:
        yield (), f"give exactly one of 'step', 'num' and 'log', got {' and '.join(forms) or 'none'}"
        return
    given = {"from": span.from_, "to": span.to} | ({} if span.step is None else {"step": span.step})
    found = {name: measured(value) for name, value in given.items()}
    for name, one in found.items():
        if not one.is_number or one.amount == math.inf:
            yield (name,), f"must be a number, or a quantity with its unit, got {given[name]}"
            return
        if one.kind != found["from"].kind:
            yield (name,), f"is a {one.kind}, but 'from' is a {found['from'].kind}, got {given[name]}"
            return
    yield from _order_mistakes(span, {name: Fraction(one.amount) for name, one in found.items()})


def _order_mistakes(span: Span, amounts: dict[str, Fraction]) -> Iterator[tuple[Where, str]]:
    start, end, step = amounts["from"], amounts["to"], amounts.get("step")
    if start >= end:
        yield ("to",), f"must be above 'from', got {span.to} after {span.from_}"
    elif step is not None and step <= 0:
        yield ("step",), f"must be above 0, got {span.step}"
    elif step is not None and (end - start) / step >= span.most:
        yield ("step",), f"makes more than {span.most:,} values, got {span.step}"
    elif span.num is not None and span.is_whole and span.num > end - start + 1:
        yield ("num",), (f"there are only {int(end - start) + 1} whole numbers from {span.from_} to {span.to}, got"
                         f" {span.num}; write {span.from_}.0 for fractions")  # fmt: skip
    elif span.log is not None and start <= 0:
        yield ("from",), f"must be above 0, or there are no equal ratios, got {span.from_}"
