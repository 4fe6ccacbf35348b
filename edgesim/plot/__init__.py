"""Results as pictures: lanes over time, and below them the memory they need. The only user of matplotlib."""

from edgesim.plot.front import front_figure
from edgesim.plot.fronts import MOST_FRONTS, fronts_figure, save_fronts
from edgesim.plot.page import MOST_REQUESTS, check_format, figure, gantt, save

__all__ = [
    "MOST_FRONTS",
    "MOST_REQUESTS",
    "check_format",
    "figure",
    "front_figure",
    "fronts_figure",
    "gantt",
    "save",
    "save_fronts",
]
