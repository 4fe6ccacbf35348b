"""The IO budgets of a plan: a staircase over its layers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from edgesim.plans import Plan
from edgesim.plot.head import draw_head, text_points
from edgesim.plot.heat import spaced
from edgesim.plot.look import FAINT, HALO, INK, NORMAL, SMALL, points_of, tidy
from edgesim.units import show_ns

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

_LEFT: dict[str, Any] = {"facecolor": "#e6f1e9", "label": "left over"}
_OWN: dict[str, Any] = {"facecolor": "#1f5f9e", "label": "own charge"}
_BEFORE: dict[str, Any] = {"facecolor": "#a9c4e2", "label": "earlier charges"}
_SHORT: dict[str, Any] = {"facecolor": "#fbe3e3", "edgecolor": "#c8102e", "hatch": "/////", "label": "broken"}
_TICK = 16.0  # points: as wide as the number of a layer needs


class _Step(NamedTuple):
    """The budget of one layer [ms]: before any charge, without those for the layers before, and without its own."""

    initial: float
    before: float
    left: float


def draw_budgets(plan: Plan, axes: "Axes") -> None:
    """Draw the accumulated IO budget of each executed layer [ms]: what it was, what was charged to it, what is left.

    A budget below zero is broken: by this account the shards of its layer come too late.

    Parameters
    ----------
    plan
        What to draw; of a planner that keeps no budgets nothing is drawn, and the axes say so.
    axes
        Where to draw.
    """
    if not plan.io_budget_ns:
        axes.set_axis_off()
        axes.annotate("This planner keeps no IO budgets.", (0.5, 0.5), xycoords="axes fraction", ha="center",
                      fontsize=NORMAL, color=FAINT)  # fmt: skip
        return
    steps = _steps(plan)
    key = _draw_steps(steps, axes)
    axes.axhline(0, color=INK, linewidth=0.7)
    axes.set_xlim(-0.5, len(steps) - 0.5)
    lowest, highest = min(0.0, *(step.left for step in steps)), max(0.0, *(step.initial for step in steps))
    room = 0.08 * (highest - lowest) or 1.0
    axes.set_ylim(lowest - room * (lowest < 0), highest + room)
    _write_left(steps, axes)
    shown = spaced(len(steps), max(1, int(points_of(axes)[0] / _TICK)))
    axes.set_xticks(shown, [str(plan.layers[at]) for at in shown])
    axes.set_xlabel("executed layer", fontsize=NORMAL, color=INK)
    axes.set_ylabel("accumulated IO budget [ms]", fontsize=NORMAL, color=INK)
    tidy(axes, "y")
    draw_head(axes, "IO budgets", _verdict(plan), key)


def _steps(plan: Plan) -> list[_Step]:
    spent, steps = 0, []
    for initial, left in zip(plan.io_budget_initial_ns, plan.io_budget_ns, strict=True):
        steps.append(_Step(initial / 1e6, (initial - spent) / 1e6, left / 1e6))
        spent = initial - left
    return steps


def _draw_steps(steps: Sequence[_Step], axes: "Axes") -> "list[Artist]":
    """Draw a stair for each part of the budgets, and return what the key lists."""
    edges = [at - 0.5 for at in range(len(steps) + 1)]
    initial, before, left = zip(*steps, strict=True)
    lowest = [min(0.0, value) for value in left]
    parts = [
        ([max(0.0, value) for value in left], [0.0] * len(steps), _LEFT),
        (before, left, _OWN),
        (initial, before, _BEFORE),
        ([0.0] * len(steps), lowest, _SHORT),
    ]
    drawn = [
        axes.stairs(upper, edges, baseline=lower, fill=True, linewidth=0, **look)
        for upper, lower, look in parts
        if any(high != low for high, low in zip(upper, lower, strict=True))
    ]
    line = axes.stairs(initial, edges, baseline=None, color=INK, linewidth=1, linestyle=(0, (3, 2)),
                       label="before any charge")  # fmt: skip
    rest = axes.stairs(left, edges, baseline=None, color=INK, linewidth=1.6)
    rest.set_label("_")
    return [line, *drawn]


def _write_left(steps: Sequence[_Step], axes: "Axes") -> None:
    """Write what is left over, unless the steps are too narrow."""
    wide = 0.9 * points_of(axes)[0] / len(steps)
    texts = [_number(step.left) for step in steps]
    if max(text_points(text, SMALL) for text in texts) > wide:
        return
    for at, (text, step) in enumerate(zip(texts, steps, strict=True)):
        colour = INK if step.left >= 0 else _SHORT["edgecolor"]
        axes.annotate(text, (at, step.left), (0, 3), textcoords="offset points", ha="center", fontsize=SMALL,
                      color=colour, bbox=HALO)  # fmt: skip


def _number(ms: float) -> str:
    """Write a time with three digits or more."""
    text = f"{abs(ms):,.0f}" if abs(ms) >= 100 else f"{abs(ms):.3g}"
    return f"\N{MINUS SIGN}{text}" if ms < 0 else text


def _verdict(plan: Plan) -> str:
    broken = [layer for layer, left in zip(plan.layers, plan.io_budget_ns, strict=True) if left < 0]
    if not broken:
        return f"every budget holds; the tightest has {show_ns(min(plan.io_budget_ns))} left"
    return f"{len(broken)} of {len(plan.layers)} are broken, by {show_ns(-min(plan.io_budget_ns))} at most"
