"""Whether anything in a scenario is left to chance."""

from edgesim.scenario import Scenario
from edgesim.tokens import Range

_SURE_WORKLOADS = ("single_stream", "multi_stream", "offline", "trace")
"""Their questions come when they come, in every replication."""
_SURE_CONDITIONS = ("thermal",)
"""Disturbances that draw nothing."""


def is_random(scenario: Scenario) -> bool:
    """Tell whether replications may differ.

    They may if a disturbance is on that draws anything, or if questions, lengths of replies or experts are drawn, in
    any app. What is in doubt counts as random: then the replications tell.
    """
    disturbances = scenario.conditions.model_fields_set.difference(_SURE_CONDITIONS)
    disturbed = any(getattr(scenario.conditions, name) for name in disturbances)
    asked_at_random = scenario.workload.kind not in _SURE_WORKLOADS
    return disturbed or asked_at_random or _generates_at_random(scenario) or any(map(is_random, scenario.apps.values()))


def _generates_at_random(scenario: Scenario) -> bool:
    generation, decoder = scenario.generation, scenario.model.decoder
    if generation is None:
        return False
    routed = decoder is not None and decoder.experts is not None
    return routed or isinstance(generation.prompt, Range) or isinstance(generation.tokens, Range)
