"""Names beside points, where there is room for them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from edgesim.plot.head import text_points
from edgesim.plot.look import FAINT, HALO, SMALL, points_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Place = tuple[float, float]
_LINE = 1.3
"""Height of a line, as a share of the size of its letters."""
_RIGHT, _UP, _MARKER = 5.0, 2.0, 4.0  # points: from a point to its name, and how far markers reach
_SIDES = ((1, -1), (1, 1), (-1, 1), (-1, -1))
"""Where a name stands, the best first: to the right and below."""
_MOST_LINES = 3


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

    A text for which there is no room is left out: markers tell, too.

    Parameters
    ----------
    named
        Places and names of points that are drawn already.
    axes
        Where to write.
    """
    axes.autoscale_view()  # else the limits are those of an empty panel until it is drawn
    spots = _spots(named, axes)
    taken = [_Box(x - _MARKER, y - _MARKER, x + _MARKER, y + _MARKER) for (x, y), _, _ in spots]
    room = _Box(0, 0, *points_of(axes))
    for spot, place, names in spots:
        lines = names if len(names) <= _MOST_LINES else [*names[: _MOST_LINES - 1], f"and {len(names) - 2} more"]
        boxes = {side: _box(lines, spot, side) for side in _SIDES}
        free = (side for side, box in boxes.items() if room.holds(box) and not any(map(box.meets, taken)))
        if side := next(free, None):
            taken.append(boxes[side])
            right, up = side
            axes.annotate("\n".join(lines), place, (right * _RIGHT, up * _UP), textcoords="offset points",
                          ha="left" if right > 0 else "right", va="bottom" if up > 0 else "top", fontsize=SMALL - 0.5,
                          color=FAINT, bbox=HALO, zorder=1.5, parse_math=False)  # fmt: skip


def _spots(named: Sequence[tuple[Place, str]], axes: "Axes") -> list[tuple[Place, Place, list[str]]]:
    """Return where points are on paper [points] and in the data, and the names of all that are almost there."""
    spots: list[tuple[Place, Place, list[str]]] = []
    wide, high = points_of(axes)
    for place, name in named:
        across, up = axes.transAxes.inverted().transform(axes.transData.transform(place)).tolist()
        x, y = across * wide, up * high
        near = next((one for one in spots if abs(one[0][0] - x) < _MARKER and abs(one[0][1] - y) < _MARKER), None)
        if near is None:
            spots.append(((x, y), place, [name]))
        elif name not in near[2]:
            near[2].append(name)
    return spots


def _box(lines: Sequence[str], spot: Place, side: tuple[int, int]) -> _Box:
    """Return what a text would cover to one side of a point."""
    size = SMALL - 0.5
    wide, high = max(text_points(line, size) for line in lines), _LINE * size * len(lines)
    x, y = spot[0] + side[0] * _RIGHT, spot[1] + side[1] * _UP
    left, low = (x if side[0] > 0 else x - wide), (y if side[1] > 0 else y - high)
    return _Box(left, low, left + wide, low + high)
