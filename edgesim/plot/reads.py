"""How long a device's reads take, by their size: the profile's points, and the model through them."""

from collections.abc import Sequence
from math import log10
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from edgesim.cost import read_ns
from edgesim.device import Device, Storage
from edgesim.document import Source
from edgesim.plot.head import draw_head, text_points
from edgesim.plot.look import FAINT, HALO, INK, NORMAL, SMALL, points_of, tidy
from edgesim.plot.scales import COLOURS
from edgesim.units import show_bytes, show_ns

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

MARKERS = "os^DvPX*"
BEYOND: Literal["--"] = "--"
"""How lines are dashed where the profile has no points."""
_LEAST, _MOST = 2**12, 2**26
"""From which size to which one a read is drawn where there are no points [B]."""
_STEPS = 240
_CLEAR = 7.0
"""The middle of a text keeps so far from the curves [points]."""


class _Curve(NamedTuple):
    """The reads at one queue depth, the how manieth, and the sizes of the points [B]."""

    storage: Storage
    depth: int
    number: int
    known: Sequence[int]

    def ms(self, size: float) -> float:
        """Return the time that the model gives [ms]."""
        return read_ns(round(size), self.storage, self.depth) / 1e6

    @property
    def look(self) -> dict[str, Any]:
        """How its points are drawn."""
        colour, marker = COLOURS[self.number % len(COLOURS)], MARKERS[self.number % len(MARKERS)]
        return {"color": colour, "marker": marker, "markersize": 4.5, "markeredgewidth": 0}


def draw_reads(device: Device, axes: "Axes") -> None:
    """Draw the time of one read against its size, for each queue depth of the profile: its points, and the model.

    The line is `edgesim.cost.read_ns`, solid between the points and dashed beyond them. Dotted lines stand for
    bandwidths.

    Parameters
    ----------
    device
        Whose storage it is.
    axes
        Where to draw.
    """
    storage = device.storage
    curves = [
        _Curve(storage, depth, number, [size for size, _ in storage.points.get(depth, ())])
        for number, depth in enumerate(sorted(storage.points) or [1])
    ]
    known = [size for curve in curves for size in curve.known]
    low, high = (min(known) // 2, 4 * max(known)) if known else (_LEAST, _MOST)
    sizes = sorted({*known, *(round(low * (high / low) ** (step / _STEPS)) for step in range(_STEPS + 1))})
    key = [entry for curve in curves for entry in _draw_curve(curve, sizes, axes)]
    times = [curve.ms(size) for curve in curves for size in (low, high)]
    axes.set(xscale="log", yscale="log", xlim=(low, high), ylim=(min(times) / 2, max(times) * 1.5))
    _draw_bandwidths(curves, axes)
    _finish(axes)
    draw_head(axes, f"Reads on {device.name}", told(storage.source), [*key, *([_beyond()] if known else [])])


def told(source: Source | None) -> str:
    """Say how far numbers can be trusted, and where they come from."""
    return f"grade {source.grade}: {source.text}" if source else "no source given"


def _draw_curve(curve: _Curve, sizes: Sequence[int], axes: "Axes") -> "Sequence[Artist]":
    """Draw the points and the line of one depth, and return what the key lists."""
    known, look = curve.known, curve.look
    line: dict[str, Any] = {"color": look["color"], "linewidth": 1.2}
    if not known:
        read = curve.storage.read
        text = f"no measured points: {show_ns(read.latency or 0)} + size / {show_bytes(read.bandwidth or 0)}/s"
        return axes.plot(sizes, [curve.ms(size) for size in sizes], linestyle=BEYOND, label=text, **line)
    entries = axes.plot(known, [curve.ms(size) for size in known], linestyle="none", **look,
                        label=f"queue depth {curve.depth}" if curve.number == 0 else f"{curve.depth}")  # fmt: skip
    inside = [size for size in sizes if known[0] <= size <= known[-1]]
    parts = ([size for size in sizes if size <= known[0]], [size for size in sizes if size >= known[-1]])
    axes.plot(inside, [curve.ms(size) for size in inside], **line)
    for part in parts:
        axes.plot(part, [curve.ms(size) for size in part], linestyle=BEYOND, **line)
    return entries


def _beyond() -> "Artist":
    from matplotlib.lines import Line2D

    return Line2D([], [], color=FAINT, linewidth=1.2, linestyle=BEYOND, label="beyond the profile's points")


def _draw_bandwidths(curves: Sequence[_Curve], axes: "Axes") -> None:
    """Draw a line for every power of ten, with its bandwidth where it ends, unless a curve is there."""
    (low, high), (least, most), (wide, tall) = axes.get_xlim(), axes.get_ylim(), points_of(axes)
    across, up = log10(high / low) / wide, log10(most / least) / tall  # decades a point
    for power in range(3, 12):
        per_ms, text = 10**power / 1e3, f"{show_bytes(10**power).replace('.00', '').replace('.0', '')}/s"
        left, right = max(low, least * per_ms), min(high, most * per_ms)
        if left >= right:
            continue
        axes.plot((left, right), (left / per_ms, right / per_ms), color="#bbbbbb", linewidth=0.7, linestyle=":",
                  zorder=0.5)  # fmt: skip
        half = 0.5 * text_points(text, SMALL)
        at = right * 10 ** (-across * (6 + half))
        ends = [at * 10 ** (-across * half), at * 10 ** (across * half)]
        above = [[log10(curve.ms(end) * per_ms / at) / up for end in ends] for curve in curves]  # points
        if ends[0] > left and not any(near < _CLEAR and far > -_CLEAR for near, far in above):
            axes.text(at, at / per_ms, text, fontsize=SMALL, color=FAINT, ha="center", va="center", bbox=HALO,
                      zorder=0.6)  # fmt: skip


def _finish(axes: "Axes") -> None:
    from matplotlib.ticker import LogLocator, NullFormatter

    tidy(axes, "y")
    axes.xaxis.set_major_locator(LogLocator(4))
    axes.xaxis.set_major_formatter(lambda value, _: _size(value))
    axes.xaxis.set_minor_locator(LogLocator(2))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("size of the read", fontsize=NORMAL, color=INK)
    axes.set_ylabel("time of the read [ms]", fontsize=NORMAL, color=INK)


def _size(n_bytes: float) -> str:
    for unit, factor in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if n_bytes >= factor:
            return f"{n_bytes / factor:,.4g} {unit}"
    return f"{n_bytes:,.4g} B"
