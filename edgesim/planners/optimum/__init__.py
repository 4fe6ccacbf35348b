"""The best plan there is for a submodel, or for all of them, with a proven bound (extra ``oracle``: SciPy)."""

from edgesim.planners.optimum.found import Optimum, gap_to
from edgesim.planners.optimum.search import check_solver, optimum

__all__ = ["Optimum", "check_solver", "gap_to", "optimum"]
