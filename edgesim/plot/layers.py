"""How long a processor's layers take, by their number of shards: the profile's points, and the lines between them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from edgesim.device import Device, find_decompress
from edgesim.errors import InputError, choose
from edgesim.plot.head import draw_head
from edgesim.plot.look import FAINT, INK, NORMAL, tidy
from edgesim.plot.reads import BEYOND, MARKERS, told
from edgesim.plot.scales import COLOURS
from edgesim.processor import LayerTimes, Processor, linear

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

_UNPACK = ":"
"""How lines of decompression are dotted."""


def draw_layers(device: Device, processor: str, axes: "Axes") -> None:
    """Draw the time of a layer against its number of shards, for each geometry: the profile's points, and between them.

    Solid is the computation, dashed that of a layer that had to wait for its shards, dotted the decompression of as
    many shards, from the cheapest bitwidth to the dearest; the profile's grade for a geometry stands with its name.

    Parameters
    ----------
    device, processor
        Whose times.
    axes
        Where to draw; of a processor without measured layers nothing is drawn, and the axes say so.

    Raises
    ------
    InputError
        If the device has no such processor.
    """
    if processor not in device.processors:
        raise InputError(f"{device.name}: has no '{processor}'; {choose(processor, device.processors)}")
    measured = device.processors[processor].layer_times
    title = f"Layers on {processor}, {device.name}"
    if not measured:
        draw_head(axes, title)
        _say_none(device.processors[processor], axes)
        return
    common, names = _names(measured)
    key: list[Artist] = []
    for number, (times, name) in enumerate(zip(measured, names, strict=True)):
        look = {"color": COLOURS[number % len(COLOURS)], "marker": MARKERS[number % len(MARKERS)]}
        key.append(_draw_times(times, name, look, axes))
        _draw_unpacking(device, processor, times, look["color"], axes)
    axes.set_xlim(0, max(max(times.time) for times in measured) + 0.5)
    axes.set_ylim(bottom=0)
    axes.locator_params(axis="x", integer=True)
    axes.set_xlabel("shards of the layer", fontsize=NORMAL, color=INK)
    axes.set_ylabel("time of the layer [ms]", fontsize=NORMAL, color=INK)
    tidy(axes, "y")
    draw_head(axes, title, f"{common}; {told(measured[0].source)}", [*key, *_styles(device, processor)])


def _names(measured: Sequence[LayerTimes]) -> tuple[str, list[str]]:
    """Return what all geometries have in common, and what each has besides, with its grade."""
    parts = [str(times.geometry).split(", ") for times in measured]
    common = [part for part in parts[0] if all(part in other for other in parts)]
    own = [", ".join(part for part in each if part not in common) or "compute" for each in parts]
    grades = [times.source.grade if times.source else "no source" for times in measured]
    return ", ".join(common), [f"{name} ({grade})" for name, grade in zip(own, grades, strict=True)]


def _draw_times(times: LayerTimes, name: str, look: dict[str, Any], axes: "Axes") -> "Artist":
    """Draw the times of one geometry, and return what the key lists."""
    from matplotlib.lines import Line2D

    points: dict[str, Any] = look | {"markersize": 4.5, "markeredgewidth": 0, "linewidth": 1.2}
    for table, style in ((times.time, "-"), (times.after_wait or {}, BEYOND)):
        if table:
            _draw_line(table, axes, points | {"linestyle": style})
    return Line2D([], [], label=name, **points)


def _draw_line(table: Mapping[int, int], axes: "Axes", look: dict[str, Any]) -> None:
    """Draw tabulated times, and what `edgesim.processor.linear` makes of them between."""
    every = linear(table, range(min(table), max(table) + 1))
    known = sorted(table)
    axes.plot(known, [table[m] / 1e6 for m in known], **look | {"linestyle": "none", "label": "_"})
    axes.plot(list(every), [ns / 1e6 for ns in every.values()], **look | {"marker": "", "label": "_"})


def _draw_unpacking(device: Device, processor: str, times: LayerTimes, colour: str, axes: "Axes") -> None:
    """Draw what decompressing so many shards takes, between the cheapest and the dearest bitwidth."""
    unpack = find_decompress(device, processor, times.geometry)
    if unpack is None:
        return
    ns = list(unpack.per_shard.values()) if isinstance(unpack.per_shard, dict) else [unpack.per_shard]
    shards = (0, max(times.time))
    low, high = ([m * time / 1e6 for m in shards] for time in (min(ns), max(ns)))
    axes.fill_between(shards, low, high, color=colour, alpha=0.18, linewidth=0)
    for side in (low, high):
        axes.plot(shards, side, color=colour, linewidth=1.2, linestyle=_UNPACK)


def _styles(device: Device, processor: str) -> "list[Artist]":
    """Return what the key lists of the kinds of lines."""
    from matplotlib.lines import Line2D

    measured = device.processors[processor].layer_times
    styles: list[tuple[Any, str]] = []
    if any(times.after_wait for times in measured):
        styles.append((BEYOND, "after a wait"))
    unpacking = [find_decompress(device, processor, times.geometry) for times in measured]
    if any(each is not None for each in unpacking):
        beside = " on its own lane" if all(each is None or each.overlap for each in unpacking) else ""
        styles.append((_UNPACK, f"decompression{beside}"))
    return [Line2D([], [], color=FAINT, linewidth=1.2, linestyle=style, label=label) for style, label in styles]


def _say_none(one: Processor, axes: "Axes") -> None:
    """Say that no layer was measured, and what there is instead."""
    axes.set_axis_off()
    said = "No layer was measured."
    if roofline := one.roofline:
        speed, rate = roofline.compute / 1e9, roofline.memory_bandwidth / 1e9
        grade = f" (grade {roofline.source.grade})" if roofline.source else ""
        said += f"\nDecoders take the times of a roofline{grade}:\n{speed:,.4g} GFLOP/s, memory {rate:,.4g} GB/s."
    axes.annotate(said, (0.5, 0.5), xycoords="axes fraction", ha="center", va="center", fontsize=NORMAL,
                  color=FAINT)  # fmt: skip
