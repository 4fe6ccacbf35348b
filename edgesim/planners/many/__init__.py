"""Planners that plan many cases at once; whose plans are the same as when they are asked one by one."""

from collections.abc import Callable

from edgesim.batch.cases import Many
from edgesim.planners.many.searched import many_searched
from edgesim.planners.many.wrx_cases import wrx_many
from edgesim.planners.searched import searching
from edgesim.planners.wrx import wrx


def many(planner: Callable[..., object]) -> Many | None:
    """Return what plans many cases at once for a planner's function, or None where nothing does."""
    if planner is wrx:
        return wrx_many
    found = searching(planner)
    return None if found is None else many_searched(found)
