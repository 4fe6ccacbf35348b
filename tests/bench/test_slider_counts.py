"""How much work a move of a slider takes, counted: a plan and an inference, and a device only for a new flash."""

import pytest

from edgesim import preparation, read_scenario
from edgesim.notebook import settings
from edgesim.notebook.settings import Desk
from edgesim.questions import keys, together

from .sliders import positions


@pytest.mark.parametrize("name", ["quickstart", "phone-ufs4", "day"])
def test_a_move_is_one_plan_and_one_inference(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Whatever is set, and however long the scenario's own session is; a flash is made once for each of its speeds."""
    desk = Desk(read_scenario(name))
    runs, plans, flashes = [], [], []
    real_run, real_plan, real_change = settings.run, preparation.call_planner, keys.changed_scenario
    monkeypatch.setattr(settings, "run", lambda *given: runs.append(found := real_run(*given)) or found)
    monkeypatch.setattr(preparation, "call_planner", lambda *given: plans.append(1) or real_plan(*given))
    for module in (keys, together):
        monkeypatch.setattr(module, "changed_scenario", lambda *given: flashes.append(1) or real_change(*given))
    tried = list(positions(desk))
    found = [desk.plan(setting).result for setting in tried]
    made = [one for one in found if not isinstance(one, str)]
    assert 0 < len(made) == len(runs)
    assert len(plans) == len(tried)
    assert len(flashes) == len({setting.flash for setting in tried})
    assert all(len(one.requests) == 1 and not one.beside for one in runs)
