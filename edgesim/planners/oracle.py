"""The best plan that a solver finds, and a bound on what is possible: what every other planner can be measured against.

An integer program for each submodel, solved by HiGHS (Q. Huangfu, J. A. J. Hall, Parallelizing the dual revised simplex
method, Mathematical Programming Computation 10, 2018) by way of SciPy; see `edgesim.planners.optimum`.
"""

from typing import Literal

from edgesim.device import Device
from edgesim.errors import InfeasibleError, InputError
from edgesim.model import Model
from edgesim.planners.wrx_plus import wrx_plus
from edgesim.plans import Plan
from edgesim.scenario import Budget


def oracle(  # noqa: PLR0913  (the options are keyword-only, so that a YAML file can name them)
    model: Model,
    device: Device,
    budget: Budget,
    *,
    exact: bool = False,
    gap: float = 1e-3,
    seconds: float | None = None,
    maximise: Literal["fidelity", "accuracy"] = "fidelity",
    submodel: tuple[int, int] | None = None,
) -> Plan:
    """Choose submodel, bitwidths, preload set and requests so that no plan with one lane is better, time allowing.

    The search starts from `wrx_plus`'s plan, and may end with it: many shards and a small load buffer are hard for the
    solver. `edgesim.planners.optimum.optimum` also returns the proven bound, which ``edgesim compare --gap`` shows.

    Parameters
    ----------
    model, device, budget
        What to plan, for what, with what.
    exact
        Go on until no better plan can exist; else until none can be better by more than `gap`.
    gap
        Share of the bound.
    seconds
        Time limit; the best plan found by then is returned. By default 2, or 60 to be `exact`.
        A search that it cuts short may end with another plan on another day.
    maximise
        Fidelity, or the accuracy that measured samples predict.
    submodel
        Only ``[n, m]``: n layers of m shards.

    Raises
    ------
    InfeasibleError
        If no plan meets the target, or none was found within the time limit.
    InputError
        If an option has no meaning for this model, or SciPy is missing.
    """
    seconds = (60.0 if exact else 2.0) if seconds is None else seconds
    if not 0 <= gap < 1 or seconds <= 0:
        raise InputError(f"gap must be a share below 1 and seconds positive, got {gap} and {seconds}")
    from edgesim.planners.optimum import optimum  # with NumPy: not to be loaded by whoever only lists planners

    start, short = _known(model, device, budget)
    known = [plan for plan in start if submodel in (None, (len(plan.layers), len(plan.shards[0])))]
    found = optimum(
        model, device, budget, maximise=maximise, exact=exact, gap=gap, seconds=seconds, submodel=submodel, start=known
    )  # fmt: skip
    if found.plan is not None:
        return found.plan
    if found.proven:
        raise InfeasibleError(short or f"no plan of {submodel} layers and shards meets the target, others do")
    raise InfeasibleError(f"found no plan in {seconds} s, and no proof that there is none; {short}")


def _known(model: Model, device: Device, budget: Budget) -> tuple[list[Plan], str]:
    """Return the plan of `wrx_plus`, or what is short where it has none."""
    try:
        return [wrx_plus(model, device, budget)], ""
    except InfeasibleError as error:
        return [], str(error)
