"""Colours and sizes: for print, and for eyes that see colours differently."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

LOAD, REPLY, SLOW = "load, {}-bit".format, "load of a reply", "slow clock"
LOOKS: dict[str, dict[str, Any]] = {
    LOAD(bits): {"facecolor": shade, "linewidth": 0}
    for bits, shade in {  # ColorBrewer's YlGnBu in even steps of lightness: dark is faithful
        1: "#eef8b3", 2: "#d0edb3", 3: "#92d5b9", 4: "#55bec1", 5: "#2a9ec1",
        6: "#2072b1", 7: "#2354a3", 8: "#253896", 16: "#162a77", 32: "#081d58",
    }.items()
} | {
    "decompress": {"facecolor": "#f9ddb1", "edgecolor": "white"},
    "compute": {"facecolor": "#ee9b3a", "edgecolor": "white"},
    "stall": {"facecolor": "white", "edgecolor": "#c8102e", "hatch": "/////", "linewidth": 0.7},
    "handoff": {"facecolor": "#cc79a7", "edgecolor": "#cc79a7", "linewidth": 0.3, "label": "hand-off"},
    "blocked": {"facecolor": "white", "edgecolor": "#8a8a8a", "hatch": r"\\\\\\", "linewidth": 0.7},
    "held": {"facecolor": "white", "edgecolor": "#8a8a8a", "hatch": ".....", "linewidth": 0.7, "label": "held back"},
    "queued": {"facecolor": "white", "edgecolor": "#8a8a8a", "hatch": "xxxxx", "linewidth": 0.7},
    "restore": {"facecolor": "#7d5a2b", "linewidth": 0},
    REPLY: {"facecolor": "#2072b1", "edgecolor": "white"},
    SLOW: {"facecolor": "#56404f", "linewidth": 0},
    "read": {"facecolor": "#b5b5b5", "edgecolor": "#8a8a8a", "linewidth": 0.4, "label": "other read"},
    "write": {"facecolor": "#7f7f7f", "edgecolor": "#444444", "linewidth": 0.4, "label": "other write"},
    "gc": {"facecolor": "#000000", "linewidth": 0, "label": "flash pause"},
    "load": {"facecolor": "none", "edgecolor": "white", "label": "_"},  # parts one load from the next; not in legends
}  # fmt: skip
BUFFERS = {"preload": "#5d6875", "load buffer": "#94b4d8", "working": "#ee9b3a"}
INK, FAINT, TARGET = "#222222", "#666666", "#6a1b9a"
SMALL, NORMAL, LARGE = 6.5, 8, 10  # points
_HATCHED = 1.5
"""So wide is a bar that has room for a hatch [points]."""
HALO = {"facecolor": "white", "linewidth": 0, "pad": 0.4}


def colour_of_bits(bits: int) -> str:
    """Return the colour of a bitwidth, ``#rrggbb``."""
    return str(LOOKS[LOAD(bits)]["facecolor"])


def points_of(axes: "Axes") -> tuple[float, float]:
    """Return how wide and how high some axes are on paper [points]."""
    box = axes.get_window_extent()
    return 72 / axes.figure.dpi * box.width, 72 / axes.figure.dpi * box.height


def draw_bars(axes: "Axes", bars: "Sequence[tuple[float, float]]", place: tuple[float, float], **look: Any) -> None:  # noqa: ANN401
    """Draw bars on a time axis that has its limits; narrow ones without a hatch, which takes long and is not seen.

    Parameters
    ----------
    axes
        Where to.
    bars
        Start and width of each, in the unit of the time axis.
    place
        Where they begin across it, and how high they are.
    look
        As matplotlib has it. A legend shows the hatch in any case.
    """
    start, end = axes.get_xlim()
    least = _HATCHED * (end - start) / points_of(axes)[0] if "hatch" in look else 0.0
    axes.broken_barh([bar for bar in bars if bar[1] >= least], place, **look)
    if narrow := [bar for bar in bars if bar[1] < least]:
        axes.broken_barh(narrow, place, **look | {"hatch": None})


def unique(handles: "Sequence[Artist]") -> "list[Artist]":
    """Return what a key lists: each name once, as the first of its name looks."""
    return list({str(handle.get_label()): handle for handle in reversed(handles)}.values())[::-1]


def draw_legend(axes: "Axes", *, reverse: bool = False) -> None:
    """List what is drawn, each look once, to the right of it."""
    handles = unique(axes.get_legend_handles_labels()[0])
    axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.005, 1.02), frameon=False,
                fontsize=SMALL + 0.5, handlelength=1.6, labelspacing=0.35, borderaxespad=0.2,
                labelcolor=INK, reverse=reverse)  # fmt: skip


def tidy(axes: "Axes", along: str = "x") -> None:
    """Leave of the frame of some axes what is needed to read them, with a grid for the values along x or y."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=NORMAL, labelcolor=INK, width=0.6)
    getattr(axes, f"{along}axis").set_major_formatter(lambda value, _: f"{value:,.10g}")
    getattr(axes, f"{along}axis").grid(color="#dddddd", linewidth=0.5)
    axes.set_axisbelow(True)
