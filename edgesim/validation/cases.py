"""A scenario and its campaign -> the cases to execute."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from edgesim.errors import InfeasibleError, InputError
from edgesim.experiment import run
from edgesim.files import read_choices, read_points, read_scenario
from edgesim.plans import Plan
from edgesim.result import Result
from edgesim.scenario import Scenario
from edgesim.validation.records import Case
from edgesim.work import Work, first_and_later


@dataclass(frozen=True, slots=True)
class Planned:
    """A case with what executing it takes."""

    case: Case
    plan: Plan
    scenario: Scenario


def planned_cases(
    path: str | Path, planners: Sequence[str] = (), changes: dict[str, object] | None = None
) -> tuple[list[Planned], list[str]]:  # fmt: skip
    """Plan and simulate every case of a scenario.

    Parameters
    ----------
    path
        A scenario file, or the name of a shipped one.
    planners
        Labels; by default the scenario's planners.
    changes
        Keys to set before the file is checked, in every case.

    Returns
    -------
    planned, left_out
        Cases with different plans, and why others have none.

    Raises
    ------
    InputError
        If the file is wrong, wants what only a simulation can do, or no plan fits anywhere.
    PluginError
        If a planner is missing or fails.
    """
    chosen = read_choices(planners)
    found: dict[object, Planned] = {}
    left_out = []
    _check_one_device(path, changes or {})
    for tried, scenario in read_points(path, changes):
        _check_plain(path, scenario)
        for choice in chosen or scenario.planner:
            try:
                result = run(scenario, choice)
            except InfeasibleError as error:
                left_out.append(f"{_label(choice.label, tried)}: {error}")
                continue
            made = Planned(case_of(result, scenario, tried), result.plan, scenario)
            found.setdefault(_key(made), made)
    if not found:
        raise InfeasibleError("\n".join(left_out))
    return list(found.values()), left_out


def _check_one_device(path: str | Path, changes: dict[str, object]) -> None:
    """Refuse to execute for several devices: there is only this machine."""
    campaign = read_scenario(path, changes).campaign
    if campaign.device and "device" not in changes:
        raise InputError(f"{path}: campaign.device: plans are executed on this machine only; name its profile with"
                         f" --device, or compare these {len(campaign.device)} devices")  # fmt: skip


def _check_plain(path: str | Path, scenario: Scenario) -> None:
    """Refuse what only a simulation can do, before anything is simulated: the two would not be of the same session."""
    given = {
        "apps": bool(scenario.apps),
        "conditions": scenario.is_disturbed,
        "replan": scenario.replan,
        "generation": scenario.generation is not None,
        "workload": scenario.session.workload is not None,
    }
    if wrong := [key for key, there in given.items() if there]:
        only = "only one app is executed for real, one inference after the other, on a device that nothing disturbs"
        raise InputError(f"{path}: {', '.join(wrong)}: {only}; leave that out, or simulate the scenario")


def _label(planner: str, changes: dict[str, str]) -> str:
    return " · ".join([planner, *changes.values()])


def _key(made: Planned) -> object:
    """Tell what makes a difference when a plan is executed: how it was found does not."""
    bare = replace(made.plan, upgrades=(), io_budget_ns=(), io_budget_initial_ns=())
    return (bare, made.case.throttle, made.case.load_buffer_bytes) if made.case.reads else bare


def case_of(result: Result, scenario: Scenario, changes: dict[str, str]) -> Case:
    """Return what a validation keeps of a simulated result.

    Parameters
    ----------
    result, scenario
        What was simulated, and for what.
    changes
        The keys that its campaign changed.
    """
    first, later = first_and_later(result.plan, scenario.model, scenario.device, scenario.session)
    return Case(
        label=_label(result.planner, changes),
        planner=result.planner,
        changes=changes,
        throttle=scenario.throttle.name if scenario.throttle else None,
        target_latency_ns=scenario.target_latency_ns,
        works=(_nameless(first), _nameless(later)),
        load_buffer_bytes=None if result.plan.ignores_buffers else scenario.load_buffer_bytes,
        simulated=result.timeline,
        metrics=result.metrics,
    )


def _nameless(work: Work) -> Work:
    return replace(work, loads=())
