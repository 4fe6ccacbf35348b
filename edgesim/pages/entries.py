"""One result as a page shows it: the answer, plans, timeline and figures."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from edgesim.pages.answer import Part, Tile, memory_parts, session_grids, tiles, verdict_tile
from edgesim.pages.figures import Figures, tables
from edgesim.pages.plan_maps import Map, importance_map, plan_map
from edgesim.pages.spans import MOST_SPANS, spans_grid
from edgesim.pages.staircase import Staircase, budgets_grid, staircase
from edgesim.pages.tables import Cell, Grid, grid
from edgesim.pages.timelines import Drawn, drawn
from edgesim.quantities import counted
from edgesim.report.capacity import too_large
from edgesim.report.text import layers_table, rests_on, shape
from edgesim.result import Result
from edgesim.scenario import Scenario
from edgesim.timeline import BESIDE
from edgesim.units import show_bytes, show_ns


class PlanView(NamedTuple):
    """One plan: what it is called where there are several, and whose it is; its facts, maps and budgets."""

    name: str
    whose: str
    facts: str
    map: Map
    importance: Map | None
    staircase: Staircase | None
    budgets: Grid | None


class AppView(NamedTuple):
    """The plans of one app, and the layers of its first inference."""

    name: str
    planner: str
    plans: Sequence[PlanView]
    layers: Grid


class Entry(NamedTuple):
    """One result; `number` is its place in the page's data."""

    number: int
    label: str
    result: Result
    scenario: Scenario
    verdict: Tile
    tiles: Sequence[Tile]
    memory: Sequence[Part]
    too_large: str
    doubts: Cell
    session: Sequence[Grid]
    apps: Sequence[AppView]
    figures: Sequence[Figures]
    timeline: Drawn
    spans: Grid
    kept: str


def entry_of(number: int, result: Result, scenario: Scenario) -> Entry:
    """Return what a page shows of one result."""
    doubts, timeline = rests_on(result), drawn(result, scenario)
    mood = "doubt" if str(doubts.style) == "yellow" else "good"
    return Entry(
        number, result.planner, result, scenario, verdict_tile(result, scenario), list(tiles(result, scenario)),
        memory_parts(result.metrics), too_large(result, scenario), Cell(doubts.plain, mood),
        list(session_grids(result, scenario)),
        list(_apps(result, scenario)), list(_figures(result, scenario)), timeline,
        spans_grid([("", result.timeline)], MOST_SPANS), _kept(result),
    )  # fmt: skip


def _named(result: Result, scenario: Scenario) -> Iterator[tuple[str, Result, Scenario]]:
    """Yield every app with its result and what was asked of it, without a name where it is alone."""
    yield scenario.app if result.beside else "", result, scenario
    for one, asked in zip(result.beside, scenario.apps.values(), strict=True):
        yield asked.app, one, asked


def _figures(result: Result, scenario: Scenario) -> Iterator[Figures]:
    for name, one, _ in _named(result, scenario):
        yield from tables(one, name)


def _apps(result: Result, scenario: Scenario) -> Iterator[AppView]:
    for name, one, asked in _named(result, scenario):
        plans = [_plan(number, name, one, asked) for number in range(len(one.all_plans))]
        caption = f"Layers of the first inference{_of(name)}; preloaded shards have an asterisk"
        layers = grid(layers_table(one), caption)
        yield AppView(name, one.planner, plans, layers)


def _made_for(number: int, scenario: Scenario) -> str:
    """Say for which target and preload buffer one of many plans was made; those for little memory are last."""
    target, preload = scenario.states[number % len(scenario.states)]
    least = scenario.trim.preload_buffer if scenario.trim and number >= len(scenario.states) else preload
    short = ", while memory is short" if number >= len(scenario.states) else ""
    return f": {show_ns(target)} with {show_bytes(min(least, preload))} kept{short}"


def _of(name: str) -> str:
    return f" of {name}" if name else ""


def _plan(number: int, app: str, result: Result, scenario: Scenario) -> PlanView:
    plan, many = result.all_plans[number], len(result.all_plans)
    reads = sum(load.bytes for load in plan.loads)
    requests = counted(len(plan.loads), "read")
    facts = (
        f"{shape(plan).replace('x', chr(215))} of {scenario.model.layers} {chr(215)} {scenario.model.shards_per_layer}"
        f" shards, {len(plan.preload):,} preloaded, {requests} of {show_bytes(reads)} in all"
    )
    name = f"Plan {number + 1} of {many}{_made_for(number, scenario)}" if many > 1 else ""
    whose = f"{_of(app)}{f', plan {number + 1}' * (many > 1)}"
    return PlanView(
        name, whose, facts, plan_map(plan, scenario.model), importance_map(scenario.model), staircase(plan),
        budgets_grid(plan, whose) if plan.io_budget_ns else None,
    )  # fmt: skip


def _kept(result: Result) -> str:
    """Say of how many inferences the timeline is there, where not of all."""
    said = []
    for each in (result, *result.beside):
        kept = len({span.request for span in each.timeline.spans if span.request != BESIDE})
        if each.service and kept < each.service.inferences:
            said.append(f"{kept:,} of {each.service.inferences:,}")
    return f"Of the inferences, {' and '.join(said)} are drawn, the first ones; --all-spans keeps all." if said else ""
