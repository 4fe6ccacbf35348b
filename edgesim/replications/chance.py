"""Whether anything in a scenario is left to chance."""

from edgesim.scenario import Scenario

_SURE = ("single_stream", "multi_stream", "offline", "trace")
"""Workloads whose questions come when they come, in every replication."""


def is_random(scenario: Scenario) -> bool:
    """Tell whether replications may differ: some disturbance is on, or questions or experts are drawn, in any app."""
    conditions, model = getattr(scenario, "conditions", None), scenario.model
    disturbed = conditions is not None and conditions != type(conditions)()
    drawn = scenario.workload.kind not in _SURE or getattr(model, "experts", None) is not None
    return disturbed or drawn or any(map(is_random, getattr(scenario, "apps", {}).values()))
