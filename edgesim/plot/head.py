"""What stands above some axes: titles, a note, and a key in rows that are as wide as they are."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from edgesim.files.text import one_line
from edgesim.plot.late import before_drawing
from edgesim.plot.look import FAINT, INK, LARGE, NORMAL, SMALL, points_of

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

KEY = SMALL + 0.5
"""Size of the letters of notes and keys [points]."""
_LINE = 1.45
"""Height of a line, as a share of the size of its letters."""
_ON_DOTS = 1.02
"""Letters may be so much wider on a screen, where they begin and end at dots."""
_HANDLE, _GAP = 2.0, 1.4
"""Width of what stands before the text of an entry, and of what parts two entries, in the same unit."""


def draw_head(axes: "Axes", title: str, note: str = "", key: "Sequence[Artist]" = ()) -> None:
    """Write a title, below it a note, and below that list what is drawn; any of them may be left out.

    A key of one row leaves the three in the room that a new figure has above its axes. Text that is wider than the axes
    is cut at its end.
    """
    high = _draw_key(axes, key, points_of(axes)[0]) if key else 0.0
    if note:
        look: dict[str, Any] = {"fontsize": KEY, "color": FAINT, "parse_math": False}
        below = axes.annotate("", (0, 1), (0, high + 3), "axes fraction", "offset points", **look)
        keep_fitting(axes, below, lambda wide: fitting(note, KEY, wide))
        high += 2 + _LINE * KEY
    if title:
        above = axes.set_title("", loc="left", pad=high + 3, fontsize=LARGE, fontweight="bold", color=INK,
                               parse_math=False)  # fmt: skip
        keep_fitting(axes, above, lambda wide: fitting(title, LARGE, wide, bold=True))


def keep_fitting(axes: "Axes", text: "Text", fitted: Callable[[float], str]) -> None:
    """Write a text that is made for the width of some axes [points], now and whenever they are drawn."""

    def write() -> None:
        text.set_text(fitted(points_of(axes)[0]))

    write()
    before_drawing(axes, write)


def beside(text: str) -> float:
    """Return how much room a text of normal size takes from what stands beside it [points]."""
    return text_points(text, NORMAL) + 2 * NORMAL if text else 0.0


def name_and_planner(name: str, planner: str, wide: float) -> str:
    """Return a large title that is so wide at most [points]; rather than the planner, what it planned for is cut."""
    tail = one_line(f": {planner}")
    name = fitting(name, LARGE, max(wide - text_points(tail, LARGE, bold=True), 0.3 * wide), bold=True)
    return fitting(name + tail, LARGE, wide, bold=True)


def draw_page_title(drawing: "Figure", title: str) -> None:
    """Write a title above all of a page, as long as there is room for."""
    text = fitting(title, LARGE, 0.98 * 72 * drawing.get_figwidth(), bold=True)
    drawing.suptitle(text, x=0.01, ha="left", fontsize=LARGE, fontweight="bold", color=INK, parse_math=False)


def text_points(text: str, size: float, *, bold: bool = False) -> float:
    """Return how wide a text is [points]."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    letters = FontProperties(size=size, weight="bold" if bold else "normal")
    return _ON_DOTS * float(TextToPath().get_text_width_height_descent(text, letters, ismath=False)[0])


def fitting(text: str, size: float, wide: float, *, bold: bool = False) -> str:
    """Return a text on one line, without its end where that would be too wide."""
    text = one_line(text[: int(6 * wide / size)])  # no more would fit
    if text_points(text, size, bold=bold) <= wide:
        return text
    many = bisect_right(range(len(text)), wide, key=lambda many: text_points(f"{text[:many]} …", size, bold=bold))
    return f"{text[: max(0, many - 1)].rstrip()} …"


def _draw_key(axes: "Axes", key: "Sequence[Artist]", wide: float) -> float:
    """List what is drawn in as few rows as there is room for, and return how high they are [points]."""
    widths = [text_points(str(one.get_label()), KEY) + KEY * (_HANDLE + _GAP) for one in key]
    columns = next((many for many in range(len(key), 1, -1) if sum(_columns(widths, many)) - KEY * _GAP <= wide), 1)
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
