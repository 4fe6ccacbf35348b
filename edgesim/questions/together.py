"""What is no single number of a file, but is asked for: both buffers as one, or how fast all of the flash is."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from edgesim.errors import InputError
from edgesim.questions.changing import changed_scenario
from edgesim.questions.keys import COMPUTE_SPEED, FLASH_SPEED, MEMORY
from edgesim.questions.parts import Part, processor_parts, storage_parts
from edgesim.questions.quantity import PERCENT, SIZE, Unit
from edgesim.scenario import Scenario

_SHARES = 8


@dataclass(frozen=True, slots=True)
class Buffers:
    """Preload and load buffer as one memory, shared between them in eighths, each way tried: the fuller first."""

    value: int | None
    key: str = MEMORY
    unit: Unit = SIZE

    def put(self, scenario: Scenario, number: int) -> Iterator[Scenario]:
        """Yield the scenario with each way to share so many bytes."""
        for eighths in range(_SHARES, -1, -1):
            kept = number * eighths // _SHARES
            yield scenario.model_copy(update={"preload_bytes": kept, "load_buffer_bytes": number - kept})


def buffers(scenario: Scenario) -> Buffers:
    """Return both buffers of a scenario as one; unlimited where the load buffer is.

    Raises
    ------
    InputError
        If it foresees other preload buffers, which would not change.
    """
    if any(change.preload_buffer is not None for change in scenario.schedule) or scenario.trim:
        raise InputError(f"{MEMORY}: {scenario.name} has a preload buffer that changes; search 'load_buffer'")
    room = scenario.load_buffer_bytes
    return Buffers(None if room is None else scenario.preload_bytes + room)


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast all of the flash or the processor is, as a share of what the profile says."""

    key: str
    parts: Callable[[Scenario], Iterable[Part]]
    value: int = 1000
    unit: Unit = PERCENT

    def put(self, scenario: Scenario, number: int) -> Iterator[Scenario]:
        """Yield the scenario with all times as much longer, and rates as much lower.

        Raises
        ------
        InputError
            If it would be no valid profile, or there is no such speed.
        """
        if number < 1:
            raise InputError(f"{self.key}: must be above 0 %")
        speed = Fraction(number, self.unit.typical)
        each = (part.changes(speed if part.speed else 1 / speed) for part in self.parts(scenario))
        yield changed_scenario(scenario, {where: form for changes in each for where, form in changes.items()})


SPEEDS = {
    FLASH_SPEED: Speed(FLASH_SPEED, storage_parts),
    COMPUTE_SPEED: Speed(COMPUTE_SPEED, processor_parts),
}
