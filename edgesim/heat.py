"""How hot a processor gets, and what its governor makes of that: one temperature, in closed form between changes."""

import math
from collections.abc import Sequence

from edgesim.clock import Thermal

_MILLIWATTS = 1000  # in a watt


class Heat:
    """A processor's temperature and clock step, up to some moment; `edgesim.clock.Thermal` says by which rules.

    Parameters
    ----------
    thermal
        The rules.
    powers_mw
        Power of each step of the clock while busy [mW], from full speed down.
    """

    __slots__ = ("_ambient", "_low", "_poll", "_rises", "_tau", "_trip", "now_ns", "step", "temperature")

    def __init__(self, thermal: Thermal, powers_mw: Sequence[int]) -> None:
        self._ambient, self._trip = thermal.ambient, thermal.trip
        self._low = thermal.trip - thermal.hysteresis
        self._tau, self._poll = thermal.time_constant, thermal.poll
        self._rises = [thermal.resistance * power / _MILLIWATTS for power in powers_mw]
        self.now_ns = self.step = 0
        self.temperature = float(thermal.ambient if thermal.start is None else thermal.start)
        """Now [mK on the Celsius scale]."""

    def go(self, limit_ns: int, busy: float) -> int:
        """Go on until a moment, or until the governor changes the step before it, or then.

        Parameters
        ----------
        limit_ns
            The moment, not before `now_ns`.
        busy
            Which part of the time the processor is busy meanwhile, from 0 to 1.

        Returns
        -------
        int
            The moment reached [ns]; the step is that from there on.
        """
        target = self._ambient + busy * self._rises[self.step]
        change = self._next_change(limit_ns, target)
        reached = limit_ns if change is None else change
        self.temperature = self._at(reached, target)
        self.now_ns = reached
        if change is not None:
            self.step += -1 if self.temperature < self._low else 1
        return reached

    def _at(self, when_ns: int, target: float) -> float:
        return target + (self.temperature - target) * math.exp((self.now_ns - when_ns) / self._tau)

    def _next_change(self, limit_ns: int, target: float) -> int | None:
        """Return the first poll, if any until a moment, that changes the step; until then the power stays."""
        first = (self.now_ns // self._poll + 1) * self._poll
        if first > limit_ns:
            return None
        if self.step and self._at(first, target) < self._low:
            return first
        if target > self.temperature:
            slower = self.step + 1 < len(self._rises) and target > self._trip
            return self._first_poll(self._trip, limit_ns, target) if slower else None
        faster = self.step and target < self._low
        return self._first_poll(self._low, limit_ns, target) if faster else None

    def _first_poll(self, level: int, limit_ns: int, target: float) -> int | None:
        """Return the first poll at which the temperature has risen to a level or fallen below it."""
        rising = target > self.temperature
        crossed = self.now_ns + self._tau * math.log((self.temperature - target) / (level - target))
        first = self.now_ns // self._poll + 1
        number = max(first, math.ceil(crossed / self._poll) - 1)  # floating point may be a poll too late
        while (when := number * self._poll) <= limit_ns:
            temperature = self._at(when, target)
            if temperature >= level if rising else temperature < level:
                return when
            number += 1
        return None
