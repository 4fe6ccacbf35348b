"""Two ways to the same answer: some points of every sweep are computed by both, and must not differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edgesim.bulk.measuring import Bulk
from edgesim.choice import PlannerChoice
from edgesim.errors import EdgesimError, InfeasibleError, PluginError
from edgesim.experiment import run, simulate
from edgesim.figures import Metrics
from edgesim.metrics import measure
from edgesim.result import plain
from edgesim.scenario import Scenario
from edgesim.sweeps.columns import DONE, FAILED, INFEASIBLE, INVALID

_STATUS: tuple[tuple[type[EdgesimError], str], ...] = ((InfeasibleError, INFEASIBLE), (PluginError, FAILED))

CHECKED = 100
"""How many points of a sweep are computed both ways, about; of a sweep with fewer all of them."""
_SPARSEST = 2000
"""At least every so many points one is."""
_MIX, _BITS = 0x9E3779B97F4A7C15, 64  # the golden ratio: neighbours are scattered, whatever the axes' lengths are


class EngineError(EdgesimError):
    """The recurrence and the simulation disagree: one of them is wrong, and so may be every row."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class Sample:
    """Which points are computed both ways: always the same ones of a sweep, in whatever batches it is done."""

    every: int

    @classmethod
    def of(cls, number: int) -> "Sample":
        """Return the sample of a sweep of so many points."""
        return cls(min(max(1, number // CHECKED), _SPARSEST))

    def has(self, index: int) -> bool:
        """Tell whether a point is in the sample."""
        mixed: int = index * _MIX % 2**_BITS >> _BITS // 2
        return mixed % self.every == self.every - 1


def check_point(
    found: Bulk, place: int, scenario: Scenario, choice: PlannerChoice, settings: Mapping[str, object]
) -> None:  # fmt: skip
    """Refuse a point whose figures through the recurrence are not those of its simulation.

    Plans that were made at once are made again, one by one; of those that were not the same one is simulated, because
    a planner that draws or has a time limit may make another.

    Raises
    ------
    EngineError
        With the first few differences, and how to make them again.
    """
    if place in found.refused:
        if found.plans is not None:
            return
        fast = refusal(found.refused[place])
    else:
        fast = {name: values[place].item() if known[place] else None
                for name, (values, known) in found.columns.items()}  # fmt: skip
        fast |= {"status": DONE, "target_latency_ns": scenario.target_latency_ns}
    try:
        slow = {**plain(_simulated(found, place, scenario, choice)), "status": DONE}
    except EdgesimError as error:
        slow = refusal(error)
    different = [name for name in {**fast, **slow} if fast.get(name) != slow.get(name)]
    if not different:
        return
    shown = "; ".join(f"{name} is {fast.get(name)} and {slow.get(name)}" for name in different[:4])
    where = ", ".join(f"{key}: {value}" for key, value in settings.items())
    raise EngineError(f"{choice.label} at {where}: the recurrence and the simulation disagree, {shown};"
                      " please report this, it is a mistake of edgesim or of the planner")  # fmt: skip


def _simulated(found: Bulk, place: int, scenario: Scenario, choice: PlannerChoice) -> Metrics:
    if found.plans is None:
        return run(scenario, choice, keep_spans=False).metrics
    made = found.plans[place]
    return measure([simulate(made, scenario)], made, scenario)


def refusal(error: EdgesimError) -> dict[str, Any]:
    """Return what a row says of a point without a plan: status and reason."""
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), INVALID)
    return {"status": status, "reason": " ".join(str(error).split("\n"))}
