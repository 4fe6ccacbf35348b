"""What an app takes in memory as the system sees it covers what its buffers are seen to hold."""

from dataclasses import replace

import pytest
from decoders import all_resident, toy_board, toy_decoder
from hypothesis import given
from sessions import scenario as of_experts
from strategies import Case, legal_cases, toy_device, toy_model, toy_plan, toy_scenario

from edgesim.backends.simulated import execute
from edgesim.footprint import Footprint, cache_bytes, footprint
from edgesim.memory import kept_bytes, session_memory
from edgesim.metrics import measure
from edgesim.plans import Plan
from edgesim.scenario import Scenario
from edgesim.tokens import Generation

MIXTURE = toy_decoder(layers=3, experts={"count": 4, "active": 2, "routing": {}})
"""Its experts take 384 B each."""
WHOLE = all_resident(MIXTURE, 8)


def taken(plan: Plan, scenario: Scenario) -> Footprint:
    """Return the footprint of a plan with what it preloads."""
    return footprint(plan, scenario.model, scenario.device, scenario.session, plan.preload)


def peak_bytes(plan: Plan, scenario: Scenario) -> int:
    """Return the most that all buffers together held over the scenario's session."""
    return measure(execute(plan, scenario.model, scenario.device, scenario.session), plan, scenario).peak_memory_bytes


@given(legal_cases())
def test_no_inference_takes_more_than_the_system_is_told(case: Case) -> None:
    """Of any plan in any room."""
    scenario, plan = case
    assert peak_bytes(plan, scenario) <= taken(plan, scenario).serving_bytes


def test_what_is_preloaded_and_what_is_retained_count_together() -> None:
    """An inference may hold the ones before it drops them, and the others already: 30 and 10 B."""
    model = toy_model(layers=2, shards=1)
    plan = toy_plan(model, [[6], [2]], preload=((0, 0),), retain=((1, 0),))
    scenario = toy_scenario(model, toy_device(), preload=1000)
    assert kept_bytes(plan, model, [*plan.preload, *plan.retain]) == 40
    largest = 160
    assert taken(plan, scenario).serving_bytes == 40 + largest == peak_bytes(plan, scenario)


@pytest.mark.parametrize("kept", [0, 2, 12])
@pytest.mark.parametrize("start", ["warm", "cold"])
def test_of_a_mixture_one_layer_s_experts_are_read_at_a_time(kept: int, start: str) -> None:
    """Not those of all layers, as of a model that reads ahead: two of four experts of 384 B, and what stays."""
    generation = Generation(prompt=1, tokens=9)
    plan = replace(WHOLE, preload=WHOLE.preload[:kept], retain=WHOLE.preload[:kept])
    asked = {"inferences": 2, "start": start}
    scenario = of_experts(toy_board(), MIXTURE, generation=generation, preload_buffer="1 MB", workload=asked)
    found, always = taken(plan, scenario), sum(MIXTURE.resident_bytes.values.values())
    assert found.serving_bytes == always + 384 * (kept + 2) + cache_bytes(MIXTURE, generation)
    assert peak_bytes(plan, scenario) <= found.serving_bytes


def test_a_cache_of_experts_may_hold_what_is_preloaded_and_what_is_retained() -> None:
    """Its room is that of both, whichever experts are in it between replies."""
    plan = replace(WHOLE, preload=WHOLE.preload[:3], retain=WHOLE.preload[3:5])
    scenario = of_experts(toy_board(), MIXTURE, generation=Generation(prompt=1, tokens=3), preload_buffer="1 MB")
    parts = list(execute(plan, MIXTURE, scenario.device, scenario.session))
    assert {step.preload_bytes for part in parts for step in session_memory(part, (plan,), scenario)} == {5 * 384}
