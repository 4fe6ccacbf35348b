"""What the device did during a session, one row a thing: bands that are darker where there was more of it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from edgesim.plot.look import FAINT, INK, SMALL
from edgesim.result import Result
from edgesim.timeline import BESIDE, CLOCK, MEMORY, Span

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from edgesim.plot.dots import Axis

EVICTED = "evicted"
_BINS = 400
_FAINTEST = 0.3
"""How dark a bin is in which hardly anything happened, of 1."""


class Row(NamedTuple):
    """What happened, when, in which colour, and how often of how often it is known when."""

    name: str
    spans: tuple[Span, ...]
    colour: str
    happened: int


def device_rows(result: Result) -> list[Row]:
    """Return what happened on the device beside the apps' inferences, and to the processors' clocks."""
    use, spans = result.device_use, [span for each in (result, *result.beside) for span in each.timeline.spans]
    others = [span for span in spans if span.request == BESIDE]
    rows = (
        Row("background IO", _of(others, "read", "write"), "#555555", use.background_ios if use else 0),
        Row("flash pauses", _of(others, "gc"), "#000000", use.pauses if use else 0),
        Row("slow clock", tuple(span for span in spans if span.lane == CLOCK), "#a0522d", 0),
        Row("others killed", _kills(others, result), "#000000", use.evicted_others if use else 0),
    )
    return [row for row in rows if row.spans]


def _of(spans: Sequence[Span], *kinds: str) -> tuple[Span, ...]:
    return tuple(span for span in spans if span.kind in kinds)


def _kills(spans: Sequence[Span], result: Result) -> tuple[Span, ...]:
    apps = {request.app for each in (result, *result.beside) for request in each.requests}
    return tuple(span for span in spans if span.kind == EVICTED and span.app not in apps)


def draw_device(result: Result, axes: "Axes", axis: "Axis") -> None:
    """Draw every row: moments as ticks, what takes time as a band."""
    rows = device_rows(result)
    for number, row in enumerate(rows):
        if row.spans[0].lane == MEMORY:
            moments = [axis.at(span.start_ns) for span in row.spans]
            axes.scatter(moments, [number] * len(moments), s=18, marker="|", color=row.colour, linewidth=0.8)
        else:
            _band(row, number, axes, axis)
        if len(row.spans) < row.happened:
            ends = [axis.at(row.spans[-1].end_ns), 1.01 * axis.at(axis.end_ns)]
            axes.text(sum(ends) / 2, number, "not kept", size=SMALL, color=FAINT, ha="center", va="center_baseline")
    axes.set_yticks(range(len(rows)), [row.name for row in rows], fontsize=SMALL, color=INK)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    if any(row.spans[0].lane != MEMORY for row in rows):
        axes.set_title("darker: more of the time", loc="left", fontsize=SMALL + 0.5, color=FAINT, pad=3)


def _band(row: Row, number: int, axes: "Axes", axis: "Axis") -> None:
    from matplotlib.colors import LinearSegmentedColormap
    from numpy import where

    edges, busy = busy_shares(row.spans, 1.01 * axis.end_ns)
    shades = where(busy > 0, _FAINTEST + (1 - _FAINTEST) * busy / busy.max(), 0)
    colours = LinearSegmentedColormap.from_list(row.name, ["white", row.colour])
    axes.pcolormesh(edges / axis.unit_ns, [number - 0.33, number + 0.33], shades[None, :], cmap=colours, vmin=0, vmax=1)


def busy_shares(spans: Sequence[Span], end_ns: float) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    """Return the edges of even parts of a session [ns], (B + 1,), and how much of each some spans take, (B,).

    Where spans overlap, both count.
    """
    import numpy as np

    times = np.array([[span.start_ns, span.end_ns] for span in spans]).T.ravel()
    order = np.argsort(times, kind="stable")
    level = np.cumsum(np.repeat([1, -1], len(spans))[order])
    times = times[order]
    until = np.concatenate([[0.0], np.cumsum(level[:-1] * np.diff(times))])
    edges = np.linspace(0, end_ns, _BINS + 1)
    return edges, np.diff(np.interp(edges, times, until)) / (edges[1] - edges[0])
