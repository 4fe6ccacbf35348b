"""Planners that choose by a search: the search stays in reach, so that one serves many targets."""

from collections.abc import Callable
from functools import wraps
from inspect import signature
from types import FunctionType
from typing import Any, Literal, NamedTuple, ParamSpec

from edgesim.planners.search import Search
from edgesim.plans import Plan

Depends = Literal["preload", "room", "lanes", "device"]
Options = ParamSpec("Options")


class Searching(NamedTuple):
    """How a planner searches, what its candidates depend on apart from the model, and whether they are dear to make."""

    search: Callable[..., Search]
    depends: frozenset[str]
    dear: bool


_SEARCHING: dict[Callable[..., Any], Searching] = {}


def searched(*depends: Depends, dear: bool = False) -> Callable[[Callable[Options, Search]], Callable[Options, Plan]]:
    """Make a planner of a function that returns what is to be searched: the best plan for the budget's target.

    Parameters
    ----------
    depends
        What of its inputs the candidates for a submodel depend on, apart from the model: the buffers, lanes of the
        storage, or all of the device. They never depend on the target.
    dear
        Whether candidates take long to make, so that none is made in vain.
    """

    def made(search: Callable[Options, Search]) -> Callable[Options, Plan]:
        @wraps(search)
        def planner(*args: Options.args, **options: Options.kwargs) -> Plan:
            found = search(*args, **options)
            return found.best(found.budget.target_latency_ns)

        planner.__annotations__ = search.__annotations__ | {"return": Plan}
        vars(planner)["__signature__"] = signature(search).replace(return_annotation=Plan)  # as help() shows it
        _SEARCHING[planner] = Searching(search, frozenset(depends), dear)
        return planner

    return made


def searching(planner: Callable[..., Any]) -> Searching | None:
    """Return how a planner searches, or None where it does not."""
    return _SEARCHING.get(planner) if isinstance(planner, FunctionType) else None
