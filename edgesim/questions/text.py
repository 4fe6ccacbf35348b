"""What is needed, for people: the answers first, then what was tried around each."""

from collections.abc import Callable

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from edgesim.questions.answers import Answer, Need
from edgesim.questions.goals import Digits
from edgesim.questions.probes import DONE, Probe
from edgesim.questions.sentences import doubts, goal_text, shortfall, unasked, verdict
from edgesim.report.text import uncut
from edgesim.units import show_bytes

_NEAREST = 3
"""So many tried values are shown on either side of the edge, unless all are."""


def need_text(need: Need, *, every: bool = False, rest: str = "--all") -> RenderableType:
    """Show how much is needed, and of one planner the proof.

    Parameters
    ----------
    need
        What was found.
    every
        Show all that was tried, of all planners; else of one planner what is nearest to the edge, the ends, the
        scenario's own, and what contradicts.
    rest
        What shows all of it to the reader.
    """
    title = f"{need.scenario}: {need.find} for {goal_text(need)}"
    place = f"{need.model} on {need.device} ({need.processor}); the scenario has {_own(need)}"
    digits = need.goal.digits(probe for answer in need.answers for probe in answer.probes)
    answers = [line for answer in need.answers for line in _answer(answer, need, digits)]
    hints = [Text(line, "dim") for line in [unasked(need, "--fidelity " if rest == "--all" else "fidelity=")] if line]
    return Group(Text(title, "bold"), Text(place), *answers, *hints, *_proofs(need, digits, None if every else rest))


def _own(need: Need) -> str:
    return need.own_text or ("no limit" if need.find in ("load_buffer", "memory") else "none")


def _answer(answer: Answer, need: Need, digits: Digits) -> list[Text]:
    colour = "red" if answer.edge.answer is None else "green"
    doubtful = [Text(line, "yellow") for line in doubts(answer)]
    return [Text(verdict(answer, need.find, need.goal, digits), f"bold {colour}"), *doubtful]


def _proofs(need: Need, digits: Digits, rest: str | None) -> list[RenderableType]:
    if len(need.answers) > 1 and rest:
        return [Text(f"{rest} shows what was tried.", "dim")]
    parts: list[RenderableType] = []
    for answer in need.answers:
        shown = _nearest(answer, need) if rest else list(answer.probes)
        parts += [Text(f"\n{answer.planner}", "bold")] if len(need.answers) > 1 else []
        parts.append(_probes_table(shown, need, digits))
        if more := len(answer.probes) - len(shown):
            tried = f"value was tried; {rest} shows it" if more == 1 else f"values were tried; {rest} shows them"
            parts.append(Text(f"{more} more {tried}.", "dim"))
    return parts


def _probes_table(shown: list[Probe], need: Need, digits: Digits) -> Table:
    columns = ["token" if any(probe.token_ns is not None for probe in shown) else "latency", "fidelity", "held", "peak"]
    if any(probe.status == DONE and not probe.is_single for probe in shown):
        columns.insert(1, "in time")
    if any(probe.accuracy is not None for probe in shown):
        columns.insert(-2, "accuracy")
    if need.find == "memory":
        columns += ["preload", "load buffer"]
    table = Table(need.find, box=None, pad_edge=False)
    table.columns[0].justify = "right"
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("goal")
    for probe in shown:
        cells = (_CELLS[name](probe, digits) if probe.status == DONE else "-" for name in columns)
        why = shortfall(probe, need.goal, digits) if probe.status == DONE else "no plan"
        table.add_row(probe.text, *cells, Text("reached", "green") if probe.reached else Text(why, "red"))
    return uncut(table)


_CELLS: dict[str, Callable[[Probe, Digits], str]] = {
    "latency": lambda probe, digits: digits.time_text(probe.promised_ns),
    "token": lambda probe, digits: digits.time_text(probe.promised_ns),
    "in time": lambda probe, digits: digits.share_text(probe.target_met_fraction or 0.0),
    "fidelity": lambda probe, digits: digits.quality_text("fidelity", probe.fidelity),
    "accuracy": lambda probe, digits: digits.quality_text("accuracy", probe.accuracy),
    "held": lambda probe, _: show_bytes(probe.held_memory_bytes or 0),
    "peak": lambda probe, digits: digits.size_text(probe.peak_memory_bytes or 0),
    "preload": lambda probe, _: show_bytes(probe.preload_buffer_bytes or 0),
    "load buffer": lambda probe, _: show_bytes(probe.load_buffer_bytes or 0),
}


def _nearest(answer: Answer, need: Need) -> list[Probe]:
    edge, values = answer.edge, [probe.value for probe in answer.probes]
    kept = {values[0], values[-1], need.own, *edge.exceptions, edge.safe}
    if edge.answer is not None:
        place = values.index(edge.answer)
        kept |= set(values[max(0, place - _NEAREST) : place + _NEAREST + 1])
    return [probe for probe in answer.probes if probe.value in kept]
