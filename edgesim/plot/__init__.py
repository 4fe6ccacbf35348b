"""Results, plans and devices as pictures. The only user of matplotlib."""

from edgesim.plot.budgets import draw_budgets
from edgesim.plot.front import draw_front, front_figure
from edgesim.plot.fronts import MOST_FRONTS, fronts_figure, save_fronts
from edgesim.plot.layers import draw_layers
from edgesim.plot.overlay import draw_overlay
from edgesim.plot.page import check_format, figure, save
from edgesim.plot.panels import device_figure, plan_figure
from edgesim.plot.reads import draw_reads
from edgesim.plot.session import glance
from edgesim.plot.shards import draw_plan
from edgesim.plot.timeline import MOST_REQUESTS, gantt

__all__ = [
    "MOST_FRONTS",
    "MOST_REQUESTS",
    "check_format",
    "device_figure",
    "draw_budgets",
    "draw_front",
    "draw_layers",
    "draw_overlay",
    "draw_plan",
    "draw_reads",
    "figure",
    "front_figure",
    "fronts_figure",
    "gantt",
    "glance",
    "plan_figure",
    "save",
    "save_fronts",
]
