"""What a page shows: points, each a scenario with its results, and planners side by side where they were compared."""

from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import NamedTuple

from edgesim.pages.basis import Basis, bases
from edgesim.pages.entries import Entry, entry_of
from edgesim.pages.planners import Described, described
from edgesim.pages.scatter import Family, Scatter, families, scatters
from edgesim.pages.tables import Cell, Grid, grid, mood
from edgesim.pages.texts import scenario_text
from edgesim.pages.words import words
from edgesim.plot.front import comparable, quality_label
from edgesim.provenance import provenance
from edgesim.report.columns import footnotes
from edgesim.report.comparison import results_table, shown_results
from edgesim.report.verdict import verdict
from edgesim.result import Comparison, LeftOut, Result
from edgesim.scenario import Scenario
from edgesim.units import show_bytes, show_ns


class Asked(NamedTuple):
    """A scenario and what came of it.

    Parameters
    ----------
    scenario
        What was asked.
    results
        What the command gives as JSON, too.
    drawn
        Results that are shown in full.
    comparison
        Planners side by side, if they were compared.
    """

    scenario: Scenario
    results: Sequence[Result]
    drawn: Sequence[Result]
    comparison: Comparison | None = None


class Compared(NamedTuple):
    """Planners side by side: sentences, a table, pictures; `shown` are the planners of the rows that matter.

    `panels` are of these, `every` is of all planners, where there are more.
    """

    sentences: Cell
    table: Grid
    shown: Sequence[str]
    notes: Sequence[str]
    quality: str
    panels: Sequence[Scatter]
    every: Sequence[Scatter]
    families: Sequence[Family]
    described: Sequence[Described]
    left_out: Sequence[LeftOut]


class Point(NamedTuple):
    """One scenario as a page shows it.

    `results` are all that were tried, `rest` are those that are data only, `numbers` those of what was asked for.
    """

    number: int
    label: str
    scenario: Scenario
    words: Sequence[str]
    text: str | None
    results: Sequence[Result]
    compared: Compared | None
    entries: Sequence[Entry]
    rest: Sequence[tuple[int, Result]]
    numbers: Sequence[int]
    bases: Sequence[Basis]
    provenance: dict[str, object]


def points_of(asked: Sequence[Asked]) -> list[Point]:
    """Return the points of a page; all their results are numbered through."""
    numbers = count()
    labels = _labels([one.scenario for one in asked])
    return [_point(number, label, one, numbers) for number, (label, one) in enumerate(zip(labels, asked, strict=True))]


def _point(number: int, label: str, asked: Asked, numbers: Iterator[int]) -> Point:
    scenario = asked.scenario
    entries = [entry_of(next(numbers), result, scenario) for result in asked.drawn]
    known = {id(entry.result): entry.number for entry in entries}
    rest = [(next(numbers), result) for result in asked.results if id(result) not in known]
    known |= {id(result): at for at, result in rest}
    return Point(
        number, label, scenario, words(scenario), scenario_text(scenario),
        asked.comparison.results if asked.comparison else asked.results,
        _compared(asked.comparison, scenario, [entry.label for entry in entries]) if asked.comparison else None,
        entries, rest, [known[id(result)] for result in asked.results],
        bases(asked.drawn[0], scenario) if asked.drawn else [], provenance(scenario),
    )  # fmt: skip


def _compared(comparison: Comparison, scenario: Scenario, drawn: Sequence[str]) -> Compared:
    results = comparison.results
    said = verdict(comparison)
    named = [choice.label for choice in scenario.planner]
    shown = list(dict.fromkeys([*(result.planner for result in shown_results(comparison, named)), *drawn]))
    order = [*drawn, *named, *shown]
    few = [result for result in results if result.planner in shown]
    every = scatters(results, order) if len(few) < len(results) else []
    return Compared(
        Cell(said.plain, mood(said)), grid(results_table(results), "Planners side by side"), shown,
        [note.plain for note in footnotes(results)], quality_label(results),
        scatters(few, order), every, families(comparable(results)),
        described(results, Path(scenario.folder)), comparison.left_out,
    )  # fmt: skip


def _labels(scenarios: Sequence[Scenario]) -> list[str]:
    """Tell points apart by what differs between them."""
    facts = [
        (one.name, one.device.name, one.processor, one.model.name, one.throttle.name if one.throttle else "",
         show_ns(one.target_latency_ns), f"preload {show_bytes(one.preload_bytes)}",
         "any load buffer" if one.load_buffer_bytes is None else f"load buffer {show_bytes(one.load_buffer_bytes)}")
        for one in scenarios
    ]  # fmt: skip
    differ = [len(set(column)) > 1 for column in zip(*facts, strict=True)]
    told = [[fact for fact, tell in zip(row, differ, strict=True) if tell and fact] for row in facts]
    return [", ".join(row) or scenario.name for row, scenario in zip(told, scenarios, strict=True)]
