"""Who survives memory pressure: what the committed maps say, what does and does not follow, and what stands behind."""

from edgesim import read_scenario, run
from edgesim.conditions import Conditions
from edgesim.pressure import MemoryPressure
from edgesim.result import Service
from edgesim.workload import Engagements


def used(inferences: int) -> Service:
    """Return how a session of four engagements was served, in so little memory that a cached app is killed at once."""
    section = {"for_apps": "300 MB", "watermarks": {950: "290 MB", 0: "1 MB"}, "app": {"idle_adj": 950}}
    conditions = Conditions(memory=MemoryPressure.model_validate(section))
    asked = {"kind": "engagements", "engagements": 4, "inferences": inferences, "think_time": "5 s", "gap": "5 min"}
    workload = Engagements.model_validate(asked)
    daily = read_scenario("paper-odroid-400ms")
    found = run(daily.model_copy(update={"workload": workload, "conditions": conditions})).service
    assert found
    return found


def test_an_app_is_in_front_while_its_user_thinks() -> None:
    """Who would be killed as soon as it is cached is killed between engagements only, not within one."""
    assert used(1).restarts == 4
    assert used(3).restarts == 4
    assert used(3).ready_fraction == 8 / 12
