"""What a panel shows of a plan: its map, the timeline and the numbers; or the sentence that says why there is none."""

from collections.abc import Iterable
from html import escape
from typing import NamedTuple

from edgesim.notebook.cells import plan_svg
from edgesim.notebook.lanes import lanes_svg
from edgesim.notebook.settings import Planned
from edgesim.report.html import html_of
from edgesim.report.text import answer_table, grades_text, memory_table
from edgesim.result import Result

_HIGH = 500
"""Of the picture at least [px], so that what is below does not jump when there is no plan."""


_STILL = "These sliders move in a running notebook."
_GRID = "display:grid;grid-template-columns:8em minmax(4em,28em) auto;gap:.2em 1em;align-items:center;max-width:46em"


class Knob(NamedTuple):
    """Where a slider stands: its name, the place among how many, and what that means."""

    name: str
    place: int
    many: int
    label: str


def still_html(knobs: Iterable[Knob], planner: str, notes: Iterable[str], shown: str) -> str:
    """Return a panel as a page shows it that nothing runs behind: it cannot be moved, and says so."""
    rows = "".join(
        f'<span style="text-align:right">{escape(knob.name)}</span>'
        f'<input type="range" disabled min="0" max="{knob.many - 1}" value="{knob.place}" style="width:100%"'
        f' aria-label="{escape(knob.name)}"><span>{escape(knob.label)}</span>'
        for knob in knobs
    )
    rows += f'<span style="text-align:right">planner</span><span style="grid-column:2/4">{escape(planner)}</span>'
    said = "".join(f"<p><small>{escape(note)}</small></p>" for note in (_STILL, *notes))
    return f'<div style="{_GRID}">{rows}</div>{said}{shown}'


def planned_html(planned: Planned) -> str:
    """Return what a panel shows; a sentence where there is no plan."""
    found, took = planned
    shown = (
        f'<p role="alert" style="max-width:70ch">{_sentences(found)}</p>' if isinstance(found, str) else _plan(found)
    )
    what = "Looked for a plan" if isinstance(found, str) else "Planned, executed and measured"
    return f'<div style="min-height:{_HIGH}px">{shown}</div><small>{what} in {1000 * took:.1f} ms</small>'


def _sentences(error: str) -> str:
    return "<br>".join(map(escape, error.split("\n")))


def _plan(result: Result) -> str:
    scenario = result.given
    if scenario is None:
        return ""
    numbers = html_of(answer_table(result, scenario), memory_table(result.metrics), grades_text(result.grades))
    left = f'<div style="flex:none">{plan_svg(result.plan, scenario.model)}</div>'
    right = f'<div style="flex:1 1 34em;min-width:0;margin-bottom:.6em">{numbers}</div>'
    return f'<div style="display:flex;flex-wrap:wrap;gap:0 2em">{left}{right}</div>{lanes_svg(result, scenario)}'
