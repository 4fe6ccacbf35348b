"""What a sweep does not do: plan, validate or simulate point by point."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from edgesim import preparation
from edgesim.backends import simulated
from edgesim.bulk import planning
from edgesim.device import Device
from edgesim.sweeps import evaluate

from .sweeps import POINTS, at_once, swept


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count plans that are made one by one, inferences that are simulated, and devices that are read."""
    found = Counter[str]()

    def counted(owner: Any, name: str) -> None:  # noqa: ANN401  (a module or a class)
        right: Callable[..., object] = getattr(owner, name)

        def call(*arguments: object, **options: object) -> object:
            found[name] += 1
            return right(*arguments, **options)

        monkeypatch.setattr(owner, name, call)

    for owner, name in ((planning, "make_plan"), (preparation, "make_plan"), (evaluate, "run")):
        counted(owner, name)
    counted(Device, "model_validate")
    counted(simulated, "Clock")
    return found


def test_points_are_not_planned_or_simulated_one_by_one(calls: Counter[str]) -> None:
    """A thousand points take a device for each bandwidth, and no plan and no event of their own."""
    made = swept()
    before = calls["model_validate"]
    rows = at_once(made, simulate=False)
    assert len(rows) == POINTS
    assert set(rows["engine"].dropna()) == {"recurrence"}
    assert not {name: calls[name] for name in ("make_plan", "run", "Clock") if calls[name]}
    assert calls["model_validate"] - before <= 3
