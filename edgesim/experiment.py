"""The verbs for one planner of one scenario: plan, simulate, run."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from edgesim.errors import InputError
from edgesim.files import read_choice, read_scenario
from edgesim.metrics import measure, request_row
from edgesim.plans import Plan
from edgesim.plugins import BACKENDS, PLANNERS, blamed, call_planner, find, option_mistakes
from edgesim.provenance import grades, provenance
from edgesim.result import Result
from edgesim.rules import check
from edgesim.scenario import PlannerChoice, Scenario
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
    given = _scenario(scenario)
    return _plan(given, _choice(given, planner))


def simulate(plan: Plan, scenario: Given) -> Timeline:
    """Execute a plan in virtual time.

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
    given = _scenario(scenario)
    check(plan, given)
    return _joined(_execute(plan, given, "simulated"))


def run(
    scenario: Given, planner: str | PlannerChoice | None = None, *, keep_spans: bool = True, backend: str = "simulated"
) -> Result:
    """Plan, execute and measure.

    Parameters
    ----------
    scenario
        A scenario, a file, or the name of a shipped one.
    planner
        A planner as reports label it; by default the scenario's, if it names one.
    keep_spans
        Keep the spans and requests of all inferences; else of the first only, so that memory does not grow.
    backend
        What executes the plan, by name.

    Raises
    ------
    InputError, InfeasibleError, PluginError
        As `plan`.
    """
    given = _scenario(scenario)
    choice = _choice(given, planner)
    made = _plan(given, choice)
    kept: list[Timeline] = []
    metrics = measure(_kept(_execute(made, given, backend), kept, keep_spans), made, given)
    return Result(
        scenario=given.name,
        device=given.device.name,
        processor=given.processor,
        model=given.model.name,
        planner=choice.label,
        plan=made,
        metrics=metrics,
        requests=tuple(request_row(part, given.target_latency_ns) for part in kept),
        timeline=_joined(kept),
        provenance=provenance(given),
        grades=grades(given),
    )


def _scenario(given: Given) -> Scenario:
    return given if isinstance(given, Scenario) else read_scenario(given)


def _choice(scenario: Scenario, planner: str | PlannerChoice | None) -> PlannerChoice:
    if isinstance(planner, PlannerChoice):
        return planner
    if planner is not None:
        return read_choice(planner)
    if len(scenario.planner) > 1:
        labels = ", ".join(choice.label for choice in scenario.planner)
        raise InputError(f"{scenario.name}: names several planners ({labels}); say which one, or compare them")
    return scenario.planner[0]


def _plan(scenario: Scenario, choice: PlannerChoice) -> Plan:
    function = find(PLANNERS, choice.name, Path(scenario.folder))
    if wrong := option_mistakes(function, choice.options):
        raise InputError("\n".join(f"{choice.label}: {option}: {message}" for option, message in wrong))
    with blamed(choice.label, function):
        made = call_planner(function, (scenario.model, scenario.device, scenario.budget), choice.options)
    with blamed(choice.label, function, "its plan is not of the form that edgesim.Plan describes"):
        check(made, scenario)
    return made


def _execute(made: Plan, scenario: Scenario, backend: str) -> Iterator[Timeline]:
    function = find(BACKENDS, backend, Path(scenario.folder))
    with blamed(backend, function):
        yield from function(made, scenario.model, scenario.device, scenario.session)


def _kept(parts: Iterable[Timeline], kept: list[Timeline], every: bool) -> Iterator[Timeline]:
    for part in parts:
        if every or not kept:
            kept.append(part)
        yield part


def _joined(parts: Iterable[Timeline]) -> Timeline:
    listed = list(parts)
    requests = tuple(request for part in listed for request in part.requests)
    return Timeline(requests, tuple(span for part in listed for span in part.spans))
