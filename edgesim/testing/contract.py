"""The contract of planners, tried on the shipped scenarios and on random ones; a breach is a sentence."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from edgesim.conditions import Conditions
from edgesim.errors import InputError
from edgesim.files import given_scenario, read_choice, shipped_names
from edgesim.plans import Plan
from edgesim.plugins import PLANNERS, check_form, find, options_of
from edgesim.quantities import counted
from edgesim.scenario import Scenario
from edgesim.testing.draws import random_scenario
from edgesim.testing.promises import about, broken
from edgesim.testing.trial import Trial, tried
from edgesim.units import show_ns

_MOST_SHOWN = 20


class BrokenContractError(AssertionError):
    """A planner does not keep what it promises; the message has a sentence for each breach."""


class Kept(NamedTuple):
    """A contract that was kept: how many scenarios were tried, what came of them, and how long planning took."""

    planner: str
    scenarios: int
    plans: int
    ignoring_buffers: int
    median_ns: int
    longest_ns: int
    longest_on: str

    def __str__(self) -> str:
        ignoring = f", {self.ignoring_buffers} of them ignore the buffers" if self.ignoring_buffers else ""
        tried = f"{counted(self.scenarios, 'scenario')}: {counted(self.plans, 'plan')}"
        return (f"{self.planner} keeps the contract on {tried}{ignoring};"
                f" planning took {show_ns(self.median_ns)} at the median, {show_ns(self.longest_ns)} at most"
                f" ({self.longest_on})")  # fmt: skip


def planner_contract(
    planner: str | Callable[..., Plan],
    scenarios: Iterable[Scenario | str | Path] | None = None,
    *,
    random: int = 100,
    may_miss_target: bool = False,
) -> Kept:
    """Try what every planner promises.

    Its plans are legal, the same when asked twice, and read what the model's records say. It leaves its inputs as they
    are, keeps no more than the preload buffer holds, and meets the target in the simulation, which the recurrence
    confirms. Where no plan fits it raises InfeasibleError and says what is short; for what it is not made, InputError.
    It has a docstring, and its options have types and defaults.

    Parameters
    ----------
    planner
        A label as reports show it, ``mine[size=3]``, or the function. Options without a value have their defaults,
        except for a `bitwidth`: it takes each of the model's in turn.
    scenarios
        Scenarios, files or shipped names; by default all that are shipped, but for those of decoders. A plan is
        executed alone: other apps, what disturbs and what changes are left out.
    random
        How many of `edgesim.testing.random_scenario` are tried besides.
    may_miss_target
        It does not promise to meet the target.

    Returns
    -------
    Kept
        What was tried, and how long planning took: `print` it.

    Raises
    ------
    BrokenContractError
        If a promise is broken; it is an AssertionError.
    PluginError, InputError
        If there is no such planner or scenario.
    """
    __tracebackhide__ = True
    label, function, options = _named(planner)
    found, trials = list(about(function)), []
    for number, scenario in enumerate(_cases(scenarios, random)):
        trial = tried(function, scenario, _complete(function, options, scenario, number))
        found += [f"{scenario.name}{trial.shown}: {what}" for what in broken(trial, may_miss_target)]
        trials.append(trial)
    if trials and all(isinstance(trial.made, InputError) for trial in trials):
        found.append(f"it is made for none of the scenarios; of the first it says '{trials[0].made}'")
    if found:
        more = [f"and {len(found) - _MOST_SHOWN} more"] if len(found) > _MOST_SHOWN else []
        raise BrokenContractError("\n- ".join([f"{label} breaks the contract:", *found[:_MOST_SHOWN], *more]))
    return _kept(label, trials)


def _named(planner: str | Callable[..., Plan]) -> tuple[str, Callable[..., Plan], dict[str, Any]]:
    if isinstance(planner, str):
        choice = read_choice(planner)
        return choice.label, find(PLANNERS, choice.name, Path()), choice.options
    label = str(getattr(planner, "__name__", planner))
    check_form(PLANNERS, label, planner)
    return label, planner, {}


_UNDISTURBED = {"conditions": Conditions(), "apps": {}, "schedule": (), "trim": None, "replan": False}


def _cases(scenarios: Iterable[Scenario | str | Path] | None, random: int) -> Iterator[Scenario]:
    for given in shipped_names("scenarios") if scenarios is None else scenarios:
        scenario = given_scenario(given)
        if scenario.model.decoder is None:  # those promise times of tokens, on a device that is derived for each
            yield scenario.model_copy(update=_UNDISTURBED)
    yield from map(random_scenario, range(random))


def _complete(
    function: Callable[..., Plan], options: dict[str, Any], scenario: Scenario, number: int
) -> dict[str, Any]:
    """Return the options, with a bitwidth that the model has, as `compare` gives one."""
    if "bitwidth" not in options_of(function) or "bitwidth" in options:
        return options
    bitwidths = scenario.model.bitwidths
    return options | {"bitwidth": bitwidths[number % len(bitwidths)]}


def _kept(label: str, trials: Sequence[Trial]) -> Kept:
    slowest = max(trials, key=lambda trial: trial.planning_ns)
    plans = [trial.plan for trial in trials if trial.plan is not None]
    return Kept(
        planner=label,
        scenarios=len(trials),
        plans=len(plans),
        ignoring_buffers=sum(plan.ignores_buffers for plan in plans),
        median_ns=int(median(trial.planning_ns for trial in trials)),
        longest_ns=slowest.planning_ns,
        longest_on=slowest.scenario.name,
    )
