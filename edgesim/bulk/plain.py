"""Which experiments need no events: one inference that nothing disturbs."""

from edgesim.scenario import Scenario
from edgesim.workload import SingleStream


def is_plain(scenario: Scenario) -> bool:
    """Tell whether the recurrence says all of a scenario: one undisturbed inference of a model that runs once.

    Sessions, other apps, conditions, changes of plan and replies are for the simulation.
    """
    workload = scenario.workload
    alone = not (scenario.apps or scenario.is_disturbed or scenario.process)
    fixed = not (scenario.schedule or scenario.trim or scenario.replan)
    once = isinstance(workload, SingleStream) and workload.inferences == 1
    return alone and fixed and once and scenario.generation is None and scenario.model.decoder is None
