"""What a planner promises, and the sentence for each promise that it breaks."""

import re
from collections.abc import Callable, Iterator
from inspect import Parameter, getdoc, signature
from typing import get_type_hints

from edgesim.cost import bits_of, load_ns, request
from edgesim.errors import EdgesimError, InfeasibleError, InputError, PluginError
from edgesim.experiment import simulate
from edgesim.plans import Plan
from edgesim.plugins import option_mistakes, options_of, place, reason
from edgesim.recurrence import makespan_ns
from edgesim.rules import check
from edgesim.scenario import Scenario
from edgesim.testing.trial import Trial
from edgesim.units import show_ns
from edgesim.work import first_and_later
from edgesim.workload import SingleStream

_MOST_INFERENCES = 3
_FORM = "its plan is not of the form that edgesim.Plan describes"


def about(function: Callable[..., Plan]) -> Iterator[str]:
    """Yield what a planner does not say of itself."""
    if not getdoc(function):
        yield "it has no docstring; 'edgesim list planners' shows its first line"
    if any(item.kind is Parameter.VAR_KEYWORD for item in signature(function).parameters.values()):
        yield "it takes options by **, so that a mistyped one cannot be found; name each of them"
    yield from _options(function)


def _options(function: Callable[..., Plan]) -> Iterator[str]:
    try:
        hints = get_type_hints(function)
    except Exception as error:
        yield f"its annotations cannot be read, {reason(error)}"
        return
    defaults = {name: item.default for name, item in options_of(function).items()}
    for name, default in defaults.items():
        if name not in hints:
            yield f"its option {name} has no type; files are checked against it"
        if default is Parameter.empty:
            yield f"its option {name} has no default; 'compare' runs every planner with its defaults"
    given = {name: default for name, default in defaults.items() if default is not Parameter.empty}
    yield from (
        f"the default of its option {name} {what}" for name, what in option_mistakes(function, given) if name in given
    )


def broken(trial: Trial, may_miss_target: bool) -> Iterator[str]:
    """Yield what was broken when a planner was asked for one scenario."""
    if trial.plan is None:
        yield from _without_plan(trial)
    if isinstance(trial.made, Plan | InfeasibleError) and _told(trial.again) != _told(trial.made):
        yield f"asked twice, it answers {_short(trial.made)} and {_short(trial.again)}"
    if trial.plan is None:
        return
    try:
        check(trial.plan, trial.scenario)
    except EdgesimError as error:
        yield str(error)
        return
    except Exception as error:
        yield f"{_FORM}, {reason(error)}"
        return
    yield from _reads(trial.plan, trial.scenario)
    yield from _latency(trial.plan, trial.scenario, may_miss_target)


def _without_plan(trial: Trial) -> Iterator[str]:
    error = trial.made
    if isinstance(error, InfeasibleError):
        if not re.search(r"\d", str(error)):
            yield f"where no plan fits it must say what is short, and by how much; it says only '{error}'"
    elif isinstance(error, PluginError):
        yield str(error)
    elif isinstance(error, InputError):
        return  # it says what it is not made for: a model without some bitwidth, a library that is missing
    elif isinstance(error, EdgesimError):
        yield f"where no plan fits it must raise InfeasibleError, not {type(error).__name__}: {error}"
    elif isinstance(error, BaseException):
        yield f"it fails, {reason(error)}{place(error, trial.function)}"


def _told(made: Plan | BaseException) -> object:
    return made if isinstance(made, Plan) else reason(made)


def _short(made: Plan | BaseException) -> str:
    if isinstance(made, Plan):
        return f"a plan of {len(made.layers)} layers and {sum(load.bytes for load in made.loads)} B to read"
    return f"'{reason(made)}'"


def _reads(plan: Plan, scenario: Scenario) -> Iterator[str]:
    """Say which loads would be done faster than shards that lie where the model says."""
    bits, storage = bits_of(plan), scenario.device.storage
    for load in plan.loads:
        told = request(scenario.model, [(shard, bits[shard]) for shard in load.shards])
        if load_ns(load.extents, storage) < load_ns(told.extents, storage):
            yield (f"its load of {list(load.shards)} has extents {list(load.extents)}, but these shards are read as"
                   f" {list(told.extents)}; edgesim.cost.request makes such loads")  # fmt: skip


def _latency(plan: Plan, scenario: Scenario, may_miss_target: bool) -> Iterator[str]:
    """Say where a warm session misses the target, or where simulation and recurrence differ."""
    inferences = min(scenario.workload.inferences or _MOST_INFERENCES, _MOST_INFERENCES)
    warm = scenario.model_copy(update={"workload": SingleStream(inferences=inferences)})
    room = None if plan.ignores_buffers else scenario.load_buffer_bytes
    first, later = first_and_later(plan, warm.model, warm.device, warm.session)
    for number, served in enumerate(simulate(plan, warm).requests):
        latency, told = served.finish_ns - served.start_ns, makespan_ns(later if number else first, room)
        over = latency - scenario.target_latency_ns
        if over > 0 and not may_miss_target:
            yield f"inference {number} misses the target of {show_ns(scenario.target_latency_ns)} by {show_ns(over)}"
        if latency != told:
            yield f"inference {number} takes {latency} ns simulated and {told} ns by recurrence: edgesim's own mistake"
