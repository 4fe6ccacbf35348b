"""The verbs for one planner of one scenario: plan, simulate, run."""

from collections.abc import Callable, Iterator
from pathlib import Path

from edgesim.choice import PlannerChoice
from edgesim.errors import InputError
from edgesim.files import given_scenario
from edgesim.plans import Plan
from edgesim.plugins import BACKENDS, blamed, find, options_of
from edgesim.preparation import Prepared, chosen, for_planners, make_plan, prepare
from edgesim.recording import EVERYTHING, FIRST, USUAL, Recorder, joined
from edgesim.result import Result
from edgesim.rules import check
from edgesim.scenario import Scenario
from edgesim.timeline import Timeline

Given = Scenario | str | Path


def plan(scenario: Given, planner: str | PlannerChoice | None = None) -> Plan:
    """Let a planner decide, and check that its plan is legal.

    Parameters
    ----------
    scenario
        A scenario, a file, or the name of a shipped one.
    planner
        A planner as reports label it, ``std_pipeline[bitwidth=6]``; by default the scenario's, if it names one.

    Raises
    ------
    InputError
        If a file, the planner's label or one of its options is wrong.
    InfeasibleError
        If no plan fits the target and the buffers.
    PluginError
        If the planner is missing, fails, or breaks a rule.
    """
    given = given_scenario(scenario)
    return make_plan(given, chosen(given, planner))


def simulate(plan: Plan, scenario: Given) -> Timeline:
    """Execute a plan in virtual time, for the scenario's own app alone: other apps and further plans are left out.

    Parameters
    ----------
    plan
        What to execute; it is checked first.
    scenario
        A scenario, a file, or the name of a shipped one.

    Raises
    ------
    IllegalPlanError
        If the plan breaks a rule.
    """
    given = given_scenario(scenario)
    check(plan, for_planners(given))
    return joined(execute(Prepared(given, "", plan, given.session), "simulated"))


def run(
    scenario: Given,
    planner: str | PlannerChoice | None = None,
    *,
    keep_spans: bool | None = None,
    backend: str = "simulated",
) -> Result:
    """Plan, execute and measure.

    Parameters
    ----------
    scenario
        A scenario, a file, or the name of a shipped one.
    planner
        A planner as reports label it; by default the scenario's, if it names one.
    keep_spans
        Keep the spans and requests of all inferences (True), of the first only (False), or of every app the spans of
        the first 1,000 (of replies fewer) and the requests of the first 100,000. Metrics are of all inferences anyway;
        memory grows only with what is kept.
    backend
        What executes the plan, by name; plans are executed on this machine by `edgesim.validate`.

    Raises
    ------
    InputError, InfeasibleError, PluginError
        As `plan`; and if the backend needs what only another verb can give it.
    """
    given = given_scenario(scenario)
    prepared = prepare(given, chosen(given, planner))
    recorder = Recorder(prepared, {True: EVERYTHING, False: FIRST, None: USUAL}[keep_spans])
    for part in execute(prepared, backend):
        recorder.add(part)
    return recorder.result()


def execute(prepared: Prepared, backend: str = "simulated") -> Iterator[Timeline]:
    """Let a backend execute what was prepared; see `edgesim.backends.simulated.execute`."""
    scenario = prepared.scenario
    function = find(BACKENDS, backend, Path(scenario.folder))
    _check_needs(backend, function)
    with blamed(backend, function):
        yield from function(prepared.plan, scenario.model, scenario.device, prepared.session)


def _check_needs(backend: str, function: Callable[..., object]) -> None:
    """Refuse a backend that cannot be called without an option: no verb but `validate` has any to give."""
    needs = [name for name, item in options_of(function).items() if item.default is item.empty]
    if "store" in needs:
        raise InputError(f"backend: '{backend}' needs the shards of a store, which this verb does not take; plans are"
                         " executed on this machine by edgesim.validate, or 'edgesim validate'")  # fmt: skip
    if needs:
        raise InputError(f"backend: '{backend}' must have a default for each option, got none for {', '.join(needs)}")
