"""What slows a processor down: heat, and other work; as scenarios describe it.

The parameters are illustrative: no profile has been measured for them.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from edgesim.chance import Chance
from edgesim.document import Document, Name, Where, mistakes
from edgesim.processor import ClockStep, ClockSteps, Processor
from edgesim.units import Milliwatts, Nanoseconds, Speed, parse

Seed = Annotated[int, Field(ge=0, lt=2**53, strict=True)]
"""Of a disturbance that shall draw otherwise than the scenario's seed says; the others then draw as before."""
_MILLI = 1000
_COLDEST = -273_150


def _measure(value: object, units: Mapping[str, int], example: str) -> int:
    text = str(value).strip()
    if text.startswith("-"):
        return -parse(text[1:], units, example)
    return parse(value, units, example)


def _quantity(units: Mapping[str, int], example: str) -> tuple[BeforeValidator, WithJsonSchema]:
    schema = {
        "type": "string",
        "pattern": rf"^\s*-?[0-9.]+\s*({'|'.join(units)})\s*$",
        "patternErrorMessage": f"a number with a unit ({', '.join(units)}), for example '{example}'",
        "examples": [example],
    }
    return BeforeValidator(lambda value: _measure(value, units, example)), WithJsonSchema(schema)


MilliCelsius = Annotated[int, *_quantity({"°C": _MILLI, "C": _MILLI}, "75 C"), Field(ge=_COLDEST)]
"""A temperature, in a file ``75 C``."""
MilliKelvin = Annotated[int, *_quantity({"K": _MILLI}, "5 K"), Field(ge=0)]
"""A difference of temperatures, in a file ``5 K``."""
MilliKelvinPerWatt = Annotated[int, *_quantity({"K/W": _MILLI}, "12 K/W"), Field(gt=0)]
"""How much hotter a watt makes it in the long run, in a file ``12 K/W``."""


def endless(where: Where, chance: Chance | None) -> Iterator[tuple[Where, str]]:
    """Yield why a duration that is always 0 would repeat without end at one moment."""
    if chance is not None and (chance.constant == 0 or (chance.uniform and chance.uniform[1] == 0)):
        yield where, "must not always be 0"


class Contention(Document):
    """Other work on a processor: while it is active, it takes a share of it.

    What others compute is in nobody's energy, but it heats.
    """

    processor: Name | None = None
    """The processor that is disturbed; by default each one, on its own."""
    share: Speed
    """What the other work takes of the processor while it is active, below 100 %."""
    active: Chance
    """How long the other work goes on each time."""
    idle: Chance
    """How long there is none each time, first of all."""
    seed: Seed | None = None
    """Of this disturbance alone, in place of the scenario's: the others draw as before."""

    @model_validator(mode="after")
    def _leaves_some(self) -> "Contention":
        found = [(("share",), "must be below 100 %, or nothing else would ever be computed")] if self.share >= 1 else []
        mistakes([*found, *endless(("active",), self.active)])
        return self


class Thermal(Document):
    """A first-order thermal model of a processor, and a governor that slows its clock when it gets hot.

    The temperature follows ``dT/dt = (ambient + resistance * power - T) / time_constant``, where power is that of the
    clock's step while the processor is busy, else 0. Every `poll` the governor looks: at or above `trip` and getting
    hotter, the clock goes one step slower; below `trip` by more than `hysteresis`, one step faster; between the two it
    stays.

    Notes
    -----
    After ``step_wise``, a governor of the Linux kernel, with one trip point that is polled
    (https://github.com/torvalds/linux/blob/00211025270741a6190df2cf01747723ef673a1f/drivers/thermal/gov_step_wise.c),
    and hysteresis below it as device trees describe it
    (https://www.kernel.org/doc/Documentation/devicetree/bindings/thermal/thermal-zones.yaml). The kernel takes the
    trend from two readings, this model from the slope; the kernel demands a falling trend to speed up, this model does
    not.

    An exponential law is accurate enough for small systems on chip: K. De Vogeleer, P. Jouvelot, G. Memmi, Theoretical
    analysis of radiative cooling for mobile and embedded systems, https://arxiv.org/abs/1410.0628.
    """

    processor: Name | None = None
    """The processor that gets hot; by default each one is a zone of its own."""
    ambient: MilliCelsius
    """Temperature that the idle processor has in the long run, in its case."""
    resistance: MilliKelvinPerWatt
    """How much hotter each watt makes it in the long run."""
    time_constant: Annotated[Nanoseconds, Field(gt=0)]
    """Time in which it gets 63 % of the way to the temperature of the long run."""
    trip: MilliCelsius
    """From this temperature on, if it gets hotter, the governor takes the next slower step."""
    hysteresis: MilliKelvin
    """How far below `trip` it must be for the next faster step."""
    poll: Annotated[Nanoseconds, Field(gt=0)]
    """How often the governor looks, counted from time 0."""
    start: MilliCelsius | None = None
    """Temperature at time 0; by default `ambient`."""
    power: Milliwatts | None = None
    """Power above idle at full speed, in place of the profile's."""
    clock: ClockSteps | None = None
    """The steps of the clock, in place of the profile's; each needs a power."""

    @model_validator(mode="after")
    def _can_cool_down(self) -> "Thermal":
        mistakes(list(_thermal_mistakes(self)))
        return self


def _thermal_mistakes(thermal: Thermal) -> Iterator[tuple[Where, str]]:
    if thermal.trip - thermal.hysteresis <= thermal.ambient:
        yield (
            ("hysteresis",),
            (
                "the clock would never recover: 'trip' less 'hysteresis' is "
                f"{_celsius(thermal.trip - thermal.hysteresis)}, not above 'ambient' with {_celsius(thermal.ambient)}"
            ),
        )
    if thermal.start is not None and thermal.start < thermal.ambient:
        yield ("start",), f"is {_celsius(thermal.start)}, below 'ambient' with {_celsius(thermal.ambient)}"
    if thermal.poll > thermal.time_constant:
        yield ("poll",), "is longer than 'time_constant'; the governor would not see it get hot"
    if thermal.clock and thermal.power not in {None, thermal.clock.steps[0].power or thermal.power}:
        yield ("power",), "differs from that of the first step of 'clock'; keep one"


def _celsius(milli: int) -> str:
    return f"{milli / _MILLI:g} C"


def steps_of(thermal: Thermal | None, processor: Processor) -> tuple[ClockStep, ...]:
    """Return the steps of a processor's clock, from full speed down: the scenario's, or else the profile's."""
    clock = thermal.clock if thermal and thermal.clock else processor.clock
    return clock.steps if clock else ()


def powers_mw(thermal: Thermal, steps: Sequence[ClockStep], full_mw: int | None) -> tuple[int | None, ...]:
    """Return the power of each step while the processor is busy [mW]; None where nobody says it.

    Parameters
    ----------
    thermal
        Its `power` is that of full speed.
    steps
        From `steps_of`.
    full_mw
        The profile's for the processor [mW].
    """
    powers = [step.power for step in steps]
    full = (power for power in (thermal.power, *powers[:1], full_mw) if power is not None)
    return (next(full, None), *powers[1:])
