"""Everything that is decided before the clock starts: the plans of every app, for all that may change."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from edgesim.choice import PlannerChoice
from edgesim.errors import InfeasibleError, InputError
from edgesim.files import read_choice
from edgesim.footprint import experts_bytes
from edgesim.plans import Plan
from edgesim.plugins import PLANNERS, blamed, call_planner, find, option_mistakes
from edgesim.roofline import planning_device
from edgesim.rules import check
from edgesim.scenario import Scenario
from edgesim.session import Beside, Plans, Session, State
from edgesim.units import show_bytes, show_ns
from edgesim.works import plans_of


class Prepared(NamedTuple):
    """One app with its plans, and the other apps of the device with theirs."""

    scenario: Scenario
    planner: str
    plan: Plan
    session: Session
    beside: "tuple[Prepared, ...]" = ()

    @property
    def plans(self) -> tuple[Plan, ...]:
        """All plans, as `edgesim.timeline.Request.plan` counts them."""
        return plans_of(self.plan, self.session)

    @property
    def apps(self) -> "dict[str, Prepared]":
        """Every app by its name, the scenario's own first."""
        return {each.session.app: each for each in (self, *self.beside)}


def prepare(scenario: Scenario, choice: PlannerChoice) -> Prepared:
    """Make every plan that a session may look up.

    Raises
    ------
    InfeasibleError
        If no plan fits one of the targets and buffers.
    PluginError
        If a planner is missing, fails, or breaks a rule.
    """
    beside = tuple(prepare(other, chosen(other, None)) for other in scenario.apps.values())
    first = make_plan(scenario, choice)
    others = tuple(Beside(other.plan, other.scenario.model, other.session) for other in beside)
    session = scenario.session._replace(plans=_plans(scenario, choice, first), beside=others)
    return Prepared(scenario, choice.label, first, session, beside)


def _plans(scenario: Scenario, choice: PlannerChoice, first: Plan) -> Plans | None:
    """Make the plans for all targets and preload buffers that the scenario foresees, each once."""
    if not scenario.replan:
        return None
    known = {scenario.states[0]: first}
    for state in _foreseen(scenario):
        if state not in known:
            known[state] = _planned_for(scenario, choice, state)
    trim = scenario.trim
    return Plans(
        tuple(known[state] for state in scenario.states),
        (0, *(change.at for change in scenario.schedule)),
        tuple(known[_trimmed(state, scenario)] for state in scenario.states) if trim else (),
        trim.free_below if trim else 0,
    )


def _foreseen(scenario: Scenario) -> Iterator[State]:
    yield from scenario.states
    if scenario.trim:
        yield from (_trimmed(state, scenario) for state in scenario.states)


def _trimmed(state: State, scenario: Scenario) -> State:
    least = state.preload_bytes if scenario.trim is None else scenario.trim.preload_buffer
    return state._replace(preload_bytes=min(state.preload_bytes, least))


def _planned_for(scenario: Scenario, choice: PlannerChoice, state: State) -> Plan:
    changed = {"target_latency_ns": state.target_latency_ns, "preload_bytes": state.preload_bytes}
    try:
        return make_plan(scenario.model_copy(update=changed), choice)
    except InfeasibleError as error:
        target, preload = show_ns(state.target_latency_ns), show_bytes(state.preload_bytes)
        raise InfeasibleError(f"{scenario.app}: has no plan to look up for {target} with {preload}: {error}") from error


def chosen(scenario: Scenario, planner: str | PlannerChoice | None) -> PlannerChoice:
    """Return the planner that is asked for, by default the scenario's if it names one.

    Raises
    ------
    InputError
        If none is said and the scenario names several, or a label is wrong.
    """
    if isinstance(planner, PlannerChoice):
        return planner
    if planner is not None:
        return read_choice(planner)
    if len(scenario.planner) > 1:
        labels = ", ".join(choice.label for choice in scenario.planner)
        raise InputError(f"{scenario.name}: names several planners ({labels}); say which one, or compare them")
    return scenario.planner[0]


def for_planners(scenario: Scenario) -> Scenario:
    """Return a scenario with the device that plans are made for: of a reply, the time of its last token counts."""
    if scenario.generation is None:
        return scenario
    device = planning_device(scenario.device, scenario.processor, scenario.model, scenario.generation)
    return scenario.model_copy(update={"device": device})


def planner_of(scenario: Scenario, choice: PlannerChoice) -> Callable[..., Any]:
    """Find a planner, and check that it takes its options."""
    function = find(PLANNERS, choice.name, Path(scenario.folder))
    if wrong := option_mistakes(function, choice.options):
        raise InputError("\n".join(f"{choice.label}: {option}: {message}" for option, message in wrong))
    return function


def make_plan(scenario: Scenario, choice: PlannerChoice) -> Plan:
    """Let a planner decide, and check that its plan is legal."""
    function = planner_of(scenario, choice)
    with blamed(choice.label, function):
        scenario = for_planners(scenario)
        made = call_planner(function, (scenario.model, scenario.device, scenario.budget), choice.options)
    with blamed(choice.label, function, "its plan is not of the form that edgesim.Plan describes"):
        check(made, scenario)
    _check_room(made, scenario)
    return made


def _check_room(plan: Plan, scenario: Scenario) -> None:
    """Refuse a load buffer in which a mixture of experts might wait for itself: what is read is drawn as it runs."""
    if scenario.generation is None or scenario.load_buffer_bytes is None or plan.ignores_buffers:
        return
    least = experts_bytes(plan, scenario.model, scenario.generation)
    if scenario.load_buffer_bytes < least:
        raise InfeasibleError(f"{scenario.app}: the experts of one layer may need a load buffer of {show_bytes(least)}"
                              f" ({least} B), it has room for {show_bytes(scenario.load_buffer_bytes)}")  # fmt: skip
