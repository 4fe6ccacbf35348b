"""Maps over two swept keys: who is best where, and how large a figure is."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from edgesim.plot.contrast import ink_on
from edgesim.plot.look import FAINT, INK, NORMAL, SMALL
from edgesim.plot.maps import Axis
from edgesim.plot.scales import COLOURS, OTHERS, colour_of

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize
    from matplotlib.patches import Patch
    from numpy.typing import NDArray

HATCH = "/////"
_MOST_LETTERS = (16, 26)
_TICKS = 9
_LONGEST_TITLE, _LONGEST_TICK = 36, 16


class Winners(NamedTuple):
    """Who is best in each cell.

    Parameters
    ----------
    names
        The planners, the leading one first; those without a colour of their own are drawn as others.
    cells
        The planner of each cell, -1 where none meets the target, -2 where nothing was or could be tried, (Y, X).
    everywhere
        Whether it is best at all that is in the cell, (Y, X).
    """

    names: Sequence[str]
    cells: "NDArray[np.int64]"
    everywhere: "NDArray[np.bool_]"


class Heat(NamedTuple):
    """One figure of one planner in each cell: NaN where it has no plan, (Y, X), and where anything was tried."""

    title: str
    values: "NDArray[np.float64]"
    tried: "NDArray[np.bool_]"


def draw_winners(one: Winners, axes: "Axes") -> None:
    """Draw the best planner of each cell in its colour, its letter small where it is not at all places."""
    import numpy as np
    from matplotlib.colors import to_rgb

    palette = np.array([to_rgb(colour_of(number)) for number in range(len(one.names))]).reshape(-1, 3)
    fields = np.ones((*one.cells.shape, 4))
    won = one.cells >= 0
    fields[won, :3] = palette[one.cells[won]]
    fields[one.cells == -1, 3] = 0
    _hatched(axes)
    axes.imshow(fields, origin="lower", aspect="auto", interpolation="nearest")
    for y, x in np.argwhere(won).tolist() if has_letters(one) else ():
        text = letter(int(one.cells[y, x]))
        axes.text(x, y, text if one.everywhere[y, x] else text.lower(), ha="center", va="center", fontsize=NORMAL,
                  color=ink_on(fields[y, x]))  # fmt: skip


def has_letters(one: Winners) -> bool:
    """Tell whether there is room for letters."""
    return all(size <= most for size, most in zip(one.cells.shape, _MOST_LETTERS, strict=True))


def letter(planner: int) -> str:
    """Return the letter of a planner by its rank; those that share a colour share it, too."""
    return chr(ord("A") + planner) if planner < len(COLOURS) else "*"


def winner_handles(one: Winners) -> "list[Patch]":
    """Return what a legend of the best planners lists."""
    from matplotlib.patches import Patch

    handles = [
        Patch(facecolor=colour_of(number), label=f"{letter(number)}  {name}")
        for number, name in enumerate(one.names[: len(COLOURS)])
    ]
    if len(one.names) > len(COLOURS):
        handles.append(Patch(facecolor=OTHERS, label=f"*  {len(one.names) - len(COLOURS)} others"))
    if has_letters(one) and (~one.everywhere & (one.cells >= 0)).any():
        handles.append(Patch(facecolor="none", label="small letter: not at all places"))
    if (one.cells == -1).any():
        handles.append(
            Patch(
                facecolor="white",
                edgecolor="#8a8a8a",
                hatch=HATCH,
                linewidth=0,
                label="none meets the target",
            )
        )
    if (one.cells == -2).any():
        handles.append(Patch(facecolor="white", edgecolor="#cccccc", label="left out, or no such scenario"))
    return handles


def draw_heat(one: Heat, norm: "Normalize", axes: "Axes") -> "ScalarMappable":
    """Draw a figure in each cell: dark to bright from least to most, hatched where there is no plan."""
    import numpy as np

    _hatched(axes)
    blank = np.where(one.tried, np.nan, 1.0)
    axes.imshow(blank, cmap="gray", vmin=0, vmax=1, origin="lower", aspect="auto", interpolation="nearest")
    image = axes.imshow(one.values, cmap="cividis", norm=norm, origin="lower", aspect="auto", interpolation="nearest")
    axes.set_title(shortened(one.title, _LONGEST_TITLE), loc="left", fontsize=SMALL + 0.5, color=INK, pad=4)
    return image


def shortened(text: str, longest: int) -> str:
    """Leave out the middle of a long text: what tells names apart is often at their ends."""
    rest = longest - 1
    return text if len(text) <= longest else f"{text[: rest - rest // 2]}\N{HORIZONTAL ELLIPSIS}{text[-(rest // 2) :]}"


def _hatched(axes: "Axes") -> None:
    """Hatch what is not drawn over."""
    axes.patch.set(facecolor="#f4f4f4", edgecolor="#a0a0a0", hatch=HATCH, linewidth=0)


def draw_axes(axes: "Axes", x: Axis | None, y: Axis | None, *, crowded: int = 0) -> None:
    """Write the values below and beside a map, as many as there is room for."""
    if x is None:
        axes.set_xticks([])
    else:
        long = max(map(len, x.ticks)) > 6
        shown = spaced(len(x.ticks), max(2, _TICKS - crowded))
        axes.set_xticks(shown, [shortened(x.ticks[at], _LONGEST_TICK) for at in shown])
        for tick in axes.get_xticklabels() if long else ():
            tick.set(rotation=30, ha="right", rotation_mode="anchor")
    if y is None:
        axes.set_yticks([])
    else:
        shown = spaced(len(y.ticks), _TICKS)
        axes.set_yticks(shown, [shortened(y.ticks[at], _LONGEST_TICK) for at in shown])
    axes.tick_params(labelsize=NORMAL - 0.5, labelcolor=INK, length=2, width=0.6, color=FAINT)
    axes.spines[:].set(linewidth=0.5, color=FAINT)


def spaced(many: int, most: int) -> list[int]:
    """Return every so manieth number, at most so many."""
    return list(range(0, many, -(-many // most)))
