"""Errors of a validation as a picture: how far each simulated latency is from the real one."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from edgesim.pages.scales import Tick, ticks
from edgesim.validation.agreement import Agreement
from edgesim.validation.text import CLASSES

_WIDE, _HIGH, _LEFT, _TOP, _RIGHT = 900, 260, 52, 10, 12
_LOOKS = {
    "resident": ("#2354a3", "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0z"),
    "native": ("#0b7a5f", "M0-5.5L5.5 4.5h-11z"),
    "emulated io-bound": ("#c8102e", "M-4-4h8v8h-8z"),
    "emulated compute-bound": ("#b58900", "M0-6L6 0L0 6L-6 0z"),
}
_TICKS = [digit * 10.0**power for power in range(-4, 7) for digit in (1, 2, 5)]


class Mark(NamedTuple):
    """One plan: its place [px], its class, and what is told of it."""

    x: float
    y: float
    group: str
    title: str


class Class(NamedTuple):
    """A class of plans in the legend."""

    group: str
    name: str
    colour: str
    shape: str


class Errors(NamedTuple):
    """All plans, and the band within the tolerance [px]; ticks of real latency [ms] and of the error [%]."""

    width: float
    height: float
    bottom: float
    band: tuple[float, float]
    marks: Sequence[Mark]
    classes: Sequence[Class]
    across: Sequence[Tick]
    up: Sequence[Tick]


def errors_of(agreements: Sequence[Agreement], tolerance: float) -> Errors | None:
    """Return the picture; None where nothing was validated."""
    known = [
        (one, one.real_ns / 1e6, one.prediction) for one in agreements if one.real_ns and one.prediction is not None
    ]
    if not known:
        return None
    most = 1.1 * max(tolerance, *(abs(error) for _, _, error in known))
    low, high = math.log(0.9 * min(ms for _, ms, _ in known)), math.log(1.1 * max(ms for _, ms, _ in known))

    def x(ms: float) -> float:
        return round(_LEFT + (_WIDE - _LEFT - _RIGHT) * (math.log(ms) - low) / (high - low), 1)

    def y(error: float) -> float:
        return round(_TOP + _HIGH * (most - error) / (2 * most), 1)

    marks = [
        Mark(x(ms), y(error), one.group, f"{one.label}: real {ms:,.1f} ms, error {100 * error:+.2f} %")
        for one, ms, error in known
    ]
    groups = sorted({one.group for one, _, _ in known})
    return Errors(
        _WIDE, _TOP + _HIGH + 42, _TOP + _HIGH, (y(tolerance), y(-tolerance)), marks,
        [Class(group, CLASSES[group], *_LOOKS[group]) for group in groups],
        [Tick(x(tick), f"{tick:,.10g}") for tick in _TICKS if low <= math.log(tick) <= high],
        ticks(-100 * most, 100 * most, lambda percent: y(percent / 100)),
    )  # fmt: skip
