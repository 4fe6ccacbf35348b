"""The best plan there is for a submodel, or for all of them, with a proven bound (extra ``oracle``: SciPy)."""

from edgesim.planners.optimum.search import Optimum, check_solver, gap_to, optimum

__all__ = ["Optimum", "check_solver", "gap_to", "optimum"]
