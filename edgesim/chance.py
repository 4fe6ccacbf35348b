"""Durations and numbers that are left to chance: how files write them, and how they are drawn."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from edgesim.document import Document
from edgesim.drawn import Drawn
from edgesim.units import LARGEST, Nanoseconds, show_ns

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

_BLOCK = 1024  # draws at a time: 20 times as fast as one by one
_MOST = 10_000


def _rising(ends: tuple[int, int]) -> tuple[int, int]:
    if ends[0] > ends[1]:
        raise ValueError(f"must be from the least to the most, got {list(ends)}")
    return ends


def _later(ends: tuple[int, int]) -> tuple[int, int]:
    if ends[0] > ends[1]:
        raise ValueError(f"must be from the least to the most, got {show_ns(ends[0])} and {show_ns(ends[1])}")
    return ends


def _both_ends(value: object) -> object:
    if isinstance(value, list | tuple):
        return value
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MOST:
        raise ValueError(f"must be a whole number from 1 to {_MOST}, or a range such as [1, 3], got {str(value)[:60]}")
    return value, value


_Number = Annotated[int, Field(ge=1, le=_MOST, strict=True)]
_NUMBER = {"type": "integer", "minimum": 1, "maximum": _MOST}
Numbers = Annotated[
    tuple[_Number, _Number],
    BeforeValidator(_both_ends),
    AfterValidator(_rising),
    WithJsonSchema({"anyOf": [_NUMBER, {"type": "array", "items": _NUMBER, "minItems": 2, "maxItems": 2}]}),
]
"""A whole number, in a file ``2``, or ``[1, 3]`` for each from 1 to 3 equally often: the least and the most."""


class Lognormal(Document):
    """A duration whose logarithm is normally distributed."""

    median: Annotated[Nanoseconds, Field(gt=0)]
    """Half of all durations are below it."""
    sigma: Annotated[float, Field(gt=0, le=5)]
    """Standard deviation of the duration's natural logarithm."""


class Chance(Drawn):
    """A duration: always the same, or drawn from a distribution.

    In a file it is one of ``10 s``, ``{exponential: 10 s}`` with the mean, ``{uniform: [1 s, 5 s]}`` with the least and
    the most, and ``{lognormal: {median: 10 s, sigma: 0.5}}``. What is drawn is rounded to the nearest nanosecond, and
    never exceeds 2**53 ns.
    """

    what = "a duration"
    examples = "'10 s', {exponential: 10 s}, {uniform: [1 s, 5 s]} or {lognormal: {median: 10 s, sigma: 0.5}}"
    constant: Nanoseconds | None = None
    """Always this duration."""
    exponential: Annotated[Nanoseconds, Field(gt=0)] | None = None
    """Drawn from an exponential distribution with this mean."""
    uniform: Annotated[tuple[Nanoseconds, Nanoseconds], AfterValidator(_later)] | None = None
    """Any duration from the least to the most, each as likely."""
    lognormal: Lognormal | None = None
    """Drawn from a lognormal distribution."""


def durations_ns(chance: Chance, generator: "Generator") -> Iterator[int]:
    """Draw durations without end.

    Parameters
    ----------
    chance
        What they are drawn from; a constant one takes nothing from the generator.
    generator
        Where randomness comes from; durations are drawn ahead of their use, in blocks.

    Yields
    ------
    int
        A duration [ns], from 0 to 2**53.
    """
    if chance.constant is not None:
        while True:
            yield chance.constant
    while True:
        yield from _block(chance, generator).tolist()


def exponentials_ns(mean_ns: float, generator: "Generator") -> Iterator[int]:
    """Draw durations of an exponential distribution without end, rounded to the nearest nanosecond.

    Parameters
    ----------
    mean_ns
        Their mean [ns], before rounding.
    generator
        Where randomness comes from; see `durations_ns`.
    """
    while True:
        yield from _rounded(generator.standard_exponential(_BLOCK) * mean_ns).tolist()


def numbers(ends: tuple[int, int], generator: "Generator") -> Iterator[int]:
    """Draw whole numbers from the least to the most without end, each equally often."""
    least, most = ends
    while True:
        yield from generator.integers(least, most, _BLOCK, endpoint=True).tolist()


def _block(chance: Chance, generator: "Generator") -> "NDArray[Any]":
    if chance.exponential is not None:
        return _rounded(generator.standard_exponential(_BLOCK) * chance.exponential)
    if chance.uniform is not None:
        return generator.integers(*chance.uniform, _BLOCK, endpoint=True)
    law = chance.lognormal
    if law is None:
        raise ValueError("a duration that is neither constant nor has a distribution cannot be drawn")
    return _rounded(generator.lognormal(0.0, law.sigma, _BLOCK) * law.median)


def _rounded(times_ns: "NDArray[Any]") -> "NDArray[Any]":
    """Round half up; numpy's own rounding goes to even numbers."""
    import numpy as np

    whole: NDArray[Any] = np.floor(np.minimum(times_ns, LARGEST) + 0.5)
    return whole.astype(np.int64)
