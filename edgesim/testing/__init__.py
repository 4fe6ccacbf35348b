"""What authors of planners test them with: a contract, random scenarios, and the pytest plugin's golden files.

Everything is imported when it is first used: the plugin is loaded in every pytest run wherever edgesim is installed.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgesim.testing.contract import planner_contract
    from edgesim.testing.draws import random_scenario

_HOMES = {"planner_contract": "edgesim.testing.contract", "random_scenario": "edgesim.testing.draws"}

__all__ = ["planner_contract", "random_scenario"]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'edgesim.testing' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)
