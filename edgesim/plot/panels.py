"""What a device or a plan looks like, on one page."""

from typing import TYPE_CHECKING

from edgesim.device import Device
from edgesim.model import Model
from edgesim.plans import Plan
from edgesim.plot.budgets import draw_budgets
from edgesim.plot.layers import draw_layers
from edgesim.plot.reads import draw_reads
from edgesim.plot.shards import draw_plan

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def device_figure(device: Device) -> "Figure":
    """Draw the read times of a device, and the layer times of each of its processors."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(11, 3.6), facecolor="white", layout="constrained")
    FigureCanvasAgg(drawing)
    panels = drawing.subplots(1, 1 + len(device.processors), squeeze=False)[0]
    draw_reads(device, panels[0])
    for processor, axes in zip(device.processors, panels[1:], strict=True):
        draw_layers(device, processor, axes)
    return drawing


def plan_figure(plan: Plan, model: Model | None = None) -> "Figure":
    """Draw the shards of a plan, and its IO budgets if the planner kept any."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(11, 4), facecolor="white", layout="constrained")
    FigureCanvasAgg(drawing)
    panels = drawing.subplots(1, 2 if plan.io_budget_ns else 1, squeeze=False)[0]
    draw_plan(plan, panels[0], model)
    if plan.io_budget_ns:
        draw_budgets(plan, panels[1])
    return drawing
