"""The best plan there is: what every other planner can be measured against.

An integer program for each submodel, solved by HiGHS (Q. Huangfu, J. A. J. Hall, Parallelizing the dual revised simplex
method, Mathematical Programming Computation 10, 2018) by way of SciPy; see `edgesim.planners.optimum`.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Literal

from edgesim.device import Device
from edgesim.errors import InfeasibleError, InputError
from edgesim.model import Model
from edgesim.planners.optimum import optimum
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
    seconds: float = 20.0,
    maximise: Literal["fidelity", "accuracy"] = "fidelity",
    submodel: tuple[int, int] | None = None,
) -> Plan:
    """Choose submodel, bitwidths, preload set and requests so that no plan with one lane is better.

    The search starts from `wrx_plus`'s plan. `edgesim.planners.optimum.optimum` also returns the proven bound, which
    ``edgesim compare --gap`` shows.

    Parameters
    ----------
    model, device, budget
        What to plan, for what, with what.
    exact
        Go on until no better plan can exist; else until none can be better by more than `gap`.
    gap
        Share of the bound.
    seconds
        Time limit; the best plan found by then is returned.
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
    if not 0 <= gap < 1 or seconds <= 0:
        raise InputError(f"gap must be a share below 1 and seconds positive, got {gap} and {seconds}")
    found = optimum(
        model, device, budget, maximise=maximise, exact=exact, gap=gap, seconds=seconds, submodel=submodel,
        start=_known(model, device, budget, submodel),
    )  # fmt: skip
    if found.plan is None:
        raise InfeasibleError(
            "no plan meets the target" if found.proven else f"found no plan that meets the target in {seconds} s"
        )
    return found.plan


def _known(model: Model, device: Device, budget: Budget, submodel: tuple[int, int] | None) -> Iterator[Plan]:
    with suppress(InfeasibleError):
        plan = wrx_plus(model, device, budget)
        if submodel in (None, (len(plan.layers), len(plan.shards[0]))):
            yield plan
