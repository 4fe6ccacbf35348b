"""How much work the regression gate does, counted: what cells share is read once, a plan is judged once."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edgesim import files
from edgesim.files import read_grid
from edgesim.grid import Grid
from edgesim.regression import cells as trials
from edgesim.regression import judge, planning
from edgesim.regression.cells import SIMULATED_EVERY, Side, Trial, cells, outcomes
from edgesim.regression.classify import Figures


@pytest.fixture
def grid() -> Grid:
    """Return the shipped grid with three planners."""
    grid = read_grid("regress")
    return grid.model_copy(update={"planners": grid.planners[:3]})


def counting(monkeypatch: pytest.MonkeyPatch, *places: tuple[Any, str]) -> Counter[str]:
    """Count the calls of some functions."""
    counts = Counter[str]()

    def counted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *inputs, **options: (counts.update([name]), function(*inputs, **options))[1]

    for module, name in places:
        monkeypatch.setattr(module, name, counted(name, getattr(module, name)))
    return counts


def test_cells_share_what_they_can(monkeypatch: pytest.MonkeyPatch, grid: Grid) -> None:
    """No file is read for a cell; a plan is priced once, and one in a hundred is simulated."""
    trial = Trial.of(grid, [Side(None, grid.folder)])
    outcomes(trial, workers=1)  # what each device and model needs once
    counts = counting(
        monkeypatch, (files.text, "read_bytes"), (judge, "price"), (judge, "schedule"), (judge, "simulate")
    )
    found = outcomes(trial, workers=1)
    plans = sum(isinstance(one, Figures) for (one,) in found)
    assert plans > len(found) / 2
    assert counts["read_bytes"] == 0
    assert counts["price"] == counts["schedule"] == plans
    assert 0 < counts["simulate"] <= -(-len(found) // SIMULATED_EVERY)


def test_a_plan_that_both_sides_have_is_judged_once(
    monkeypatch: pytest.MonkeyPatch, grid: Grid, tmp_path: Path
) -> None:
    """Two equal plans are one."""
    sides = [Side(None, grid.folder), Side(None, str(tmp_path))]
    counts = counting(monkeypatch, (trials, "judged"), (trials, "ask"))
    found = outcomes(Trial.of(grid, sides), workers=1)
    assert counts["ask"] == 2 * len(cells(grid))
    assert counts["judged"] == sum(isinstance(one, Figures) for one, _ in found)
    assert all(old == new for old, new in found)


def test_planners_are_found_once(monkeypatch: pytest.MonkeyPatch, grid: Grid) -> None:
    """By name and folder, and not for each cell."""
    counts = counting(monkeypatch, (planning.plugins, "find"))
    outcomes(Trial.of(grid, [Side(None, grid.folder)]), workers=1)
    assert counts["find"] == len({choice.name for choice in grid.planners})
