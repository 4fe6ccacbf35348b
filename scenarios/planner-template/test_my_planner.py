"""What every planner promises; add what yours does, and golden files by the fixture ``edgesim``."""

from my_planner import my_planner

from edgesim.testing import planner_contract


def test_it_keeps_the_contract() -> None:
    """On all shipped scenarios and a hundred random ones."""
    planner_contract(my_planner)
