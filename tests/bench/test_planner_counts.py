"""How much work `wrx_plus` does, counted: knapsacks are what it takes its time for."""

import pytest

from edgesim import read_scenario
from edgesim.planners.plus import search
from edgesim.planners.wrx_plus import wrx_plus

from .planners import KNAPSACKS


@pytest.mark.parametrize("name", KNAPSACKS)
def test_knapsacks_of_wrx_plus(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Promises spare nearly all submodels a knapsack: few are packed, and never more than now."""
    packed = []
    real = search.pack
    monkeypatch.setattr(search, "pack", lambda knapsack: packed.append(knapsack) or real(knapsack))
    scenario = read_scenario(name)
    wrx_plus(scenario.model, scenario.device, scenario.budget)
    assert 0 < len(packed) <= KNAPSACKS[name]
