"""What is needed, as a table for people: the answer of each planner, what was tried around it, and what limits."""

from collections.abc import Callable, Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from edgesim.questions.answers import Answer, Need
from edgesim.questions.probes import DONE, Goal, Probe
from edgesim.report.text import number, uncut
from edgesim.units import show_bytes, show_ns

_NEAREST = 3
"""So many tried values are shown on either side of the edge, unless all are."""


def need_text(need: Need, *, every: bool = False) -> RenderableType:
    """Show how much is needed, and the proof.

    Parameters
    ----------
    need
        What was found.
    every
        Show all that was tried; else what is nearest to the edge, the ends, the scenario's own, and what contradicts.
    """
    title = f"{need.scenario}: {need.find} for {goal_text(need)}"
    place = f"{need.model} on {need.device} ({need.processor}); the scenario has {_own(need)}"
    parts: list[RenderableType] = [Text(title, "bold"), Text(place)]
    for answer in need.answers:
        shown = _shown(answer, need, every=every)
        parts += [_verdict(answer, need.goal), *_doubts(answer), _probes_table(shown, need)]
        if more := len(answer.probes) - len(shown):
            parts.append(Text(f"{more} more values were tried; --all shows them.", "dim"))
    return Group(*parts)


def goal_text(need: Need) -> str:
    """Say what is asked."""
    target = [] if need.target_latency_ns is None else [f"target {show_ns(need.target_latency_ns)}"]
    return ", ".join([*target, *_demands(need.goal)]) or "any plan"


def _demands(goal: Goal) -> Iterator[str]:
    for name in ("fidelity", "accuracy"):
        if (asked := getattr(goal, name)) is not None:
            yield f"{name} at least {asked:g}"
    if goal.memory_bytes is not None:
        yield f"peak of all memory at most {show_bytes(goal.memory_bytes)}"
    if goal.met < 1:
        yield f"{goal.met:.1%} of inferences in time"


def _own(need: Need) -> str:
    return need.own_text or ("no limit" if need.find in ("load_buffer", "memory") else "none")


def _verdict(answer: Answer, goal: Goal) -> Text:
    edge = answer.edge
    if edge.answer is None:
        reasons = [f"{answer.planner} reaches it with no value that was tried.", *limits(answer, goal)]
        return Text("\n".join(reasons), "bold red")
    found = answer.probe(edge.answer)
    if edge.fails is None:
        every = "every value that was tried" if edge.monotone else "others, but not all"
        return Text(f"{answer.planner} reaches it with {found.text}, as with {every}.", "bold green")
    fails, word = answer.probe(edge.fails), "at least" if edge.more_helps else "at most"
    needs = "needs" if edge.more_helps else "can do with"
    text = f"{answer.planner} {needs} {word} {found.text}; {fails.text} will not do: {_shortfall(fails)}."
    return Text(text, "bold green")


def _shortfall(probe: Probe) -> str:
    return probe.reason or "" if probe.status == DONE else f"no plan, {probe.reason}"


def _doubts(answer: Answer) -> Iterator[Text]:
    """Say plainly where the tried values contradict that there is one edge."""
    edge = answer.edge
    if edge.monotone or edge.answer is None:
        return
    listed = ", ".join(answer.probe(value).text for value in edge.exceptions)
    side = "larger" if edge.more_helps else "smaller"
    safe = "the last of them fails" if edge.safe is None else f"all from {answer.probe(edge.safe).text} on reach it"
    yield Text(
        f"Not monotone: {listed}, though {side}, will not do. So the answer is a value that reaches the goal, and no"
        f" bound; of those tried, {safe}.", "yellow",
    )  # fmt: skip


def limits(answer: Answer, goal: Goal) -> Iterator[str]:
    """Say what limits where no value reaches the goal, as far as what was tried shows."""
    planned = [probe for probe in answer.probes if probe.status == DONE]
    if not planned:
        ends = {probe.reason: probe for probe in (answer.probes[0], answer.probes[-1])}
        yield from (f"With {probe.text} there is no plan: {reason}." for reason, probe in ends.items())
        return
    in_time = [probe for probe in planned if (probe.target_met_fraction or 0.0) >= goal.met]
    if not in_time:
        fastest = min(planned, key=lambda probe: probe.latency_ns or 0)
        yield f"The fastest takes {show_ns(fastest.latency_ns or 0)}, with {fastest.text}."
        return
    for name in ("fidelity", "accuracy"):
        known = [probe for probe in in_time if getattr(probe, name) is not None]
        if known and getattr(goal, name) is not None:
            best = max(known, key=lambda probe: getattr(probe, name))
            yield f"In time, {name} stops at {getattr(best, name):.4f}, with {best.text}."
    if goal.memory_bytes is not None:
        leanest = min(in_time, key=lambda probe: probe.peak_memory_bytes or 0)
        peak = show_bytes(leanest.peak_memory_bytes or 0)
        yield f"In time, the least peak of all memory is {peak}, with {leanest.text}."


def _probes_table(shown: list[Probe], need: Need) -> Table:
    columns = ["latency", "fidelity", "held", "peak"]
    if any(probe.target_met_fraction not in (None, 0.0, 1.0) for probe in shown):
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
        cells = (_CELLS[name](probe) if probe.status == DONE else "-" for name in columns)
        why = probe.reason or "" if probe.status == DONE else "no plan"
        table.add_row(probe.text, *cells, Text("reached", "green") if probe.reached else Text(why, "red"))
    return uncut(table)


_CELLS: dict[str, Callable[[Probe], str]] = {
    "latency": lambda probe: show_ns(probe.latency_ns or 0),
    "in time": lambda probe: f"{probe.target_met_fraction:.1%}",
    "fidelity": lambda probe: number(probe.fidelity),
    "accuracy": lambda probe: number(probe.accuracy),
    "held": lambda probe: show_bytes(probe.held_memory_bytes or 0),
    "peak": lambda probe: show_bytes(probe.peak_memory_bytes or 0),
    "preload": lambda probe: show_bytes(probe.preload_buffer_bytes or 0),
    "load buffer": lambda probe: show_bytes(probe.load_buffer_bytes or 0),
}


def _shown(answer: Answer, need: Need, *, every: bool) -> list[Probe]:
    if every:
        return list(answer.probes)
    edge, values = answer.edge, [probe.value for probe in answer.probes]
    kept = {values[0], values[-1], need.own, *edge.exceptions, edge.safe}
    if edge.answer is not None:
        place = values.index(edge.answer)
        kept |= set(values[max(0, place - _NEAREST) : place + _NEAREST + 1])
    return [probe for probe in answer.probes if probe.value in kept]
