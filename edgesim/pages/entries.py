"""One result as a page shows it: the answer, plans, timeline and figures."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.table import Table

from edgesim.figures import Metrics
from edgesim.metrics import promised_ns
from edgesim.pages.figures import Figures, tables
from edgesim.pages.plan_maps import Map, importance_map, plan_map
from edgesim.pages.spans import MOST_SPANS, spans_grid
from edgesim.pages.staircase import Staircase, budgets_grid, staircase
from edgesim.pages.tables import Cell, Grid, grid
from edgesim.pages.timelines import Drawn, drawn
from edgesim.plot.look import BUFFERS
from edgesim.report.amounts import energy_text, promise_text, time_text
from edgesim.report.sessions import session_parts
from edgesim.report.text import layers_table, mean_bits, number, rests_on, shape, share
from edgesim.result import Result
from edgesim.scenario import Scenario
from edgesim.timeline import BESIDE
from edgesim.units import show_bytes, show_ns

_SESSION = {
    "asked": "All inferences of the session",
    "engagements": "Engagements, and energy above idle",
    "tokens": "Tokens",
}
"""Captions of the report's tables, by a heading of theirs."""


class Tile(NamedTuple):
    """One figure at a glance: what it is, how much, what that means, and whether it is good."""

    name: str
    value: str
    about: str
    mood: str = ""


class Part(NamedTuple):
    """A part of the memory at its largest, as a share of the largest part, and its colour."""

    name: str
    value: str
    share: float
    colour: str


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
    return Entry(
        number, result.planner, result, scenario, _verdict(result, scenario), list(_tiles(result)),
        _parts(result.metrics), Cell(doubts.plain, "doubt" if str(doubts.style) == "yellow" else "good"),
        list(_session(result, scenario)),
        list(_apps(result, scenario)), list(_figures(result, scenario)), timeline,
        spans_grid([("", result.timeline)], MOST_SPANS), _kept(result),
    )  # fmt: skip


def _verdict(result: Result, scenario: Scenario) -> Tile:
    metrics, first = result.metrics, result.timeline.requests[0]
    of = f"of {promise_text(scenario)}" if not scenario.schedule else f"of {show_ns(metrics.target_latency_ns)}"
    name = "time a token" if first.token_ns else "latency"
    met = ("met", "good") if metrics.meets_target else ("missed", "bad")
    several = result.service is not None and result.service.inferences > 1
    return Tile(f"{name}{', first inference' * several}", show_ns(promised_ns(first)), f"{of}: {met[0]}", met[1])


def _tiles(result: Result) -> Iterator[Tile]:
    metrics, plan, service = result.metrics, result.plan, result.service
    if service and service.inferences > 1:
        fraction = metrics.target_met_fraction
        yield Tile("within the target", share(round(fraction * 10**6), 10**6), f"of {service.inferences:,} inferences",
                   "good" if fraction == 1 else "bad")  # fmt: skip
        yield Tile("latency, p90", show_ns(metrics.latency_p90_ns), f"median {show_ns(metrics.latency_p50_ns)}")
    if first := result.timeline.requests[0].token_ns:
        yield Tile("reply", time_text(metrics.latency_ns), f"{len(first):,} token{'s' * (len(first) > 1)}")
    yield Tile("stalled", share(metrics.stall_ns, metrics.latency_ns), "of the latency, waiting for shards")
    yield Tile("submodel", shape(plan).replace("x", "\N{MULTIPLICATION SIGN}"), f"{mean_bits(plan):.1f} bits a weight")
    yield Tile("fidelity", number(metrics.fidelity), "of 1, the whole model at 32 bits")
    yield Tile("accuracy", number(metrics.accuracy), "predicted" if metrics.accuracy is not None else "not measured")
    yield Tile("memory held", show_bytes(metrics.held_memory_bytes), "between inferences")
    yield Tile("memory at its peak", show_bytes(metrics.peak_memory_bytes), "all parts together")
    yield Tile("energy", energy_text(metrics.energy_pj), "above idle" if metrics.energy_pj is not None else "no powers")


def _session(result: Result, scenario: Scenario) -> Iterator[Grid]:
    """Yield the report's tables of the whole session, each with a caption of its own."""
    for table in (part for part in session_parts(result, scenario) if isinstance(part, Table)):
        names = {str(column.header).strip() for column in table.columns}
        caption = next(
            (caption for name, caption in _SESSION.items() if name in names), "What the device did meanwhile"
        )
        yield grid(table, caption)


def _parts(metrics: Metrics) -> list[Part]:
    colours = {"always held": "#b9c0c8"} | BUFFERS
    sizes = (metrics.resident_bytes, metrics.preload_bytes, metrics.load_buffer_peak_bytes, metrics.working_bytes)
    most = max(*sizes, 1)
    return [
        Part(name, show_bytes(size), round(size / most, 4), colour)
        for (name, colour), size in zip(colours.items(), sizes, strict=True)
    ]


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
    requests = f"{len(plan.loads):,} read{'s' * (len(plan.loads) != 1)}"
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
