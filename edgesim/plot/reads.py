"""How long a device's reads take, by their size."""

from typing import TYPE_CHECKING

from edgesim.cost import read_ns
from edgesim.device import Device
from edgesim.plot.look import INK, NORMAL, draw_legend

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_reads(device: Device, axes: "Axes") -> None:
    """Draw the time of one read against its size, for each measured queue depth: measured points, and the model.

    Parameters
    ----------
    device
        Whose storage it is.
    axes
        Where to draw.
    """
    storage = device.storage
    sizes = [2**power for power in range(12, 27)]
    for depth in sorted(storage.points) or [1]:
        (line,) = axes.plot(sizes, [read_ns(size, storage, depth) / 1e6 for size in sizes], label=f"depth {depth}")
        if points := storage.points.get(depth):
            axes.plot([size for size, _ in points], [ns / 1e6 for _, ns in points], "o", color=line.get_color())
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("request size [B]", fontsize=NORMAL, color=INK)
    axes.set_ylabel("read time [ms]", fontsize=NORMAL, color=INK)
    draw_legend(axes)
