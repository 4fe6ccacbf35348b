"""Names beside points, where there is room for them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from edgesim.plot.head import text_points
from edgesim.plot.late import before_drawing
from edgesim.plot.look import FAINT, HALO, SMALL, points_of
from edgesim.plot.placing import Box, Mark, Place, Room, Standing, along, place_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import LineCollection
    from matplotlib.text import Annotation

_LINE = 1.3
"""Height of a line, as a share of the size of its letters."""
_MARKER = 4.0
"""How far markers reach [points]."""
_MOST_LINES = 3
_SIZE = SMALL - 0.5
_ABOVE = 1.5
"""Names are drawn above grids and lines, and below points."""


class _Spot(NamedTuple):
    """A point on paper [points] and in the data, and the names of all that are almost there."""

    paper: Place
    data: Place
    names: list[str]


def write_names(named: Sequence[tuple[Place, str]], axes: "Axes", led: int = 0, front: Sequence[Place] = ()) -> None:
    """Write names beside points, those of the first ones first; points that are almost the same share a text.

    A name for which there is no room is left out: markers tell, too. What has room is found out whenever the picture is
    drawn.

    Parameters
    ----------
    named
        Places and names of points that are drawn already.
    axes
        Where to write.
    led
        So many of the first ones get a thin line to their name where there is no room beside the point.
    front
        Corners of a line that names are not to lie on.
    """
    from matplotlib.collections import LineCollection

    look: dict[str, Any] = {"fontsize": _SIZE, "color": FAINT, "bbox": HALO, "parse_math": False, "zorder": _ABOVE}
    texts = [axes.annotate("", place, (0, 0), textcoords="offset points", va="bottom", **look) for place, _ in named]
    leading = LineCollection([], transform=axes.transAxes, colors=FAINT, linewidths=0.4, zorder=_ABOVE)
    axes.add_collection(leading, autolim=False)
    for artist in (*texts, leading):
        artist.set_in_layout(False)

    def write() -> None:
        room = Room(Box(0, 0, *points_of(axes)), _LINE * _SIZE, list(along([_paper(one, axes) for one in front])))
        _write(_spots(named, axes), len(_spots(named[:led], axes)), room, texts, leading)

    before_drawing(axes, write)


def _write(
    spots: Sequence[_Spot], led: int, room: Room, texts: "Sequence[Annotation]", leading: "LineCollection"
) -> None:
    """Write every text where there is room."""
    written = [_lines(spot.names) for spot in spots]
    sizes = [(max(text_points(line, _SIZE) for line in lines), room.line * len(lines)) for lines in written]
    marks = [Mark(*spot.paper, _MARKER) for spot in spots]
    places = place_names(marks, sizes, led, room)
    for text in texts:
        text.set_text("")
    for text, spot, lines, place in zip(texts, spots, written, places, strict=False):
        if place:
            _stand(text, spot, lines, place)
    shown = [place.line for place in places if place and place.line]
    leading.set_segments([[(x / room.box.right, y / room.box.high) for x, y in line] for line in shown])


def _lines(names: Sequence[str]) -> list[str]:
    return [*names] if len(names) <= _MOST_LINES else [*names[: _MOST_LINES - 1], f"and {len(names) - 2} more"]


def _stand(text: "Annotation", spot: _Spot, lines: Sequence[str], place: Standing) -> None:
    """Put a text beside its point; the side that is nearer to it is exact."""
    box = place.box
    x = {1: box.left, 0: (box.left + box.right) / 2, -1: box.right}[place.side]
    text.xy = spot.data
    text.set(text="\n".join(lines), position=(x - spot.paper[0], box.low - spot.paper[1]),
             ha={1: "left", 0: "center", -1: "right"}[place.side])  # fmt: skip


def _spots(named: Sequence[tuple[Place, str]], axes: "Axes") -> list[_Spot]:
    spots: list[_Spot] = []
    for place, name in named:
        x, y = _paper(place, axes)
        near = (one for one in spots if abs(one.paper[0] - x) < _MARKER and abs(one.paper[1] - y) < _MARKER)
        spot = next(near, None)
        if spot is None:
            spots.append(_Spot((x, y), place, [name]))
        elif name not in spot.names:
            spot.names.append(name)
    return spots


def _paper(place: Place, axes: "Axes") -> Place:
    """Return where a place of the data is, from the lower left corner of some axes [points]."""
    across, up = axes.transAxes.inverted().transform(axes.transData.transform(place)).tolist()
    wide, high = points_of(axes)
    return across * wide, up * high
