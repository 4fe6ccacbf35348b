"""Quality against memory at many points: one panel each, a row a device."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from edgesim.plot.front import comparable, draw_families, draw_points, front_figure, quality_label
from edgesim.plot.head import draw_page_title
from edgesim.plot.look import INK, NORMAL
from edgesim.plot.page import check_format, write_figure
from edgesim.plot.style import own_style
from edgesim.result import Comparison
from edgesim.scenario import Scenario
from edgesim.units import show_bytes, show_ns

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_FRONTS = 40
"""So many points are drawn on one page."""

_ACROSS = 4
_WIDTH, _HEIGHT, _LEGEND = 2.9, 2.3, 1.7  # inches: of a panel, and of the legend
_METRIC = "peak_memory_bytes"
Compared = Sequence[tuple[Scenario, Comparison]]


@own_style()
def fronts_figure(compared: Compared) -> "Figure":
    """Draw accuracy, or fidelity where it is unknown, against the peak of all memory, one panel a point.

    Planners that miss the target are hollow and not part of the front.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    results = [result for _, comparison in compared for result in comparison.results]
    known = set(map(id, comparable(results)))
    rows = _rows(compared)
    buffers = iter(_buffers([one for row in rows for one in row]))
    across = max(map(len, rows))
    size = (across * _WIDTH + _LEGEND, max(len(rows) * _HEIGHT, 3.5) + 0.5)
    drawing = Figure(figsize=size, facecolor="white", layout="constrained")
    FigureCanvasAgg(drawing)
    panels = drawing.subplots(len(rows), across, sharey=True, squeeze=False)
    for row, axes in zip(rows, panels, strict=True):
        for (scenario, comparison), one in zip(row, axes, strict=False):
            draw_points([result for result in comparison.results if id(result) in known], _METRIC, one)
            _title(scenario, next(buffers), one)
        for one in axes[len(row) :]:
            one.set_visible(False)
    drawing.supylabel(quality_label(results), fontsize=NORMAL, color=INK)
    drawing.supxlabel("peak of all memory [MB]", fontsize=NORMAL, color=INK)
    names = ", ".join(dict.fromkeys(f"{one.name}: {one.model.name}" for one, _ in compared))
    draw_page_title(drawing, names)
    draw_families(drawing)
    return drawing


def _rows(compared: Compared) -> list[Compared]:
    """Put points side by side that have a device and scenario in common, at most four."""
    groups = dict[tuple[str, str], list[tuple[Scenario, Comparison]]]()
    for one in compared:
        groups.setdefault((one[0].name, one[0].device.name), []).append(one)
    return [group[start : start + _ACROSS] for group in groups.values() for start in range(0, len(group), _ACROSS)]


def _buffers(compared: Compared) -> list[str]:
    """Say what the buffers of each point are, where they differ."""
    rooms = [(one.preload_bytes, one.load_buffer_bytes) for one, _ in compared]
    if len(set(rooms)) == 1:
        return [""] * len(rooms)
    return [f", {show_bytes(kept)} kept, {'any' if room is None else show_bytes(room)} ahead" for kept, room in rooms]


def _title(scenario: Scenario, buffers: str, axes: "Axes") -> None:
    place = f"{scenario.device.name}\n{show_ns(scenario.target_latency_ns)}{buffers}"
    axes.set_title(place, loc="left", fontsize=NORMAL, color=INK, pad=3)
    axes.set_xlabel("")


def save_fronts(compared: Compared, path: Path) -> None:
    """Write the picture to a file, all of it or nothing: of one point in full, of many one panel each.

    Raises
    ------
    InputError
        If the suffix names no known format, or the file cannot be written.
    """
    check_format(path)
    if len(compared) == 1:
        ((scenario, comparison),) = compared
        write_figure(front_figure(comparison, scenario), path)
    else:
        write_figure(fronts_figure(compared), path)
