"""What sliders set: a scenario's target, preload buffer and flash; and the plan that is made anew for them."""

import time
from dataclasses import dataclass, field
from math import floor, log10
from typing import NamedTuple

from edgesim.conditions import Conditions
from edgesim.cost import stored_bytes
from edgesim.errors import EdgesimError
from edgesim.experiment import run
from edgesim.model import HALF
from edgesim.questions.keys import FLASH_SPEED, Located, locate
from edgesim.questions.quantity import SIZE, TIME, Unit
from edgesim.questions.together import SPEEDS, Speed
from edgesim.result import Result
from edgesim.scenario import Scenario
from edgesim.tokens import Generation, longest
from edgesim.units import LARGEST
from edgesim.workload import SingleStream

TOKENS = 8
"""A reply has no more: of a long one each would be simulated, and a slider waits."""
_STEPS = 20
"""So many values a decade, about."""
_TARGETS, _SPEEDS = (0.2, 5.0), (0.1, 10.0)
"""From what part of the scenario's own value to how many times it sliders go."""
_APART = 0.04
"""What is so near to the scenario's own value gives way to it."""


class Setting(NamedTuple):
    """One position of all sliders.

    Parameters
    ----------
    target_ns, preload_bytes
        The target latency [ns] and the preload buffer [B].
    flash
        How fast the flash is: its bandwidth [B/s], or the share of what was measured in thousandths.
    planner
        A label.
    """

    target_ns: int
    preload_bytes: int
    flash: int
    planner: str


class Planned(NamedTuple):
    """What was planned for a setting, or why there is no plan, and how long that took [s]."""

    result: Result | str
    seconds: float


def alone(scenario: Scenario) -> Scenario:
    """Return a scenario of one inference of its own app, which nothing disturbs; a reply has `TOKENS` at most."""
    left_out = {"apps": {}, "conditions": Conditions(), "schedule": (), "trim": None, "replan": False, "process": None}
    alone = left_out | {"workload": SingleStream(start=scenario.workload.start), "generation": _short(scenario)}
    return scenario.model_copy(update=alone)


def _short(scenario: Scenario) -> Generation | None:
    reply = scenario.generation
    if reply is None or longest(reply).tokens <= TOKENS:
        return reply
    return reply.model_copy(update={"tokens": TOKENS})


def is_more(scenario: Scenario) -> bool:
    """Tell whether a scenario is of more than one inference that nothing disturbs."""
    others = scenario.apps or scenario.schedule or scenario.trim or scenario.process
    return scenario.workload.inferences != 1 or scenario.is_disturbed or bool(others)


@dataclass
class Desk:
    """Plans for settings of one scenario, again and again.

    Parameters
    ----------
    scenario
        Whose one inference is planned, executed and measured; see `alone`.
    """

    scenario: Scenario
    flash: Located | Speed = field(init=False)
    _devices: dict[int, Scenario] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.scenario = alone(self.scenario)
        is_line = self.scenario.device.storage.read.bandwidth is not None
        self.flash = locate(self.scenario, "bandwidth") if is_line else SPEEDS[FLASH_SPEED]

    @property
    def own(self) -> Setting:
        """The scenario's own values, with its first planner."""
        scenario = self.scenario
        return Setting(
            scenario.target_latency_ns, scenario.preload_bytes, self.flash.value or 0, scenario.planner[0].label
        )

    def plan(self, setting: Setting) -> Planned:
        """Plan for a setting, execute and measure; what the user is to know if that cannot be is a sentence."""
        began = time.perf_counter()
        found: Result | str
        try:
            found = run(self._set(setting), setting.planner)
        except EdgesimError as error:
            found = str(error)
        return Planned(found, time.perf_counter() - began)

    def _set(self, setting: Setting) -> Scenario:
        """Return the scenario with the values of a setting; a flash of some speed is made once."""
        if setting.flash not in self._devices:
            self._devices[setting.flash] = next(self.flash.put(self.scenario, setting.flash))
        aims = {"target_latency_ns": setting.target_ns, "preload_bytes": setting.preload_bytes}
        return self._devices[setting.flash].model_copy(update=aims)

    def targets(self) -> list[tuple[str, int]]:
        """Return the target latencies that a slider has: texts and values."""
        own = self.own.target_ns
        return _spaced(own, round(own * _TARGETS[0]), round(own * _TARGETS[1]), TIME)

    def preloads(self) -> list[tuple[str, int]]:
        """Return the preload buffers that a slider has: none, and up to all shards at the most compressed bits."""
        model = self.scenario.model
        compressed = [bits for bits in model.bitwidths if bits < HALF] or list(model.bitwidths)
        shards = [(layer, shard) for layer in range(model.layers) for shard in range(model.shards_per_layer)]
        least = stored_bytes(model, shards[0], compressed[0])
        most = sum(stored_bytes(model, shard, compressed[-1]) for shard in shards)
        own = self.own.preload_bytes
        return [("0 B", 0), *(one for one in _spaced(own, least, max(most, own), SIZE) if one[1])]

    def speeds(self) -> list[tuple[str, int]]:
        """Return how fast the flash may be set."""
        own = self.own.flash
        return _spaced(own, round(own * _SPEEDS[0]), round(own * _SPEEDS[1]), self.flash.unit)


def _spaced(own: int, least: int, most: int, unit: Unit) -> list[tuple[str, int]]:
    """Return values of two digits that files may have, evenly spaced in logarithms, and the scenario's own."""
    least, most = max(least, 1), min(most, LARGEST)
    many = max(2, round(_STEPS * log10(most / least)))
    values = {_rounded(least * (most / least) ** (place / many)) for place in range(many + 1)}
    apart = {value for value in values if value <= LARGEST and abs(value - own) > _APART * own}
    return [(unit.text(value), value) for value in sorted(apart | {own})]


def _rounded(value: float) -> int:
    """Return a number with two digits."""
    unit: int = 10 ** max(0, floor(log10(value)) - 1)
    return round(value / unit) * unit
