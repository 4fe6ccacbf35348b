"""Curves of devices are the functions that the simulator uses, through the points that the profile has."""

from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from pictured import device

from edgesim import Device, InputError, draw_layers, draw_reads
from edgesim.cost import read_ns
from edgesim.device import find_decompress
from edgesim.plot import device_figure
from edgesim.plot.scales import COLOURS
from edgesim.processor import linear


def drawn(draw: Any, *given: object) -> Axes:  # noqa: ANN401  (any function that takes axes)
    """Draw into axes of a page."""
    axes = Figure(figsize=(9, 5)).subplots()
    draw(*given, axes)
    return axes


def key(axes: Axes) -> list[str]:
    """Return the entries of the key."""
    return [text.get_text() for text in axes.get_legend().get_texts()]


def notes(axes: Axes) -> list[str]:
    """Return what is written into and around some axes."""
    return [text.get_text() for text in axes.texts if text.get_text()]


def lines(axes: Axes, colour: str, style: str) -> list[Line2D]:
    """Return the lines of some colour and style; ``None`` is that of points."""
    return [line for line in axes.lines if line.get_color() == colour and line.get_linestyle() == style]


def places(line: Line2D) -> list[tuple[float, float]]:
    """Return the points of a line."""
    return [(x, y) for x, y in np.asarray(line.get_xydata()).tolist()]


@pytest.mark.parametrize("name", ["cloud-epyc", "pc-nvme", "raspberry-pi-5-sd", "odroid-n2plus", "many"])
def test_curves_of_reads_are_what_reads_take(name: str) -> None:
    """Every line is `read_ns` of its depth; points are the profile's, and lines are dashed beyond them."""
    one = device(name)
    axes = drawn(draw_reads, one)
    tables = one.storage.points
    depths = sorted(tables) or [1]
    markers = {line.get_marker() for line in axes.lines} - {"None"}
    assert len(markers) == min(len(tables), 8)
    for number, colour in enumerate(COLOURS[: len(depths)]):
        its = depths[number :: len(COLOURS)]  # beyond eight depths colours come again
        for line in (*lines(axes, colour, "-"), *lines(axes, colour, "--")):
            assert any(all(y == read_ns(round(x), one.storage, depth) / 1e6 for x, y in places(line)) for depth in its)
        points = [places(line) for line in lines(axes, colour, "None")]
        assert points == [[(size, ns / 1e6) for size, ns in tables[depth]] for depth in its if depth in tables]
        for solid, known in zip(lines(axes, colour, "-"), points, strict=True):
            assert (places(solid)[0], places(solid)[-1]) == (known[0], known[-1])
        dashed = [x for line in lines(axes, colour, "--") for x, _ in places(line)]
        assert (min(dashed), max(dashed)) == pytest.approx(axes.get_xlim())
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("size of the read", "time of the read [ms]")


def test_reads_say_what_they_rest_on() -> None:
    """Queue depths, and beyond the points; or that there are none, and the line's numbers; grade and source."""
    axes = drawn(draw_reads, device("cloud-epyc"))
    assert key(axes) == ["queue depth 1", "2", "4", "8", "beyond the profile's points"]
    assert notes(axes)[-1].startswith("grade A: Median service time of 40 to 320 random reads")
    axes = drawn(draw_reads, device("odroid-n2plus"))
    assert key(axes) == ["no measured points: 0.0 ms + size / 83.4 MB/s"]
    assert axes.get_title("left") == "Reads on odroid-n2plus"
    bare = device("odroid-n2plus")
    bare = bare.model_copy(update={"storage": bare.storage.model_copy(update={"source": None})})
    assert notes(drawn(draw_reads, bare))[-1] == "no source given"


def test_dotted_lines_are_bandwidths() -> None:
    """Where one is named, that size in that time is that bandwidth."""
    axes = drawn(draw_reads, device("cloud-epyc"))
    factors = {"kB/s": 1e3, "MB/s": 1e6, "GB/s": 1e9}
    named = [text for text in axes.texts if text.get_text().split(" ")[-1] in factors]
    assert len(named) >= 4
    for text in named:
        number, unit = text.get_text().split(" ")
        size, ms = text.get_position()
        assert size / (ms / 1e3) == pytest.approx(float(number) * factors[unit])
    for line in (line for line in axes.lines if line.get_linestyle() == ":"):
        (x, y), (x_end, y_end) = places(line)
        assert x / y == pytest.approx(x_end / y_end)


@pytest.mark.parametrize(
    ("name", "processor"),
    [("cloud-epyc", "cpu"), ("odroid-n2plus", "cpu"), ("phone-ufs4", "npu"), ("jetson-nano", "gpu")],
)
def test_curves_of_layers_are_what_layers_take(name: str, processor: str) -> None:
    """Solid lines are `linear` through the profile's points, dashed ones those after a wait, dotted decompression."""
    one = device(name)
    axes = drawn(draw_layers, one, processor)
    colours = dict.fromkeys(line.get_color() for line in axes.lines)
    for colour, times in zip(colours, one.processors[processor].layer_times, strict=True):
        every = range(min(times.time), max(times.time) + 1)
        (solid,) = lines(axes, colour, "-")
        assert places(solid) == [(m, ns / 1e6) for m, ns in linear(times.time, every).items()]
        points = [place for line in lines(axes, colour, "None") for place in places(line)]
        assert {(m, ns / 1e6) for m, ns in times.time.items()} <= set(points)
        dashed = [place for line in lines(axes, colour, "--") for place in places(line)]
        after = linear(times.after_wait, every) if times.after_wait else {}
        assert dashed == [(m, ns / 1e6) for m, ns in after.items()]
        unpack = find_decompress(one, processor, times.geometry)
        assert unpack is not None
        shard = list(unpack.per_shard.values()) if isinstance(unpack.per_shard, dict) else [unpack.per_shard]
        low, high = (places(line) for line in lines(axes, colour, ":"))
        most = max(times.time)
        assert low == [(0, 0), (most, most * min(shard) / 1e6)]
        assert high == [(0, 0), (most, most * max(shard) / 1e6)]
    assert axes.get_ylim()[0] == 0


def test_layers_are_named_by_what_tells_them_apart() -> None:
    """With the grade of each; what geometries have in common stands above, and the styles in the key."""
    axes = drawn(draw_layers, device("odroid-n2plus"), "cpu")
    assert key(axes) == ["hidden 768, ffn 3072 (B)", "hidden 384, ffn 1536 (C)", "decompression"]
    assert notes(axes)[0].startswith("heads 12, seq_len 128, fp32; grade B: Constants in the planner source")
    assert key(drawn(draw_layers, device("cloud-epyc"), "cpu")) == ["compute (A)", "after a wait", "decompression"]
    assert axes.get_title("left") == "Layers on cpu, odroid-n2plus"


def test_processors_without_measured_layers_say_so() -> None:
    """And what decoders take there instead, with its grade."""
    axes = drawn(draw_layers, device("phone-ufs4"), "cpu")
    assert notes(axes) == [
        "No layer was measured.\nDecoders take the times of a roofline (grade D):\n710 GFLOP/s, memory 76.8 GB/s."
    ]
    assert not axes.lines


def test_an_unknown_processor_is_refused() -> None:
    """One line with the nearest name."""
    with pytest.raises(InputError, match=r"^odroid-n2plus: has no 'cpus'; did you mean 'cpu'\? known: cpu$"):
        drawn(draw_layers, device("odroid-n2plus"), "cpus")


@pytest.mark.parametrize(("name", "panels"), [("odroid-n2plus", 2), ("phone-ufs4", 3), ("many", 5)])
def test_a_page_has_reads_and_every_processor(name: str, panels: int) -> None:
    """At most three side by side; nothing is left of what has no panel."""
    one: Device = device(name)
    shown = [axes for axes in device_figure(one).axes if axes.get_visible()]
    assert len(shown) == panels == 1 + len(one.processors)
    titles = [axes.get_title("left").removesuffix(" …") for axes in shown]
    wanted = [f"Reads on {one.name}", *(f"Layers on {processor}, {one.name}" for processor in one.processors)]
    for title, whole in zip(titles, wanted, strict=True):
        assert whole.startswith(title)
        assert len(title) >= min(len(whole), 20)
