"""Cases for planners that search, made and planned one by one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from itertools import product
from random import Random
from typing import Any

import numpy as np

from edgesim import Device
from edgesim.batch.cases import Cases, Planned
from edgesim.batch.jobs import UNLIMITED, Jobs
from edgesim.batch.pricing import job_of
from edgesim.batch.stack import taken
from edgesim.errors import EdgesimError, InputError
from edgesim.planners.balanced_lock import balanced_lock
from edgesim.planners.baselines import load_exec, preload_model, std_pipeline
from edgesim.planners.demand_layering import demand_layering
from edgesim.planners.device_map import device_map
from edgesim.planners.dynabert import dynabert
from edgesim.planners.flexgen import flexgen
from edgesim.planners.many import many
from edgesim.planners.mmap_lru import mmap_lru
from edgesim.planners.one_ahead import one_ahead
from edgesim.planners.parallel_load import parallel_load
from edgesim.planners.pipeswitch import pipeswitch
from edgesim.planners.search import Search, written
from edgesim.planners.searched import searching
from edgesim.plans import Plan
from edgesim.recurrence import makespan_ns
from edgesim.rules import waits_for_itself
from edgesim.scenario import Scenario
from edgesim.testing import random_scenario
from edgesim.work import price
from edgesim.workload import SingleStream

Planner = Callable[..., Plan]
Budgets = list[tuple[int, int, int]]
UNIFORM = [std_pipeline, load_exec, preload_model, balanced_lock, device_map, one_ahead, demand_layering]
EVERY: list[Planner] = [*UNIFORM, parallel_load, pipeswitch, mmap_lru, dynabert, flexgen]
FREE = {flexgen, dynabert}
"""Planners that choose the bitwidth themselves."""


def drawn(seed: int) -> Scenario:
    """Return one inference from a warm start, of a model and device of any kind, records and several lanes included."""
    return random_scenario(seed).model_copy(update={"workload": SingleStream()})


def options_for(planner: Planner, scenario: Scenario, random: Random) -> dict[str, Any]:
    """Return options of any kind; some are mistakes."""
    options: dict[str, Any] = {} if planner in FREE else {"bitwidth": random.choice([*scenario.model.bitwidths, 4])}
    more: dict[Planner, dict[str, Any]] = {
        one_ahead: {"prefetch": random.random() < 0.5},
        demand_layering: {"max_depth": random.choice([None, 0, 1, 3])},
        parallel_load: {"loaders": random.choice([None, 1, 2])},
        mmap_lru: {"page_bytes": 8, "read_ahead_bytes": random.choice([8, 64])},
        flexgen: {"memory_slack": random.choice([0.8, 1.0])},
    }
    return options | more.get(planner, {})


def with_budget(scenario: Scenario, budget: tuple[int, int, int]) -> Scenario:
    """Return a scenario with another target, preload and load buffer."""
    target, preload, room = budget
    load_buffer = None if room == UNLIMITED else room
    changes = {"target_latency_ns": target, "preload_bytes": preload, "load_buffer_bytes": load_buffer}
    return scenario.model_copy(update=changes)


def search_for(planner: Planner, scenario: Scenario, options: Mapping[str, Any]) -> Search:
    """Return what a planner searches."""
    found = searching(planner)
    assert found is not None
    return found.search(scenario.model, scenario.device, scenario.budget, **options)


def timed(search: Search) -> Iterator[tuple[Plan, int]]:
    """Yield every candidate that does not wait for itself, with its makespan."""
    processor = search.budget.processor
    for candidate in search.candidates():
        plan = written(candidate, search.model)
        work = price(plan, search.model, search.device, processor, plan.preload)
        room = None if plan.ignores_buffers else search.budget.load_buffer_bytes
        if not any(waits_for_itself(work, room)):
            yield plan, makespan_ns(work, room)


def cases_of(bases: Sequence[Scenario], rows: Sequence[tuple[int, tuple[int, int, int]]]) -> Cases:
    """Return cases: places of their bases, and budgets."""
    budgets = np.array([budget for _, budget in rows], np.int64).reshape(-1, 3)
    return Cases(tuple(bases), np.array([base for base, _ in rows], np.intp), *budgets.T)


def one_by_one(planner: Planner, scenario: Scenario, options: Mapping[str, Any]) -> Jobs | EdgesimError:
    """Return the plan of one case as a job, or why there is none."""
    try:
        return job_of(planner(scenario.model, scenario.device, scenario.budget, **options), scenario)
    except EdgesimError as error:
        return error


def differences(found: Planned, row: int, wanted: Jobs | EdgesimError) -> list[str]:
    """Return where a case of a batch differs from what is wanted."""
    if isinstance(wanted, EdgesimError):
        refused = found.refused.get(row)
        alike = found.job[row] == -1 and type(refused) is type(wanted) and str(refused) == str(wanted)
        return [] if alike else [f"{wanted!r}, got {refused!r}"]
    if row in found.refused:
        return [repr(found.refused[row])]
    job = taken(found.jobs, found.job[[row]])
    pairs = {field.name: (getattr(job, field.name), getattr(wanted, field.name)) for field in fields(Jobs)}
    return [name for name, (got, want) in pairs.items() if got.dtype != want.dtype or not _equal(got, want)]


def _equal(got: "np.ndarray[Any, Any]", want: "np.ndarray[Any, Any]") -> bool:
    return got.shape == want.shape and np.array_equal(got, want, equal_nan=got.dtype.kind == "f")


def compared(
    planner: Planner,
    bases: Sequence[Scenario],
    rows: Sequence[tuple[int, tuple[int, int, int]]],
    options: Mapping[str, Any],
) -> int:
    """Compare a batch with its cases one by one; return how many have a plan."""
    at_once = many(planner)
    assert at_once is not None
    found = at_once(cases_of(bases, rows), **options)
    for row, (base, budget) in enumerate(rows):
        wanted = one_by_one(planner, with_budget(bases[base], budget), options)
        assert not differences(found, row, wanted), (bases[base].name, budget, options)
    assert len(found.refused) + int((found.job >= 0).sum()) == len(rows)
    return len(rows) - len(found.refused)


def budgets_for(planner: Planner, scenario: Scenario, options: Mapping[str, Any], random: Random) -> Budgets:
    """Return targets at makespans, 1 ns off them, and others; with several buffers; in any order."""
    preloads = {scenario.preload_bytes, random.randint(0, 3000)}
    rooms = {UNLIMITED, random.randint(1, 3000), random.randint(1, 300)}
    found: Budgets = []
    for preload, room in product(preloads, rooms):
        targets = {1, scenario.target_latency_ns}
        try:
            search = search_for(planner, with_budget(scenario, (1, preload, room)), options)
            makespans = sorted({time for _, time in timed(search)})
        except InputError:
            makespans = []
        for makespan in [*makespans[:1], *random.sample(makespans, min(2, len(makespans)))]:
            targets |= {makespan - 1, makespan, makespan + 1}
        found += [(target, preload, room) for target in targets if target > 0]
    return random.sample(found, len(found))


def with_storage(scenario: Scenario, other: Device) -> Scenario:
    """Return a scenario whose device reads from the storage of another one."""
    device = scenario.device.model_copy(update={"storage": other.storage})
    return scenario.model_copy(update={"device": device})
