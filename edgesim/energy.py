"""How much energy what happened takes: power x time of every part, exact; no number that the profile has not.

Powers [mW] times times [ns] are picojoules. Storage and processors are charged above idle, while they are busy
(`edgesim.busy`), a flash that collects garbage as one that writes; the idle power is the whole device's.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from edgesim.busy import FULL_SPEED, READ, WRITE, busy_ns
from edgesim.device import Device
from edgesim.processor import ClockStep
from edgesim.timeline import Timeline

PICOJOULES = 10**9  # in a millijoule
_IDLE = "idle"

Powers = Mapping[str, int]
"""Power of each part of a device that has one [mW]: those of `edgesim.busy`, and ``idle``."""


class Energy(NamedTuple):
    """Energy of some activity by component [pJ]; None where the profile lacks a power that it takes.

    What storage and processor take is above idle. `idle_pj` is None as well where nothing idle is meant, as for an app.
    """

    idle_pj: int | None
    storage_pj: int | None
    processor_pj: int | None

    @property
    def above_idle_pj(self) -> int | None:
        """Storage and processor."""
        return total_of((self.storage_pj, self.processor_pj))

    @property
    def total_pj(self) -> int | None:
        """All components."""
        return total_of(self)


def powers(device: Device, processor: str | None, steps: Sequence[ClockStep] | None = None) -> Powers:
    """Return the power of each part that the profile has one for [mW].

    Parameters
    ----------
    device
        The profile.
    processor
        What computes, or None where nothing does.
    steps
        Steps of the processor's clock, from full speed down, where they are not those of the profile.
    """
    parts = device.power.values if device.power else {}
    found = {part: parts[part] for part in (_IDLE, READ, WRITE) if part in parts}
    if processor is None:
        return found
    if steps is None:
        clock = device.processors[processor].clock if processor in device.processors else None
        steps = clock.steps if clock else ()
    found |= {FULL_SPEED: parts[processor]} if processor in parts else {}
    return found | {f"step{number}": step.power for number, step in enumerate(steps) if step.power is not None}


def energy(time: Mapping[str, int], power: Powers, *, computes: bool = True) -> Energy:
    """Return the energy of some activity above idle.

    Parameters
    ----------
    time
        How long each part was busy [ns], from `edgesim.busy.busy_ns`.
    power
        Their powers, from `powers`.
    computes
        Whether it has a processor at all: a background reader has none.

    Returns
    -------
    Energy
        A component is None if its usual power (reading; full speed) is unknown, or that of any part that was busy.
    """
    storage = {READ: 0} | {part: ns for part, ns in time.items() if part in {READ, WRITE}}
    steps = ({FULL_SPEED: 0} if computes else {}) | {part: ns for part, ns in time.items() if part not in storage}
    return Energy(None, _product(power, storage), _product(power, steps))


def energy_of(part: Timeline, device: Device, processor: str, steps: Sequence[ClockStep] | None = None) -> Energy:
    """Return the energy of one inference, everything in its timeline included; idle from the question to the answer.

    `steps` are those of the processor's clock where they are not the profile's.
    """
    power = powers(device, processor, steps)
    time = sum(busy_ns(part.spans).values(), Counter[str]())
    idle_ns = sum(request.finish_ns - request.arrival_ns for request in part.requests)
    return energy(time, power)._replace(idle_pj=idle_pj(device, idle_ns))


def idle_pj(device: Device, window_ns: int) -> int | None:
    """Return what a device takes over some time with nothing to do [pJ]; None where the profile does not say."""
    return _product(powers(device, None), {_IDLE: window_ns})


def battery_share(energy_pj: int, device: Device) -> float | None:
    """Return the part of a full battery that some energy is; None where the profile has no battery."""
    return energy_pj / (device.battery.capacity * PICOJOULES) if device.battery else None


def total_of(parts: Iterable[int | None]) -> int | None:
    """Return a sum; None, which is unknown, makes it unknown."""
    known = list(parts)
    return None if None in known else sum(pj for pj in known if pj is not None)


def _product(power: Powers, time: Mapping[str, int]) -> int | None:
    return sum(power[part] * ns for part, ns in time.items()) if power.keys() >= time.keys() else None
