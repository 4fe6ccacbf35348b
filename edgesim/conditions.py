"""What disturbs a session: the storage, the processors and the memory; each switched on by its own section.

Chance is drawn from the scenario's seed, for each section apart; a section's own `seed` changes its draws alone.
Without any section nothing is drawn, and a session takes exactly the times of the profile.
"""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from pydantic import model_validator

from edgesim.clock import Contention, Thermal, powers_mw, steps_of
from edgesim.device import Device
from edgesim.document import Document, Where, mistakes
from edgesim.errors import choose
from edgesim.flash import FLASH, BackgroundIo, FlashPauses
from edgesim.jitter import MEASURED, Jitter
from edgesim.model import Geometry
from edgesim.pressure import MemoryPressure, pressure_mistakes
from edgesim.scatter import measures_layers, measures_reads

_GIVE = "measure it with edgesim profile, or give percentiles"


class Conditions(Document):
    """What disturbs a session; a section that is absent does nothing."""

    io_jitter: Jitter | None = None
    """Reads take a factor more or less than the profile says."""
    compute_jitter: Jitter | None = None
    """Layers take a factor more or less than the profile says."""
    background_io: tuple[BackgroundIo, ...] = ()
    """Requests of other processes to the same storage."""
    contention: Contention | None = None
    """Other work takes a share of a processor while it is on."""
    thermal: Thermal | None = None
    """Processors get hot, and a governor slows their clock."""
    flash_pauses: FlashPauses | None = None
    """The flash collects garbage, and begins no request meanwhile."""
    memory: MemoryPressure | None = None
    """Other apps take memory, and the system kills when little is free."""

    @model_validator(mode="after")
    def _names_differ(self) -> "Conditions":
        names = [source.name for source in self.background_io]
        twice = [number for number, name in enumerate(names) if name in names[:number]]
        found: list[tuple[Where, str]] = [
            (("background_io", number, "name"), f"is given twice, got '{names[number]}'") for number in twice
        ]
        if self.flash_pauses and self.flash_pauses.written and not any(source.write for source in self.background_io):
            found.append((("flash_pauses", "written"), "is never reached: no 'background_io' writes"))
        mistakes(found)
        return self

    @property
    def disturb_storage(self) -> bool:
        """Whether reads may take other times than those of the profile, or wait."""
        return self.io_jitter is not None or self.flash_pauses is not None or bool(self.background_io)

    @property
    def disturb_processors(self) -> bool:
        """Whether layers may take other times than those of the profile."""
        return any(part is not None for part in (self.compute_jitter, self.contention, self.thermal))


class Computing(NamedTuple):
    """An app of a session: its name, where it computes, and layers of which geometry."""

    app: str
    processor: str
    geometry: Geometry


def condition_mistakes(
    conditions: Conditions, device: Device, apps: Collection[Computing] = ()
) -> Iterator[tuple[Where, str]]:
    """Yield why a device or its apps cannot be disturbed so.

    Parameters
    ----------
    conditions
        What is to disturb.
    device
        The profile.
    apps
        All apps of the session.

    Yields
    ------
    tuple
        Location inside the conditions, and ``what, got; known or repair``.
    """
    yield from _jitter_mistakes(conditions, device, apps)
    yield from _name_mistakes(conditions, {app.app for app in apps})
    for key, section in (("contention", conditions.contention), ("thermal", conditions.thermal)):
        if section is not None and section.processor is not None and section.processor not in device.processors:
            known = choose(section.processor, device.processors)
            yield (key, "processor"), f"{device.name} has no '{section.processor}'; {known}"
    if conditions.thermal is not None:
        yield from _thermal_mistakes(conditions.thermal, device, {app.processor for app in apps})
    if conditions.memory is not None:
        capacity_bytes = device.memory.capacity if device.memory else None
        found = pressure_mistakes(conditions.memory, capacity_bytes)
        yield from ((("memory", *where), message) for where, message in found)


def _name_mistakes(conditions: Conditions, apps: Collection[str]) -> Iterator[tuple[Where, str]]:
    for number, source in enumerate(conditions.background_io):
        if source.name in apps:
            yield ("background_io", number, "name"), f"an app has that name, got '{source.name}'; choose another"
    if conditions.flash_pauses is not None and FLASH in apps:
        yield ("flash_pauses",), f"are reported under '{FLASH}', and an app has that name; choose another for it"


def _jitter_mistakes(
    conditions: Conditions, device: Device, apps: Collection[Computing]
) -> Iterator[tuple[Where, str]]:
    reads, layers = conditions.io_jitter, conditions.compute_jitter
    if reads and reads.quantiles == MEASURED and not measures_reads(device.statistics):
        yield ("io_jitter", "quantiles"), f"{device.name} has no measured distribution of reads; {_GIVE}"
    if layers is None or layers.quantiles != MEASURED:
        return
    for _, processor, geometry in {(app.processor, app.geometry.key): app for app in apps}.values():
        if not measures_layers(device.statistics, processor, geometry):
            message = f"{device.name} has no measured distribution of layers on {processor} for {geometry}"
            yield ("compute_jitter", "quantiles"), f"{message}; {_GIVE}"


def _thermal_mistakes(thermal: Thermal, device: Device, used: Collection[str]) -> Iterator[tuple[Where, str]]:
    parts = device.power.values if device.power else {}
    for name in sorted(set(used) & set(device.processors)):
        if thermal.processor not in {None, name}:
            continue
        steps = steps_of(thermal, device.processors[name])
        powers = [power for power in powers_mw(thermal, steps, parts.get(name)) if power is not None]
        if len(steps) < 2:
            message = f"{device.name} gives no slower steps for {name}"
            yield ("thermal", "clock"), f"{message}; write 'clock: {{steps: [{{speed: 100 %, power: 3 W}}, ..]}}'"
        elif len(powers) < len(steps):
            message = f"not every step of {name} has a power on {device.name}"
            yield ("thermal", "clock"), f"{message}; write 'clock' with a power for each, or 'power' for full speed"
        elif powers != sorted(powers, reverse=True):
            yield ("thermal", "power"), f"a slower step of {name} takes more power, got {powers} mW"
