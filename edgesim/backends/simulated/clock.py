"""Virtual time."""

from typing import TYPE_CHECKING

from simpy import Environment


class Clock(Environment):
    """Virtual time in whole nanoseconds: SimPy would take fractions, but every delay here is an integer."""

    if TYPE_CHECKING:
        now: int
