"""Cells in rows and columns: what maps of a model's shards have in common."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from edgesim.plans import Shard
from edgesim.plot.contrast import ink_on
from edgesim.plot.look import NORMAL, SMALL, points_of

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.patches import Patch
    from numpy.typing import NDArray

Rows = Sequence[Sequence[float]]
_PARTED = 0.06
"""Between two maps, as a share of the first one's width."""


class Grid(NamedTuple):
    """The layers and slices of a model that have rows and columns, and whether a second map stands beside the first."""

    rows: Sequence[int]
    columns: Sequence[int]
    twice: bool

    def place(self, shard: Shard) -> tuple[int, int]:
        """Return column and row of a shard."""
        return self.columns.index(shard[1]), self.rows.index(shard[0])

    @property
    def second(self) -> float:
        """How far to the right the second map is [cells]."""
        return len(self.columns) * (1 + _PARTED)

    @property
    def wide(self) -> float:
        """How wide everything is [cells]."""
        return len(self.columns) + (self.second if self.twice else 0)


def cell_points(grid: Grid, axes: "Axes") -> tuple[float, float]:
    """Return width and height of a cell on paper [points]."""
    wide, high = points_of(axes)
    return wide / grid.wide, high / len(grid.rows)


def draw_cells(fields: "NDArray[np.float64]", grid: Grid, axes: "Axes", *, second: bool = False) -> None:
    """Fill the cells of a map with colours, (L, S, 3), and leave white between them."""
    import numpy as np

    high, across, _ = fields.shape
    axes.pcolormesh(np.arange(across + 1) - 0.5 + (grid.second if second else 0), np.arange(high + 1) - 0.5, fields,
                    edgecolors="white", linewidth=min(1.2, 0.08 * min(cell_points(grid, axes))), zorder=1)  # fmt: skip


def text_size(grid: Grid, axes: "Axes") -> float:
    """Return the size of two letters that fit into a cell [points]; 0 where there is no room for them."""
    wide, high = cell_points(grid, axes)
    return next((size for size in (NORMAL, SMALL) if high > 1.35 * size and wide > 1.8 * size), 0.0)


def write(text: str, place: tuple[float, float], size: float, field: "NDArray[np.float64]", axes: "Axes") -> None:
    """Write a text in the middle of a cell of some colour."""
    axes.text(*place, text, ha="center", va="center", fontsize=size, color=ink_on(field))


def patch(colour: str, label: str) -> "Patch":
    """Return an entry of a key for cells of some colour."""
    from matplotlib.patches import Patch

    return Patch(facecolor=colour, edgecolor="#8a8a8a", linewidth=0.4, label=label)
