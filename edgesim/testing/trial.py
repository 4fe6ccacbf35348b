"""One planner, asked twice for one scenario."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from edgesim.choice import PlannerChoice
from edgesim.errors import PluginError
from edgesim.plans import Plan
from edgesim.plugins import call_planner
from edgesim.scenario import Budget, Scenario


@dataclass(frozen=True, slots=True)
class Trial:
    """What a planner made of a scenario: a plan or an error, `again` when it was asked again.

    `planning_ns` is the time of the second call, the process that a stranger's planner runs in included.
    """

    scenario: Scenario
    options: Mapping[str, Any]
    function: Callable[..., Plan]
    made: Plan | BaseException
    again: Plan | BaseException
    planning_ns: int

    @property
    def plan(self) -> Plan | None:
        """The plan, if there is one."""
        return self.made if isinstance(self.made, Plan) else None

    @property
    def shown(self) -> str:
        """The options as a label has them: ``[bitwidth=6]``."""
        return PlannerChoice(name="-", options=dict(self.options)).label[1:]


def tried(function: Callable[..., Plan], scenario: Scenario, options: Mapping[str, Any]) -> Trial:
    """Ask a planner twice."""
    made = _asked(_watched(function), scenario, options)
    began = time.perf_counter_ns()
    again = _asked(function, scenario, options)
    return Trial(scenario, options, function, made, again, time.perf_counter_ns() - began)


def _asked(function: Callable[..., Plan], scenario: Scenario, options: Mapping[str, Any]) -> Plan | BaseException:
    try:
        return call_planner(function, (scenario.model, scenario.device, scenario.budget), options)
    except (Exception, SystemExit) as error:
        return error


def _watched(function: Callable[..., Plan]) -> Callable[..., Plan]:
    """Let a planner tell where it runs what it has changed: what it changes in a process of its own is lost."""

    @wraps(function)
    def watched(model: Any, device: Any, budget: Budget, **options: Any) -> Plan:  # noqa: ANN401  (it has just them)
        before = model.model_dump(), device.model_dump()
        made = function(model, device, budget, **options)
        after = model.model_dump(), device.model_dump()
        if after != before:
            changed = " and ".join(
                name for name, a, b in zip(("model", "device"), before, after, strict=True) if a != b
            )
            raise PluginError(f"changes the {changed} that it is given; what it wants changed it must copy")
        return made

    return watched
