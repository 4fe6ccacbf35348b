"""Figures of a whole session, from the parts that they are made of."""

from fractions import Fraction

import pytest
from sessions import NEVER, scenario
from strategies import toy_device, toy_model

from edgesim import Result, run


@pytest.fixture(scope="module")
def result() -> Result:
    """Run two apps on one board."""
    return run("two-apps")


def test_energy_is_divided_among_inferences_and_engagements(result: Result) -> None:
    """Means by component are the totals by number, rounded; both components together are the whole mean."""
    for each in (result, *result.beside):
        found = each.service
        assert found is not None
        for name, number in (("inference", found.inferences), ("engagement", found.engagements)):
            for part in ("storage", "processor"):
                total = getattr(found, f"{part}_pj")
                assert getattr(found, f"{part}_per_{name}_pj") == round(Fraction(total, number))
            whole = Fraction(found.storage_pj + found.processor_pj, number)
            assert getattr(found, f"per_{name}_pj") == round(whole)


def test_the_device_s_energy_is_that_of_its_apps(result: Result) -> None:
    """Nothing else runs: storage and processor of both apps are those of the device; idle power is unknown."""
    use, services = result.device_use, [each.service for each in (result, *result.beside)]
    assert use is not None
    assert use.storage_pj == sum(service.storage_pj for service in services)
    assert use.processor_pj == sum(service.processor_pj for service in services)
    assert use.idle_pj is None


def test_busy_time_and_utilisation_are_of_the_window(result: Result) -> None:
    """Utilisation is busy time by the window from the first question to the last answer."""
    found = result.service
    assert found is not None
    assert found.processor_utilization == found.processor_busy_ns / found.window_ns
    requests = result.requests
    assert len(requests) == found.inferences
    assert found.window_ns == requests[-1].finish_ns - requests[0].arrival_ns
    assert found.latency_mean_ns == sum(row.latency_ns for row in requests) / len(requests)


def test_conditions_are_a_ground_of_every_app_s_answer() -> None:
    """They stand at the scenario's own level only, and disturb the other apps as well."""
    other = {"schema": "edgesim.scenario/1", "device": toy_device(), "processor": "cpu", "model": toy_model()}
    other |= {"planner": "wrx", "target_latency": "1000 ns", "preload_buffer": "0 B", "app": "other", "beside": True}
    for conditions, grade in (({}, None), (NEVER["jitter"], "D")):
        found = run(scenario(apps={"other": other}, conditions=conditions))
        assert [each.grades.get("conditions") for each in (found, *found.beside)] == [grade] * 2
