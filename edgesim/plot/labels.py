"""Names beside points, where there is room for them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from edgesim.plot.head import text_points
from edgesim.plot.late import before_drawing
from edgesim.plot.look import FAINT, HALO, SMALL, points_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Annotation

Place = tuple[float, float]
_LINE = 1.3
"""Height of a line, as a share of the size of its letters."""
_RIGHT, _UP, _MARKER = 5.0, 2.0, 4.0  # points: from a point to its name, and how far markers reach
_SIDES = ((1, -1), (1, 1), (-1, 1), (-1, -1))
"""Where a name stands, the best first: to the right and below."""
_MOST_LINES = 3
_SIZE = SMALL - 0.5
_ABOVE = 1.5
"""Names are drawn above grids and lines, and below points."""


class _Box(NamedTuple):
    """A part of some axes, from their lower left corner [points]."""

    left: float
    low: float
    right: float
    high: float

    def meets(self, other: "_Box") -> bool:
        return self.left < other.right and other.left < self.right and self.low < other.high and other.low < self.high

    def holds(self, other: "_Box") -> bool:
        return (
            self.left <= other.left and other.right <= self.right and self.low <= other.low and other.high <= self.high
        )


def write_names(named: Sequence[tuple[Place, str]], axes: "Axes") -> None:
    """Write names beside points, those of the first ones first; points that are almost the same share a text.

    A text for which there is no room is left out: markers tell, too. What has room is found out whenever the picture is
    drawn.

    Parameters
    ----------
    named
        Places and names of points that are drawn already.
    axes
        Where to write.
    """
    look: dict[str, Any] = {"fontsize": _SIZE, "color": FAINT, "bbox": HALO, "parse_math": False, "zorder": _ABOVE}
    texts = [axes.annotate("", place, (0, 0), textcoords="offset points", **look) for place, _ in named]
    for text in texts:
        text.set_in_layout(False)
    before_drawing(axes, lambda: _write(_spots(named, axes), texts, axes))


def _write(spots: "Sequence[_Spot]", texts: "Sequence[Annotation]", axes: "Axes") -> None:
    """Write every text where there is room."""
    taken = [_Box(x - _MARKER, y - _MARKER, x + _MARKER, y + _MARKER) for (x, y), _, _ in spots]
    room = _Box(0, 0, *points_of(axes))
    for text in texts:
        text.set_text("")
    for text, (spot, place, names) in zip(texts, spots, strict=False):
        lines = names if len(names) <= _MOST_LINES else [*names[: _MOST_LINES - 1], f"and {len(names) - 2} more"]
        boxes = {side: _box(lines, spot, side) for side in _SIDES}
        free = (side for side, box in boxes.items() if room.holds(box) and not any(map(box.meets, taken)))
        if side := next(free, None):
            taken.append(boxes[side])
            right, up = side
            text.xy = place
            text.set(text="\n".join(lines), position=(right * _RIGHT, up * _UP), ha="left" if right > 0 else "right",
                     va="bottom" if up > 0 else "top")  # fmt: skip


class _Spot(NamedTuple):
    """A point on paper [points] and in the data, and the names of all that are almost there."""

    paper: Place
    data: Place
    names: list[str]


def _spots(named: Sequence[tuple[Place, str]], axes: "Axes") -> list[_Spot]:
    spots: list[_Spot] = []
    wide, high = points_of(axes)
    for place, name in named:
        across, up = axes.transAxes.inverted().transform(axes.transData.transform(place)).tolist()
        x, y = across * wide, up * high
        near = (one for one in spots if abs(one.paper[0] - x) < _MARKER and abs(one.paper[1] - y) < _MARKER)
        spot = next(near, None)
        if spot is None:
            spots.append(_Spot((x, y), place, [name]))
        elif name not in spot.names:
            spot.names.append(name)
    return spots


def _box(lines: Sequence[str], spot: Place, side: tuple[int, int]) -> _Box:
    """Return what a text would cover to one side of a point."""
    wide, high = max(text_points(line, _SIZE) for line in lines), _LINE * _SIZE * len(lines)
    x, y = spot[0] + side[0] * _RIGHT, spot[1] + side[1] * _UP
    left, low = (x if side[0] > 0 else x - wide), (y if side[1] > 0 else y - high)
    return _Box(left, low, left + wide, low + high)
