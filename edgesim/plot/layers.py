"""How long a processor's layers take, by their number of shards."""

from typing import TYPE_CHECKING

from edgesim.device import Device
from edgesim.errors import InputError, choose
from edgesim.plot.look import INK, NORMAL, draw_legend
from edgesim.processor import linear

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_layers(device: Device, processor: str, axes: "Axes") -> None:
    """Draw the compute time of a layer against its number of shards: measured points, and the line between them.

    Parameters
    ----------
    device, processor
        Whose times.
    axes
        Where to draw.

    Raises
    ------
    InputError
        If the device has no such processor.
    """
    if processor not in device.processors:
        raise InputError(f"{device.name}: has no '{processor}'; {choose(processor, device.processors)}")
    for times in device.processors[processor].layer_times:
        every = range(min(times.time), max(times.time) + 1)
        line = linear(times.time, every)
        (drawn,) = axes.plot(every, [line[m] / 1e6 for m in every], label=str(times.geometry))
        axes.plot(list(times.time), [ns / 1e6 for ns in times.time.values()], "o", color=drawn.get_color())
    axes.set_ylim(bottom=0)
    axes.set_xlabel("shards of the layer", fontsize=NORMAL, color=INK)
    axes.set_ylabel("layer time [ms]", fontsize=NORMAL, color=INK)
    draw_legend(axes)
