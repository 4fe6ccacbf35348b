"""The IO budgets of a plan as a staircase over its layers."""

from collections.abc import Sequence
from typing import NamedTuple

from edgesim.pages.scales import Tick, ticks
from edgesim.pages.tables import Cell, Grid, Heading, sort_key
from edgesim.plans import Plan
from edgesim.report.plans import budget_rows

_WIDE, _HIGH, _LEFT, _TOP = 560, 180, 56, 8
_MOST_NAMES = 24


class Staircase(NamedTuple):
    """Lines and places [px]: budgets before any charge and after all of them, 0, and the ticks of both axes [ms]."""

    width: float
    height: float
    bottom: float
    initial: str
    left: str
    zero: float
    values: Sequence[Tick]
    layers: Sequence[Tick]


def staircase(plan: Plan) -> Staircase | None:
    """Return the staircase of a plan; None for planners that keep no budgets."""
    if not plan.io_budget_ns:
        return None
    every = [*plan.io_budget_initial_ns, *plan.io_budget_ns, 0]
    low, high = min(every) / 1e6, 1.05 * max(*every, 1) / 1e6

    def y(ms: float) -> float:
        return round(_TOP + _HIGH * (high - ms) / (high - low), 1)

    step = (_WIDE - _LEFT) / len(plan.layers)
    lines = [
        f"M{_LEFT} {y(values[0] / 1e6)}" + "".join(f"V{y(ns / 1e6)}h{step:.2f}" for ns in values)
        for values in (plan.io_budget_initial_ns, plan.io_budget_ns)
    ]
    every_so = -(-len(plan.layers) // _MOST_NAMES)
    names = [
        Tick(round(_LEFT + (at + 0.5) * step, 1), str(plan.layers[at]))
        for at in range(0, len(plan.layers), every_so)
    ]  # fmt: skip
    return Staircase(_WIDE, _TOP + _HIGH + 40, _TOP + _HIGH, lines[0], lines[1], y(0), ticks(low, high, y), names)


def budgets_grid(plan: Plan, whose: str) -> Grid:
    """Return the budget of each layer, from before any charge to what is left."""
    names = ("layer", "IO budget", "left for it", "its charge", "left over")
    rows = [
        [Cell(text, key=sort_key(text)) for text in (str(layer), *row)]
        for layer, row in zip(plan.layers, budget_rows(plan), strict=True)
    ]
    caption = f"IO budgets{whose}: the time that may be spent reading until each layer must start"
    return Grid(caption, [Heading(name, numbers=name != "layer") for name in names], rows)
