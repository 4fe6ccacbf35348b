"""The IO budgets of a plan: a staircase over its layers."""

from typing import TYPE_CHECKING

from edgesim.plans import Plan
from edgesim.plot.look import FAINT, INK, NORMAL, draw_legend

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_budgets(plan: Plan, axes: "Axes") -> None:
    """Draw the accumulated IO budget of each layer [ms]: before any charge, and what is left after all of them.

    Parameters
    ----------
    plan
        What to draw; of a planner that keeps no budgets nothing is drawn, and the axes say so.
    axes
        Where to draw.
    """
    if not plan.io_budget_ns:
        axes.annotate("this planner keeps no IO budgets", (0.5, 0.5), xycoords="axes fraction", ha="center",
                      color=FAINT)  # fmt: skip
        return
    edges = [number - 0.5 for number in range(len(plan.layers) + 1)]
    for values, label, style in (
        (plan.io_budget_initial_ns, "before any charge", "--"),
        (plan.io_budget_ns, "left over", "-"),
    ):
        axes.stairs([ns / 1e6 for ns in values], edges, color=INK, linestyle=style, label=label)
    axes.axhline(0, color=INK, linewidth=0.7)
    axes.set_xticks(range(len(plan.layers)), [str(layer) for layer in plan.layers])
    axes.set_xlabel("layer", fontsize=NORMAL, color=INK)
    axes.set_ylabel("accumulated IO budget [ms]", fontsize=NORMAL, color=INK)
    draw_legend(axes)
