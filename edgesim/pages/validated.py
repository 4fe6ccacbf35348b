"""The page of a validation: how far the simulation is from reality, by class and plan, and both on the same lanes."""

from collections.abc import Iterator
from typing import Any

from edgesim.pages.answer import Tile
from edgesim.pages.basis import GRADES
from edgesim.pages.cases import CaseEntry, case_entry
from edgesim.pages.errors import errors_of
from edgesim.pages.rendering import render
from edgesim.pages.results import file_name
from edgesim.pages.tables import Cell, Grid, grid, mood
from edgesim.quantities import counted
from edgesim.validation.shown import shown_pairs
from edgesim.validation.text import (
    CLASSES,
    accuracy_table,
    cases_table,
    choices,
    circumstances,
    classes_table,
    kinds_table,
    ranking_table,
    verdict_text,
)
from edgesim.validation.verdict import Validation

_PARTS = (
    ("answer", "Answer"), ("timeline", "Timeline"), ("cases", "Plans"), ("spans", "Spans and ranking"),
    ("basis", "What it rests on"), ("reproduce", "How to reproduce"),
)  # fmt: skip


def validation_page(found: Validation, command: str, *, executed_here: bool = False) -> bytes:
    """Return the page of a validation; see `edgesim.pages.save_validation`."""
    verdict, about = verdict_text(found), found.campaign.circumstances
    entries = list(_entries(found))
    return render(
        "validation.html.j2", title=found.campaign.scenario, parts=_PARTS, found=found, entries=entries,
        verdict=Cell(verdict.plain, mood(verdict)), tiles=list(_tiles(found)), choices=list(choices(found)),
        errors=errors_of(found.agreements, found.campaign.tolerance), tables=_tables(found),
        links={entry.label: entry.number for entry in entries}, sentences=list(circumstances(found)),
        grades=GRADES, grounds=_grounds(about), inputs=_part(_part(about, "provenance"), "inputs"),
        facts=list(_facts(about)), made_with=_part(about, "provenance").get("version", "unknown"),
        command=command, executed_here=executed_here, file=f"{file_name(found.campaign.scenario)}-validation.json",
    )  # fmt: skip


def _entries(found: Validation) -> Iterator[CaseEntry]:
    """Yield the plans that were validated, the largest errors first."""
    by_case = {id(case): one for case, one in zip(found.campaign.cases, found.agreements, strict=True)}
    for number, (case, run) in enumerate(shown_pairs(found)):
        yield case_entry(number, case, run, by_case[id(case)], found.campaign.tolerance)


def _tiles(found: Validation) -> Iterator[Tile]:
    limit = found.campaign.tolerance
    for group in found.groups:
        plans = counted(group.cases, "plan")
        if group.prediction is None:
            yield Tile(CLASSES[group.group], "unknown", f"median error of {plans}: not validated", "bad")
            continue
        error = group.prediction
        yield Tile(CLASSES[group.group], f"{100 * error.median_size:.2f} %",
                   f"median error of {plans}, at worst {100 * error.max_size:.2f} %",
                   "good" if error.median_size <= limit else "bad")  # fmt: skip


def _tables(found: Validation) -> dict[str, Grid]:
    every = {
        "classes": (classes_table(found), "Latency by class; errors are (simulated - real) / real"),
        "cases": (cases_table(found, len(found.agreements)), "Every plan"),
        "kinds": (kinds_table(found), "Errors of single spans by class and kind"),
        "ranking": (ranking_table(found), "Whether plans are in their real order, by storage"),
    }
    if found.accuracy:
        every["accuracy"] = (accuracy_table(found), f"Accuracy on the real model, task {found.accuracy[0].task}")
    return {name: grid(table, caption) for name, (table, caption) in every.items()}


def _part(facts: dict[str, Any], key: str) -> dict[str, Any]:
    part = facts.get(key)
    return part if isinstance(part, dict) else {}


def _grounds(about: dict[str, Any]) -> list[tuple[str, str]]:
    """Return each group of numbers that the simulation rests on with its grade."""
    named = _part(about, "grades").items()
    return [(name.replace("_", " "), str(grade or "?")) for name, grade in named if name != "worst"]


def _facts(about: dict[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Yield what is known of the machine, its settings and the session."""
    for name, value in about.items():
        if isinstance(value, dict):
            if name not in ("provenance", "grades"):
                yield from _facts(value, f"{above}{name}, ")
        else:
            yield f"{above}{name}".replace("_", " "), "unknown" if value is None else str(value)
