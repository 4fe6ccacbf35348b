"""Results on one page, each inference by inference or at a glance; and files of pictures."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from edgesim.errors import InputError, choose
from edgesim.files import write_atomically
from edgesim.plot.lanes import shown_lanes
from edgesim.plot.session import glance, heights, last_ns
from edgesim.plot.style import own_style
from edgesim.plot.timeline import MOST_REQUESTS, end_ns, first_requests, gantt
from edgesim.result import Result
from edgesim.scenario import Scenario

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Drawn = Result | tuple[Scenario, Result]
_WIDTH, _LEFT, _RIGHT = 11.0, 1.0, 1.35  # inches
_TITLE, _ROW, _GAP, _MEMORY, _TIME = 0.55, 0.42, 0.32, 0.95, 0.5  # inches, from top to bottom of one result
_DOTS_PER_INCH, _MOST_DOTS = 200, 60_000
_MOST_IN_COLUMN = 8
"""More results than so many are drawn in two columns."""
_FEW = 3
"""So many inferences are always drawn one by one."""
_METADATA = {".pdf": {"CreationDate": None}, ".png": {"Software": None}, ".svg": {"Date": None}}


class _Block(NamedTuple):
    """One result on the page: how high its axes are [inches], when it ends [ns], and what draws it until then."""

    heights: tuple[float, ...]
    end_ns: float
    draw: "Callable[[Sequence[Axes], float], None]"
    at_a_glance: bool


@own_style()
def figure(done: Result | Sequence[Drawn]) -> "Figure":
    """Draw results below one another: short sessions lane by lane, others at a glance, each kind on one time axis.

    Many results stand in two columns, as a page has room for them.

    Parameters
    ----------
    done
        A result, or at least one. One that no longer knows its scenario, `Result.given`, stands in a tuple behind it.

    Raises
    ------
    InputError
        If a result knows no scenario, and none is given with it.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    blocks = [_block(result, scenario) for scenario, result in _pairs(done)]
    half = -(-len(blocks) // 2) if len(blocks) > _MOST_IN_COLUMN else len(blocks)
    columns = [blocks[:half], blocks[half:]] if half < len(blocks) else [blocks]
    tall = max(sum(map(_high, column)) for column in columns)
    drawing = Figure(figsize=(len(columns) * _WIDTH, tall), facecolor="white")
    FigureCanvasAgg(drawing)
    ends = {block.at_a_glance: max(each.end_ns for each in blocks if each.at_a_glance == block.at_a_glance)
            for block in blocks}  # fmt: skip
    for number, column in enumerate(columns):
        top = tall
        for block in column:
            block.draw(_panels(drawing, block, (number * _WIDTH + _LEFT, top)), ends[block.at_a_glance])
            top -= _high(block)
    return drawing


def _high(block: _Block) -> float:
    return _TITLE + sum(block.heights) + _GAP * (len(block.heights) - 1) + _TIME


def _panels(drawing: "Figure", block: _Block, corner: tuple[float, float]) -> "list[Axes]":
    """Return the axes of a block from top to bottom; its corner is from the lower left [inches]."""
    left, low = corner[0], corner[1] - _TITLE + _GAP
    wide, tall = drawing.get_size_inches()
    panels = []
    for height in block.heights:
        low -= _GAP + height
        place = left / wide, low / tall, (_WIDTH - _LEFT - _RIGHT) / wide, height / tall
        panels.append(drawing.add_axes(place))
    return panels


def _pairs(done: Result | Sequence[Drawn]) -> Iterator[tuple[Scenario, Result]]:
    for each in [done] if isinstance(done, Result) else done:
        if isinstance(each, tuple):
            yield each
        elif each.given is None:
            raise InputError(f"figure: {each.scenario} is a result without its scenario; give both, (scenario, result)")
        else:
            yield each.given, each


def _block(result: Result, scenario: Scenario) -> _Block:
    if not is_short(result):
        return _Block(heights(result), last_ns(result), partial(_glance, result, scenario), at_a_glance=True)
    drawn = first_requests(result)
    tall = _ROW * (0.6 + len(shown_lanes(drawn))), _MEMORY
    return _Block(tall, end_ns(drawn, scenario), partial(_gantt, result, scenario), at_a_glance=False)


def is_short(result: Result) -> bool:
    """Tell whether inferences are drawn one by one: they are few of one app, or one timeline only was kept of each."""
    kept = [len(each.requests) for each in (result, *result.beside)]
    lost = any(each.service and each.service.inferences > 1 for each in (result, *result.beside))
    if max(kept) == 1 and (lost or len(kept) == 1):
        return True
    if len(kept) > 1 or kept[0] > MOST_REQUESTS:
        return False
    served = sum(request.latency_ns for request in result.requests)
    return kept[0] <= _FEW or 2 * served > last_ns(result) - result.requests[0].arrival_ns


def _gantt(result: Result, scenario: Scenario, panels: "Sequence[Axes]", until_ns: float) -> None:
    axes, memory_axes = panels
    axes.set_xlim(0, until_ns / 1e6)
    gantt(result, scenario, axes, memory_axes)


def _glance(result: Result, scenario: Scenario, panels: "Sequence[Axes]", until_ns: float) -> None:
    glance(result, scenario, panels, until_ns)


def check_format(path: Path) -> None:
    """Refuse a file name whose suffix names no known format of a picture.

    Raises
    ------
    InputError
        With the known ones.
    """
    suffix = path.suffix.lower()
    if suffix not in _METADATA:
        raise InputError(f"{path}: the suffix is the format of a plot, got '{suffix}'; {choose(suffix, _METADATA)}")


def save(done: Sequence[tuple[Scenario, Result]], path: Path) -> None:
    """Write the figure of some results to a file, all of it or nothing; the same results give the same bytes.

    Parameters
    ----------
    done
        What `figure` draws.
    path
        Where to; its suffix chooses the format.

    Raises
    ------
    InputError
        If the suffix names no known format, or the file cannot be written.
    """
    check_format(path)
    write_figure(figure(done), path)


def write_figure(drawing: "Figure", path: Path) -> None:
    """Write a figure to a file of a known format; the same figure gives the same bytes.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    suffix, content = path.suffix.lower(), BytesIO()
    dots = min(_DOTS_PER_INCH, _MOST_DOTS / drawing.get_figheight())
    with own_style({"svg.hashsalt": "edgesim", "pdf.fonttype": 42, "hatch.linewidth": 0.6}):
        drawing.savefig(content, format=suffix[1:], dpi=dots, metadata=_METADATA[suffix])
    write_atomically(path, content.getvalue())
