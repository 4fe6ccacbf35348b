"""How fast the processors of a session are: made of its conditions, the device's profile and chance."""

from collections.abc import Iterator
from fractions import Fraction
from typing import TypeVar

from edgesim.backends.simulated.chances import draws_ns, periods
from edgesim.clock import Contention, Thermal, powers_mw, steps_of
from edgesim.device import Device
from edgesim.heat import Heat
from edgesim.session import Board
from edgesim.speed import Interval, Speed

Section = TypeVar("Section", Thermal, Contention)


def speed_of(board: Board, device: Device, processor: str) -> Speed | None:
    """Return how fast a processor is; None where nothing slows it.

    Parameters
    ----------
    board
        Has the conditions and the seed.
    device, processor
        The profile, and the name of the processor there.

    Raises
    ------
    ValueError
        If heat is to be simulated, and a step of the clock has no power (`edgesim.conditions.condition_mistakes`).
    """
    conditions = board.conditions
    thermal = _of(conditions.thermal if conditions else None, processor)
    contention = _of(conditions.contention if conditions else None, processor)
    if thermal is None and contention is None:
        return None
    speeds: tuple[Fraction, ...] = (Fraction(1),)
    heat: Heat | None = None
    if thermal is not None:
        steps = steps_of(thermal, device.processors[processor])
        parts = device.power.values if device.power else {}
        powers = [power for power in powers_mw(thermal, steps, parts.get(processor)) if power is not None]
        if not steps or len(powers) < len(steps):
            raise ValueError(f"the clock of {processor} needs steps, and each a power")
        speeds, heat = tuple(step.speed for step in steps), Heat(thermal, powers)
    if contention is None:
        return Speed(speeds, heat)
    return Speed(speeds, heat, contention.share, _others(board, contention, processor))


def _of(section: Section | None, processor: str) -> Section | None:
    """Return what disturbs a processor: a section that names none disturbs every one."""
    return section if section is not None and section.processor in {None, processor} else None


def _others(board: Board, contention: Contention, processor: str) -> Iterator[Interval]:
    """Yield when others use a processor [ns]."""
    purpose, seed = f"contention/{processor}", contention.seed
    off = draws_ns(board, seed, f"{purpose}/idle", contention.idle)
    return periods(off, draws_ns(board, seed, f"{purpose}/active", contention.active))
