"""One row a planner: of those that were tried at several bitwidths, the best."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from edgesim.choice import PlannerChoice
from edgesim.errors import InfeasibleError
from edgesim.files import read_choice
from edgesim.result import Comparison, Result


class Row(NamedTuple):
    """A planner and its result, or why there is none."""

    label: str
    result: Result | None
    reason: str = ""


Family = tuple[str, bool]
"""A planner's label, without its bitwidth unless the row is of that bitwidth alone; and whether it is."""


def best_rows(comparison: Comparison, named: Collection[str], *, every: bool = False) -> dict[Family, Row]:
    """Return a row for each planner, the best of its bitwidths: by `quality`.

    Parameters
    ----------
    comparison
        Planners side by side.
    named
        Labels that have a row of their own, whatever is better; so has a planner that fails.
    every
        All labels have.
    """
    families: dict[Family, list[Row]] = {}
    rows = [Row(result.planner, result) for result in comparison.results]
    rows += [Row(left.planner, None, left.reason) for left in comparison.left_out]
    alone = {*named, *(left.planner for left in comparison.left_out if left.exit_code != InfeasibleError.exit_code)}
    for row in rows:
        own = every or row.label in alone
        families.setdefault((row.label if own else family(row.label), own), []).append(row)
    return {key: _best(found) for key, found in families.items()}


def family(label: str) -> str:
    """Return a planner's label without its bitwidth."""
    choice = read_choice(label)
    options = {key: value for key, value in choice.options.items() if key != "bitwidth"}
    return PlannerChoice(name=choice.name, options=options).label


def _best(rows: Sequence[Row]) -> Row:
    if results := [row.result for row in rows if row.result]:
        best = max(results, key=quality)
        return Row(best.planner, best)
    first, *others = rows
    if not others:
        return first
    *more, last = (str(read_choice(row.label).options["bitwidth"]) for row in others)
    listed = f"{', '.join(more)} and {last}" if more else last
    return Row(family(first.label), None, f"{first.reason}; at {listed} bits no plan fits either")


def quality(result: Result) -> tuple[bool, float, float, int]:
    """Return what makes one result better than another: target met, then accuracy, then fidelity, then latency.

    Accuracy as it was measured if it was, else as it is predicted; plans for which it is unknown come last.
    """
    metrics = result.metrics
    accuracy = result.asked.get("measured_accuracy", metrics.accuracy)
    known = -1.0 if accuracy is None else float(accuracy)
    return metrics.meets_target, known, metrics.fidelity or 0.0, -metrics.latency_ns
