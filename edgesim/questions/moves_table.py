"""What each number moves, as a table of the columns that there is room for; what is given exactly stands below."""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import NamedTuple

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from edgesim.questions.goals import QUALITIES
from edgesim.questions.moves import Move, Outcome, Sensitivity
from edgesim.questions.words import figure, word
from edgesim.report.fitted import Narrowed
from edgesim.report.text import uncut

_VALUE, _ELASTICITY, _AGAIN = "value", "elasticity", "new plan"
_LEFT_OUT = ((_VALUE,), (_VALUE, _ELASTICITY), (_VALUE, _AGAIN), (_VALUE, _ELASTICITY, _AGAIN))
"""What a narrow terminal does without: the first of these with which the table fits."""


def figures(found: Sensitivity) -> tuple[str, str]:
    """Return which figure is shown with the plan kept, and which with one made again."""
    if found.of in QUALITIES:
        return "latency_ns", found.of
    return found.of, found.of if found.base.fidelity is None else "fidelity"


def moves_table(moves: Sequence[Move], found: Sensitivity) -> RenderableType:
    """Show some numbers and what they move."""
    return Narrowed(lambda left_out: _table(moves, found, left_out), _LEFT_OUT)


class _Column(NamedTuple):
    heading: str
    cell: Callable[[Move], str | Text]
    group: str = ""


def _table(moves: Sequence[Move], found: Sensitivity, left_out: Collection[str]) -> Table:
    columns = [column for column in _columns(found) if column.group not in left_out]
    table = Table(box=None, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column.heading, justify="right" if number else "left", no_wrap=True, vertical="bottom")
    for exact in (False, True):
        own = [move for move in moves if move.is_given is exact]
        if exact and own:
            table.add_row(Text("given exactly:", "dim"))
        for move in own:
            table.add_row(*(column.cell(move) for column in columns))
    return uncut(table)


def _columns(found: Sensitivity) -> Iterator[_Column]:
    changes = [f"{sign}{100 * found.by:g}%" for sign in "-+"]
    kept, again = map(word, figures(found))
    shares = ", in time" if found.inferences > 1 and found.of != "target_met_fraction" else ""
    yield _Column("number (grade)", lambda move: move.key if move.is_given else f"{move.key} ({move.grade or '?'})")
    yield _Column(_VALUE, lambda move: move.value, _VALUE)
    for side, change in enumerate(changes):
        heading = f"same plan\n{kept}{shares}\n{change}"
        yield _Column(heading, lambda move, side=side: _kept(move.kept[side], found))  # type: ignore[misc]
    yield _Column(_ELASTICITY, lambda move: "-" if move.elasticity is None else f"{move.elasticity:+.2f}", _ELASTICITY)
    for side, change in enumerate(changes):
        heading = f"{_AGAIN}\n{again}\n{change}"
        yield _Column(heading, lambda move, side=side: _again(move.again[side], found), _AGAIN)  # type: ignore[misc]


def _kept(one: Outcome, found: Sensitivity) -> Text:
    if one.metrics is None:
        return Text("does not fit", "red")
    name, met = figures(found)[0], one.metrics.target_met_fraction
    text = figure(name, one.figure(name))
    if found.inferences == 1:
        return Text(text) if met == 1 else Text(f"{text} late", "red")
    shares = "" if name == "target_met_fraction" else f" {met:>6.1%}"
    return Text(text + shares, "red" if met < found.base.target_met_fraction else "")


def _again(one: Outcome, found: Sensitivity) -> Text:
    name = figures(found)[1]
    return Text("no plan", "red") if one.metrics is None else Text(figure(name, one.figure(name)))
