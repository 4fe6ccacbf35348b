"""How much is needed, in sentences: the goal, the answer of each planner, what contradicts it, and what limits."""

import math
from collections.abc import Iterator
from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING

from edgesim.questions.goals import QUALITIES, Digits, Goal
from edgesim.questions.probes import DONE, Probe
from edgesim.questions.quantity import SIZE, TIME, decimal

if TYPE_CHECKING:
    from edgesim.questions.answers import Answer, Need


def goal_text(need: "Need") -> str:
    """Say what is asked."""
    target = [] if need.target_latency_ns is None else [f"target {TIME.text(need.target_latency_ns)}"]
    return ", ".join([*target, *_demands(need.goal)]) or "any plan"


def _demands(goal: Goal) -> Iterator[str]:
    for name in QUALITIES:
        if (asked := getattr(goal, name)) is not None:
            yield f"{name} at least {asked}"
    if goal.memory_bytes is not None:
        yield f"peak of all memory at most {SIZE.text(goal.memory_bytes)}"
    if goal.met < 1:
        yield f"{decimal(100 * Fraction(repr(goal.met)))}% of inferences in time"


def verdict(answer: "Answer", find: str, goal: Goal, digits: Digits) -> str:
    """Say what one planner needs and what will not do, or that it does with nothing that was tried."""
    edge = answer.edge
    if edge.answer is None:
        span = f"from {answer.probes[0].text} to {answer.probes[-1].text}"
        cannot = f"{answer.planner} cannot reach it with any {find} that was tried, {span}."
        return " ".join([cannot, *limits(answer, goal, digits)])
    found = answer.probe(edge.answer)
    if edge.fails is None:
        every = "every value that was tried" if edge.monotone else "others, but not all"
        return f"{answer.planner} reaches it with {found.text}, as with {every}."
    fails = answer.probe(edge.fails)
    why = shortfall(fails, goal, digits) if fails.status == DONE else f"no plan, {fails.reason}"
    return f"{answer.planner} {_needs(answer)}; {fails.text} will not do: {why}."


def shortfall(probe: Probe, goal: Goal, digits: Digits) -> str:
    """Say in what way an execution does not reach the goal."""
    return ", ".join(goal.shortfalls(probe, digits))


def short_verdict(answer: "Answer") -> str:
    """Say what one planner needs, in a few words."""
    edge = answer.edge
    if edge.answer is None:
        return f"{answer.planner} cannot reach it with any value that was tried"
    if edge.fails is None:
        end = "least" if edge.more_helps else "most"
        return f"{answer.planner} reaches it with {answer.probe(edge.answer).text}, the {end} that was tried"
    return f"{answer.planner} {_needs(answer)}"


def _needs(answer: "Answer") -> str:
    needs = "needs at least" if answer.edge.more_helps else "can do with at most"
    return f"{needs} {answer.probe(answer.edge.answer or 0).text}"


def doubts(answer: "Answer") -> Iterator[str]:
    """Say plainly where the tried values contradict that there is one edge."""
    edge = answer.edge
    if edge.monotone or edge.answer is None:
        return
    listed = ", ".join(answer.probe(value).text for value in edge.exceptions)
    side, end, way = ("larger", -1, "up") if edge.more_helps else ("smaller", 0, "down")
    safe = (
        f"even the {side.replace('er', 'est')} that was tried, {answer.probes[end].text}, will not do"
        if edge.safe is None
        else f"from {answer.probe(edge.safe).text} {way}, all that were tried do"
    )
    yield (
        f"{answer.planner} is not monotone: {listed}, though {side}, will not do. So the answer is a value that reaches"
        f" the goal, and no bound; {safe}."
    )


def unasked(need: "Need", asks: str) -> str:
    """Say how to ask for quality, where every tried value does only because nobody did; else nothing.

    Parameters
    ----------
    need
        What was found.
    asks
        How the reader asks for fidelity, before the number.
    """
    asked = need.goal.fidelity is not None or need.goal.accuracy is not None
    if asked or not all(probe.reached for answer in need.answers for probe in answer.probes):
        return ""
    own = next((probe.fidelity for probe in need.answers[0].probes if probe.value == need.own), None)
    best = max((probe.fidelity or 0.0 for probe in need.answers[0].probes), default=0.0)
    least = math.floor((own or best) * 1000) / 1000
    reached = f"which the scenario's own {need.own_text} reaches" if own else "which the best that was tried reaches"
    return f"Ask for quality too, for instance {asks}{least:g}, {reached}." if least else ""


def limits(answer: "Answer", goal: Goal, digits: Digits) -> Iterator[str]:
    """Say what limits where no value reaches the goal, as far as what was tried shows."""
    planned = [probe for probe in answer.probes if probe.status == DONE]
    if not planned:
        ends = {probe.reason: probe for probe in (answer.probes[0], answer.probes[-1])}
        yield from (f"With {probe.text} there is no plan: {reason}." for reason, probe in ends.items())
        return
    in_time = [probe for probe in planned if (probe.target_met_fraction or 0.0) >= goal.met]
    if not in_time:
        yield _slow(planned, digits)
        return
    for name in QUALITIES:
        if getattr(goal, name) is not None and any(getattr(probe, name) is not None for probe in in_time):
            yield f"In time, {name} {_best(in_time, name, digits)}."
    if goal.memory_bytes is not None:
        leanest = min(in_time, key=lambda probe: probe.peak_memory_bytes or 0)
        peak = digits.size_text(leanest.peak_memory_bytes or 0)
        yield f"In time, the least peak of all memory is {peak}, with {leanest.text}."


def _best(in_time: list[Probe], name: str, digits: Digits) -> str:
    """Say how good plans get, and from where on they get no better."""
    best = max(in_time, key=lambda probe: getattr(probe, name) or 0.0)
    runs = [list(run) for _, run in groupby(in_time, lambda probe: digits.quality_text(name, getattr(probe, name)))]
    text = digits.quality_text(name, getattr(best, name))
    if len(runs) == 1 and len(in_time) > 1:
        return f"is {text} with all of them"
    if best in runs[-1] and len(runs[-1]) > 1:
        return f"stays at {text} from {runs[-1][0].text} on"
    if best in runs[0] and len(runs[0]) > 1:
        return f"stays at {text} up to {runs[0][-1].text}"
    return f"is at most {text}, with {best.text}"


def _slow(planned: list[Probe], digits: Digits) -> str:
    if planned[0].is_single:
        fastest = min(planned, key=lambda probe: probe.promised_ns)
        token = "" if fastest.token_ns is None else " a token"
        return f"The fastest takes {digits.time_text(fastest.promised_ns)}{token}, with {fastest.text}."
    best = max(planned, key=lambda probe: probe.target_met_fraction or 0.0)
    return f"The share in time stops at {digits.share_text(best.target_met_fraction or 0.0)}, with {best.text}."
