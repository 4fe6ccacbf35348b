"""Which number moves the answer most, as a table for people, and as bars for a picture."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from edgesim.plot.tornado import Bar
from edgesim.questions.moves import QUALITIES, Move, Outcome, Sensitivity
from edgesim.questions.parts import BUDGET, GIVEN
from edgesim.report.text import number, uncut
from edgesim.units import show_bytes, show_ns

_WEAK = {"C": "only derived", "D": "only estimated", None: "without a source"}


def sensitivity_text(found: Sensitivity, *, every: bool = False) -> RenderableType:
    """Show what each number moves, the most influential first.

    Parameters
    ----------
    found
        What was found.
    every
        Show all numbers; else those that change the figure, the fidelity that would be planned, or whether there is a
        plan.
    """
    base, of = found.base, found.of
    title = f"{found.scenario}: {found.planner} on {found.device} ({found.processor}), {found.model}"
    now = [f"{of} {figure(of, getattr(base, of))}"] if of not in ("latency_ns", "fidelity") else []
    now = [
        f"latency {show_ns(base.latency_ns)} of {show_ns(base.target_latency_ns)}",
        f"fidelity {number(base.fidelity)}",
        *now,
    ]
    shown = [move for move in found.moves if every or _matters(move, found)]
    parts: list[RenderableType] = [Text(title, "bold"), Text(f"As it is: {', '.join(now)}."), _table(shown, found)]
    if hidden := len(found.moves) - len(shown):
        parts.append(Text(f"{hidden} more numbers change nothing of this; --all shows them.", "dim"))
    parts += [Text(f"{one.key}: cannot be changed so: {one.reason}.", "dim") for one in found.missing]
    return Group(*parts, *_sentences(found))


def figure(name: str, value: float | None) -> str:
    """Write a metric with the unit that its name ends in."""
    if value is None:
        return "unknown"
    if name.endswith("_ns"):
        return show_ns(round(value))
    if name.endswith("_bytes"):
        return show_bytes(round(value))
    if name.endswith("_pj"):
        return f"{value / 1e9:,.1f} mJ"
    return f"{value:.4f}" if name in QUALITIES else f"{value:.1%}"


def _figures(found: Sensitivity) -> tuple[str, str]:
    """Return which figure is shown with the plan kept, and which with one made again."""
    return ("latency_ns", found.of) if found.of in QUALITIES else (found.of, "fidelity")


def _matters(move: Move, found: Sensitivity) -> bool:
    shown = zip((move.kept, move.again), _figures(found), strict=True)
    changes = any(
        one.metrics is None or one.figure(name) != getattr(found.base, name) for pair, name in shown for one in pair
    )
    return changes or move.effect > 0


def _table(moves: Sequence[Move], found: Sensitivity) -> Table:
    kept, again = (name.removesuffix("_ns").removesuffix("_pj").removesuffix("_bytes") for name in _figures(found))
    table = Table("number", box=None, pad_edge=False)
    changes = [f"{sign}{100 * found.by:g}%" for sign in "-+"]
    table.add_column("is", justify="right", no_wrap=True)
    table.add_column("grade", justify="center")
    headings = [f"same plan\n{kept} {change}" for change in changes]
    headings += ["elasticity", *(f"new plan\n{again} {change}" for change in changes)]
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    for move in moves:
        elasticity = "-" if move.elasticity is None else f"{move.elasticity:+.2f}"
        grade = "given" if move.home in GIVEN else move.grade or "?"
        kept_cells = [_kept_cell(one, found) for one in move.kept]
        again_cells = [_again_cell(one, found) for one in move.again]
        table.add_row(move.key, move.value, grade, *kept_cells, elasticity, *again_cells)
    return uncut(table)


def _kept_cell(one: Outcome, found: Sensitivity) -> Text:
    if one.metrics is None:
        return Text("does not fit", "red")
    missed = found.base.target_met_fraction > one.metrics.target_met_fraction
    name = _figures(found)[0]
    return Text(figure(name, one.figure(name)) + (" late" if missed else ""), "red" if missed else "")


def _again_cell(one: Outcome, found: Sensitivity) -> Text:
    name = _figures(found)[1]
    return Text("no plan", "red") if one.metrics is None else Text(figure(name, one.figure(name)))


def _sentences(found: Sensitivity) -> Iterator[Text]:
    measured = [move for move in _doubtful(found) if move.effect > 0]
    if not measured:
        yield Text(f"No number of the profile or the model moves {found.of}.", "bold")
        return
    most = measured[0]
    weak = f", and is {_WEAK[most.grade]} ({most.grade or '?'})" if most.grade in _WEAK else ""
    yield Text(f"{most.key} moves {found.of} most: by {most.effect:.1%}{weak}.", "bold")
    if found.base.target_met_fraction == 1:
        late = [move.key for move in _doubtful(found) if move.misses()]
        yield Text(f"Off by {found.by:.0%}, these make the plan late: {', '.join(late) or 'none'}.")
    plans = [move for move in found.moves if move.home != BUDGET]
    if unfit := [move.key for move in plans if any(one.metrics is None for one in move.kept)]:
        yield Text(f"Off by {found.by:.0%}, these may leave no room for the plan: {', '.join(unfit)}.")


def _doubtful(found: Sensitivity) -> list[Move]:
    """Return what may be wrong."""
    return [move for move in found.moves if move.home not in GIVEN]


def bars(found: Sensitivity) -> list[Bar]:
    """Return what a picture shows: the numbers that move the figure, the most influential first."""
    pairs = [(move, move.again if found.judged == "again" else move.kept) for move in found.moves if move.effect > 0]
    base = getattr(found.base, found.of)
    return [
        Bar(move.key, "given" if move.home in GIVEN else move.grade or "?", *pair.changes(found.of, base))
        for move, pair in pairs
    ]
