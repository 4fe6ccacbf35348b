"""Which number moves the answer most, for people: a table, sentences, and bars for a picture."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from edgesim.plot.tornado import Bar
from edgesim.questions.moves import Move, Sensitivity
from edgesim.questions.moves_table import figures, moves_table
from edgesim.questions.parts import BUDGET
from edgesim.questions.words import figure, word
from edgesim.report.text import number
from edgesim.units import show_ns

_WEAK = {"C": "only derived", "D": "only estimated", None: "without a source"}


def sensitivity_text(found: Sensitivity, *, every: bool = False, rest: str = "--all") -> RenderableType:
    """Show what each number moves, the most influential first, and below them what is given exactly.

    Parameters
    ----------
    found
        What was found.
    every
        Show all numbers; else those that change the figure, the fidelity that would be planned, or whether there is a
        plan.
    rest
        What shows all of them to the reader.
    """
    shown = [move for move in found.moves if every or _matters(move, found)]
    title = Text(f"{found.scenario}: {found.planner} on {found.device} ({found.processor}), {found.model}", "bold")
    parts: list[RenderableType] = [title, Text(f"As it is: {', '.join(_now(found))}."), moves_table(shown, found)]
    if hidden := len(found.moves) - len(shown):
        more = f"number changes nothing of this; {rest} shows it" if hidden == 1 else (
            f"numbers change nothing of this; {rest} shows them")  # fmt: skip
        parts.append(Text(f"{hidden} more {more}.", "dim"))
    parts += [Text(f"{one.key}: cannot be changed so: {one.reason}.", "dim") for one in found.missing]
    return Group(*parts, *_sentences(found))


def _now(found: Sensitivity) -> Iterator[str]:
    """Yield what is promised and how it is kept, and what else is asked about."""
    base, target, latency = found.base, show_ns(found.base.target_latency_ns), show_ns(found.base.latency_ns)
    promised = f"latency {latency}" if found.token_ns is None else f"token {show_ns(found.token_ns)}"
    late = " (late)" if found.inferences == 1 and base.target_met_fraction < 1 else ""
    session = f" for the first of {found.inferences:,}" if found.inferences > 1 else ""
    yield f"{promised} of {target}{late}{session}"
    if session:
        yield f"{base.target_met_fraction:.1%} in time"
    if found.token_ns is not None:
        yield f"latency {latency}"
    yield f"fidelity {number(base.fidelity)}"
    if found.of not in ("latency_ns", "fidelity", "target_met_fraction" if session else ""):
        yield f"{word(found.of)} {figure(found.of, getattr(base, found.of))}"


def _matters(move: Move, found: Sensitivity) -> bool:
    shown = zip((move.kept, move.again), figures(found), strict=True)
    changes = any(
        one.metrics is None or one.figure(name) != getattr(found.base, name) for pair, name in shown for one in pair
    )
    return changes or move.effect > 0


def _sentences(found: Sensitivity) -> Iterator[Text]:
    most = found.strongest
    if most is None:
        yield Text(f"No number of the profile or the model moves {word(found.of)}.", "bold")
        return
    weak = f", and is {_WEAK[most.grade]} ({most.grade or '?'})" if most.grade in _WEAK else ""
    moves = f"{most.key} moves {word(found.of)} most: by {most.effect:.1%}{weak}."
    yield Text(f"Of the numbers that may be wrong, {moves}", "bold")
    yield Text(f"Off by {100 * found.by:g}%, {_late(found)}.")
    plans = [move for move in found.moves if move.home != BUDGET]
    if unfit := [move.key for move in plans if any(one.metrics is None for one in move.kept)]:
        yield Text(f"Off by {100 * found.by:g}%, these may leave no room for the plan: {', '.join(unfit)}.")


def _late(found: Sensitivity) -> str:
    """Say which numbers that may be wrong would change whether the target is met, and how often."""
    base = found.base.target_met_fraction
    fewer = [move.key for move in found.moves if not move.is_given and any(share < base for share in move.shares())]
    if found.inferences > 1:
        return f"these let fewer be in time: {', '.join(fewer) or 'none'}"
    if base == 1:
        return f"these make the plan late: {', '.join(fewer) or 'none'}"
    met = [move.key for move in found.moves if not move.is_given and any(share == 1 for share in move.shares())]
    return f"these bring it in time: {', '.join(met) or 'none'}"


def bars(found: Sensitivity) -> list[Bar]:
    """Return what a picture shows: the numbers that move the figure, the most influential first, then those given."""
    pairs = [(move, move.again if found.judged == "again" else move.kept) for move in found.moves if move.effect > 0]
    base = getattr(found.base, found.of)
    drawn = [
        Bar(move.key, None if move.is_given else move.grade or "?", *pair.changes(found.of, base))
        for move, pair in pairs
    ]
    return sorted(drawn, key=lambda bar: bar.grade is None)
