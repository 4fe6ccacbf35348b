"""The verbs for one scenario: plan, simulate, run, compare."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from edgesim.errors import InfeasibleError, InputError, PluginError
from edgesim.files import read_choice, read_scenario
from edgesim.metrics import measure, request_row
from edgesim.plans import Plan
from edgesim.plugins import BACKENDS, PLANNERS, blamed, call_planner, find, installed, option_mistakes, options_of
from edgesim.provenance import grades, provenance
from edgesim.result import Comparison, LeftOut, Result
from edgesim.rules import check
from edgesim.scenario import PlannerChoice, Scenario
from edgesim.timeline import Timeline

Given = Scenario | str | Path
COMPARED_BITWIDTHS = (2, 6, 32)


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


def compare(scenario: Given, planners: Sequence[str | PlannerChoice] = ()) -> Comparison:
    """Run planners side by side.

    Parameters
    ----------
    scenario
        A scenario, a file, or the name of a shipped one.
    planners
        Labels; by default the scenario's planners and all installed ones, those with a `bitwidth` at 2, 6 and 32 bits.

    Returns
    -------
    Comparison
        Results in that order, and the planners left out because no plan fits or because they fail.

    Raises
    ------
    InputError
        If a file or a planner's label is wrong.
    """
    given = _scenario(scenario)
    results, left_out = [], []
    for choice in [_choice(given, label) for label in planners] or _all_planners(given):
        try:
            results.append(run(given, choice))
        except (InfeasibleError, PluginError) as error:
            left_out.append(LeftOut(choice.label, str(error), error.exit_code))
    return Comparison(tuple(results), tuple(left_out))


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


def _all_planners(scenario: Scenario) -> list[PlannerChoice]:
    every = list(scenario.planner)
    bitwidths = [bits for bits in COMPARED_BITWIDTHS if bits in scenario.model.bitwidths]
    takes_bitwidth = {name: _takes_bitwidth(name) for name in installed(PLANNERS)}
    for name in sorted(takes_bitwidth, key=takes_bitwidth.__getitem__):
        choices = [{"bitwidth": bits} for bits in bitwidths] if takes_bitwidth[name] else [{}]
        every += [PlannerChoice(name=name, options=options) for options in choices]
    return list({choice.label: choice for choice in every}.values())


def _takes_bitwidth(name: str) -> bool:
    try:
        return "bitwidth" in options_of(find(PLANNERS, name, Path()))
    except PluginError:  # it is left out with the reason when its turn comes
        return False


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
