"""Virtual time."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from simpy import Environment, Event
from simpy.events import EventPriority

_LAST = EventPriority(2)


class Clock(Environment):
    """Virtual time in whole nanoseconds: SimPy would take fractions, but every delay here is an integer."""

    if TYPE_CHECKING:
        now: int

    def settle(self, callback: Callable[[Event], None]) -> None:
        """Call back at this moment, when all else that happens at it has happened."""
        event = Event(self)
        event._ok, event._value, event.callbacks = True, None, [callback]  # as of a timeout
        self.schedule(event, priority=_LAST)
