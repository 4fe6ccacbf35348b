"""Devices with powers, and timelines of two apps, for the tests of energy."""

from collections.abc import Iterable

from hypothesis import strategies as st
from strategies import toy_device

from edgesim.device import Device
from edgesim.processor import ClockSteps
from edgesim.timeline import CLOCK, EXECUTOR, Request, Span, Timeline

PARTS = {"idle": 7, "storage_read": 2, "storage_write": 5, "cpu": 100}
STEPS = (100, 60, 30)
APPS = ("app", "keyboard")


def device(parts: Iterable[str] = PARTS, steps: tuple[int, ...] = STEPS) -> Device:
    """Return a device with some parts of `PARTS` [mW] and a clock of these powers [mW] at 100, 80 and 60 %."""
    found = toy_device(power={part: f"{PARTS[part]} mW" for part in parts})
    clock = [{"speed": f"{100 - 20 * step} %", "power": f"{power} mW"} for step, power in enumerate(steps)]
    cpu = found.processors["cpu"].model_copy(update={"clock": ClockSteps(steps=clock) if clock else None})
    return found.model_copy(update={"processors": {"cpu": cpu}})


DEVICE = device()


def span(lane: str, kind: str, start: int, end: int, app: str = "app") -> Span:
    """Return what happened on a lane."""
    return Span(0, app, lane, kind, 0, start, end, 0)


@st.composite
def lane(draw: st.DrawFn, name: str, kinds: list[str]) -> list[Span]:
    """Draw what happened on one lane of one app, one thing after the other, with pauses."""
    found, now = [], 0
    for kind in draw(st.lists(st.sampled_from(kinds), max_size=6)):
        start = now + draw(st.integers(0, 5))
        now = start + draw(st.integers(0, 9))
        found.append(span(name, kind, start, now))
    return found


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    """Draw a timeline of two apps: reads on two lanes, layers and waits, and clocks that are slow now and then."""
    spans = [
        each._replace(app=app)
        for app in APPS
        for each in [
            *draw(lane("loader", ["load", "restore", "blocked", "queued"])),
            *draw(lane("loader1", ["load", "read", "write", "gc", "held"])),
            *draw(lane(EXECUTOR, ["compute", "decompress", "copy", "stall", "handoff", "queued"])),
            *draw(lane(CLOCK, ["step1", "step2"])),
            *draw(lane("decompressor", ["decompress"])),
        ]
    ]
    return Timeline(tuple(Request(0, 0, 100, app=app) for app in APPS), tuple(spans))
