"""A device or a plan on one page: panels side by side."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from edgesim.device import Device
from edgesim.model import Model
from edgesim.plans import Plan
from edgesim.plot.budgets import draw_budgets
from edgesim.plot.layers import draw_layers
from edgesim.plot.reads import draw_reads
from edgesim.plot.shards import draw_plan
from edgesim.plot.style import own_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH, _HEIGHT = 11.0, 3.4  # inches: of the page, and of a row of panels
_ACROSS = 3
_CELL, _LEAST, _MOST, _HEAD = 0.2, 1.6, 6.0, 1.0  # inches: a row of cells, all of them, and what is above and below


@own_style()
def device_figure(device: Device) -> "Figure":
    """Draw the times of a device's reads, and of the layers on each of its processors."""
    panels = 1 + len(device.processors)
    rows = -(-panels // _ACROSS)
    drawing = _page(rows * _HEIGHT)
    places = drawing.subplots(rows, min(panels, _ACROSS), squeeze=False).ravel()
    for axes in places[panels:]:
        axes.set_visible(False)
    draws = [partial(draw_reads, device), *(partial(draw_layers, device, name) for name in device.processors)]
    return _drawn(drawing, list(zip(places, draws, strict=False)))


@own_style()
def plan_figure(plan: Plan, model: Model | None = None) -> "Figure":
    """Draw the shards of a plan, and beside them its IO budgets if the planner kept any."""
    rows = model.layers if model else len(plan.layers)
    drawing = _page(min(max(_LEAST, rows * _CELL), _MOST) + _HEAD)
    ratios = (3, 2) if plan.io_budget_ns else (1,)
    left, *right = drawing.subplots(1, len(ratios), width_ratios=ratios, squeeze=False)[0]
    panels = [(left, partial(draw_plan, plan, model=model)), *((axes, partial(draw_budgets, plan)) for axes in right)]
    return _drawn(drawing, panels)


def _drawn(drawing: "Figure", panels: "Sequence[tuple[Axes, Callable[[Axes], None]]]") -> "Figure":
    """Draw every panel, twice: what is written depends on how large panels are, and that on what is around them."""
    for axes, draw in panels:
        draw(axes)
    drawing.draw_without_rendering()
    for axes, draw in panels:
        axes.clear()
        draw(axes)
    return drawing


def _page(height: float) -> "Figure":
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(_WIDTH, height), facecolor="white", layout="constrained")
    FigureCanvasAgg(drawing)
    return drawing
