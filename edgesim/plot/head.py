"""What stands above some axes: titles, a note, and a key in rows that are as wide as they are."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from edgesim.files.text import one_line
from edgesim.plot.look import FAINT, INK, LARGE, NORMAL, SMALL, points_of

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

KEY = SMALL + 0.5
"""Size of the letters of notes and keys [points]."""
_LINE = 1.45
"""Height of a line, as a share of the size of its letters."""
_HANDLE, _GAP = 2.0, 1.4
"""Width of what stands before the text of an entry, and of what parts two entries, in the same unit."""


def draw_head(axes: "Axes", title: str, note: str = "", key: "Sequence[Artist]" = ()) -> None:
    """Write a title, below it a note, and below that list what is drawn; any of them may be left out.

    A key of one row leaves the three in the room that a new figure has above its axes. Text that is wider than the axes
    is cut at its end.
    """
    wide, _ = points_of(axes)
    high = _draw_key(axes, key, wide) if key else 0.0
    if note:
        axes.annotate(fitting(note, KEY, wide), (0, 1), (0, high + 3), "axes fraction", "offset points", fontsize=KEY,
                      color=FAINT, parse_math=False)  # fmt: skip
        high += 2 + _LINE * KEY
    if title:
        axes.set_title(fitting(title, LARGE, wide, bold=True), loc="left", fontsize=LARGE, fontweight="bold", color=INK,
                       pad=high + 3, parse_math=False)  # fmt: skip


def side_by_side(axes: "Axes", name: str, planner: str, right: str) -> tuple[str, str]:
    """Return two titles of some axes: the left one, large and bold, as long as the other leaves room for.

    Rather than the planner, what it planned for is cut.
    """
    right, tail = one_line(right), one_line(f": {planner}")
    rest = points_of(axes)[0] - (text_points(right, NORMAL) + 2 * NORMAL if right else 0.0)
    name = fitting(name, LARGE, max(rest - text_points(tail, LARGE, bold=True), 0.3 * rest), bold=True)
    return fitting(name + tail, LARGE, rest, bold=True), right


def draw_page_title(drawing: "Figure", title: str) -> None:
    """Write a title above all of a page, as long as there is room for."""
    text = fitting(title, LARGE, 0.98 * 72 * drawing.get_figwidth(), bold=True)
    drawing.suptitle(text, x=0.01, ha="left", fontsize=LARGE, fontweight="bold", color=INK, parse_math=False)


def text_points(text: str, size: float, *, bold: bool = False) -> float:
    """Return how wide a text is [points]."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    letters = FontProperties(size=size, weight="bold" if bold else "normal")
    return float(TextToPath().get_text_width_height_descent(text, letters, ismath=False)[0])


def fitting(text: str, size: float, wide: float, *, bold: bool = False) -> str:
    """Return a text on one line, without its end where that would be too wide."""
    text = one_line(text)
    if text_points(text, size, bold=bold) <= wide:
        return text
    fits = next(long for long in range(len(text), -1, -1) if text_points(f"{text[:long]} …", size, bold=bold) <= wide)
    return f"{text[:fits].rstrip()} …"


def _draw_key(axes: "Axes", key: "Sequence[Artist]", wide: float) -> float:
    """List what is drawn in as few rows as there is room for, and return how high they are [points]."""
    widths = [text_points(str(one.get_label()), KEY) + KEY * (_HANDLE + _GAP) for one in key]
    columns = next((many for many in range(len(key), 1, -1) if sum(_columns(widths, many)) <= wide), 1)
    in_rows = [key[at] for column in range(columns) for at in range(column, len(key), columns)]
    drawn = axes.legend(handles=in_rows, loc="lower left", bbox_to_anchor=(0, 1), ncols=columns, frameon=False,
                        fontsize=KEY, labelcolor=INK, handlelength=_HANDLE - 0.5, handletextpad=0.5,
                        columnspacing=_GAP, borderaxespad=0.2, borderpad=0.2, labelspacing=_LINE - 1.2)  # fmt: skip
    for text in drawn.get_texts():
        text.set_parse_math(False)
    return KEY * (0.5 + _LINE * -(-len(key) // columns))


def _columns(widths: Sequence[float], many: int) -> list[float]:
    """Return how wide each column is when entries fill rows."""
    return [max(widths[column::many]) for column in range(many)]
