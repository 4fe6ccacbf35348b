"""Results as pictures: lanes and memory over time, sessions at a glance. The only user of matplotlib."""

from edgesim.plot.front import front_figure
from edgesim.plot.fronts import MOST_FRONTS, fronts_figure, save_fronts
from edgesim.plot.page import check_format, figure, save
from edgesim.plot.session import glance
from edgesim.plot.timeline import MOST_REQUESTS, gantt

__all__ = [
    "MOST_FRONTS",
    "MOST_REQUESTS",
    "check_format",
    "figure",
    "front_figure",
    "fronts_figure",
    "gantt",
    "glance",
    "save",
    "save_fronts",
]
