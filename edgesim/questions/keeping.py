"""Plans executed in another scenario than they were made for: what a promise is worth if the profile is wrong."""

from dataclasses import replace

from edgesim.cost import bits_of, request, sizes_of
from edgesim.errors import IllegalPlanError
from edgesim.experiment import execute
from edgesim.model import Model
from edgesim.plans import Plan
from edgesim.preparation import Prepared, for_planners
from edgesim.recording import FIRST, Recorder
from edgesim.result import Result
from edgesim.rules import check
from edgesim.scenario import Scenario
from edgesim.session import Beside


def measured(prepared: Prepared) -> Result:
    """Execute what was prepared, and measure it."""
    recorder = Recorder(prepared, FIRST)
    for part in execute(prepared):
        recorder.add(part)
    return recorder.result()


def kept(prepared: Prepared, scenario: Scenario) -> Prepared:
    """Put the plans of every app in another scenario, with the same apps.

    Raises
    ------
    IllegalPlanError
        If a plan no longer fits.
    """
    old, pairs = prepared.scenario.model, zip(prepared.beside, scenario.apps.values(), strict=True)
    beside = tuple(kept(each, app) for each, app in pairs)
    plan, plans = _resized(prepared.plan, old, scenario.model), prepared.session.plans
    if plans is not None:
        each_state, trimmed = (
            [_resized(one, old, scenario.model) for one in row] for row in (plans.plans, plans.trimmed)
        )
        plans = plans._replace(plans=tuple(each_state), trimmed=tuple(trimmed))
    others = tuple(Beside(one.plan, one.scenario.model, one.session) for one in beside)
    check(plan, for_planners(scenario))
    return Prepared(scenario, prepared.planner, plan, scenario.session._replace(plans=plans, beside=others), beside)


def _resized(plan: Plan, old: Model, new: Model) -> Plan:
    """Let a plan read the same shards where they are of other sizes."""
    bits = bits_of(plan)
    if sizes_of(old, bits) == sizes_of(new, bits):
        return plan
    pairs = [[(shard, bits[shard]) for shard in load.shards] for load in plan.loads]
    if any(load != request(old, pair, load.after) for load, pair in zip(plan.loads, pairs, strict=True)):
        raise IllegalPlanError("illegal plan: its reads are laid out for the sizes that it was made for")
    loads = (request(new, pair, load.after) for load, pair in zip(plan.loads, pairs, strict=True))
    return replace(plan, loads=tuple(loads))
