"""Axes of pictures: round numbers, and where they stand."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple


class Tick(NamedTuple):
    """A mark at a place [px]."""

    at: float
    text: str


def ticks(low: float, high: float, place: Callable[[float], float], most: int = 5) -> list[Tick]:
    """Return a few round numbers from low to high at their places."""
    return [Tick(place(value), f"{value:,.10g}") for value in round_numbers(low, high, most)]


def round_numbers(low: float, high: float, most: int) -> Sequence[float]:
    """Return at most so many multiples of 1, 2 or 5 times a power of ten."""
    span = (high - low) or 1.0
    power = 10.0 ** math.floor(math.log10(span / most))
    step = next(power * factor for factor in (1, 2, 5, 10, 20) if span / (power * factor) <= most)
    return [
        round(number * step, 12) for number in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
    ]
