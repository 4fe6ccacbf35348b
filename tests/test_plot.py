"""The picture shows the spans, the memory and the targets that the result has; nothing is compared pixel by pixel."""

import itertools
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import rgb_to_hsv, to_hex
from matplotlib.figure import Figure
from played import CASES, played
from stores import records_of
from strategies import toy_model, toy_plan, toy_scenario

from edgesim.cost import bits_of, shard_bytes
from edgesim.errors import EdgesimError, InputError
from edgesim.experiment import run, simulate
from edgesim.plot import MOST_REQUESTS, figure, gantt, save
from edgesim.result import Result
from edgesim.scenario import Scenario
from edgesim.work import first_and_later

Extent = tuple[float, float]


def drawn(result: Result, scenario: Scenario) -> tuple[Axes, Axes]:
    """Draw one result."""
    axes, memory_axes = Figure(figsize=(10, 4)).subplots(2)
    gantt(result, scenario, axes, memory_axes)
    return axes, memory_axes


def bars(axes: Axes, label: str) -> dict[str, list[Extent]]:
    """Return start and end [ms] of the bars of one label on each lane."""
    lanes = [tick.get_text() for tick in axes.get_yticklabels()]
    found: dict[str, list[Extent]] = {}
    for collection in axes.collections:
        if collection.get_label() == label and len(collection.get_paths()):
            boxes = [path.get_extents() for path in collection.get_paths()]
            lane = lanes[round((boxes[0].y0 + boxes[0].y1) / 2)]
            found.setdefault(lane, []).extend((box.x0, box.x1) for box in boxes)
    return found


def spans_of(result: Result, kind: str) -> dict[str, list[Extent]]:
    """Return start and end [ms] of the spans of one kind on each lane."""
    found: dict[str, list[Extent]] = {}
    for span in result.timeline.spans:
        if span.kind == kind:
            found.setdefault(span.lane, []).append((span.start_ns / 1e6, span.end_ns / 1e6))
    return found


def assert_same(found: dict[str, list[Extent]], expected: dict[str, list[Extent]]) -> None:
    """Compare bars with spans, lane by lane, to far less than a nanosecond."""
    assert found.keys() == expected.keys()
    for lane, extents in expected.items():
        assert np.array(sorted(found[lane])) == pytest.approx(np.array(sorted(extents)), rel=1e-12, abs=1e-9)


def shades(axes: Axes) -> dict[int, str]:
    """Return the colour of each bitwidth drawn."""
    return {
        int(str(collection.get_label()).removeprefix("load, ").removesuffix("-bit")): to_hex(
            collection.get_facecolor()[0]
        )
        for collection in axes.collections
        if str(collection.get_label()).startswith("load, ")
    }


def legend(axes: Axes) -> list[str]:
    """Return the entries of a legend."""
    box = axes.get_legend()
    assert box is not None
    return [text.get_text() for text in box.get_texts()]


def texts(axes: Axes) -> list[str]:
    """Return all that is written into some axes."""
    return [text.get_text() for text in axes.texts]


def dashed(axes: Axes) -> list[float]:
    """Return where vertical dashed lines stand [ms]."""
    return [float(line.get_xdata()[0]) for line in axes.lines if line.get_linestyle() == "--"]  # type: ignore[index]


def stacked(memory_axes: Axes) -> list[PolyCollection]:
    """Return the areas of the buffers."""
    return [area for area in memory_axes.collections if isinstance(area, PolyCollection)]


RENAMED = {"handoff": "hand-off", "held": "held back"}
"""What legends call kinds of spans otherwise than files."""


def test_bars_are_the_spans(case: tuple[Result, Scenario]) -> None:
    """Every span that is no load is one bar of its kind on its lane, from its start to its end."""
    axes, _ = drawn(*case)
    for kind in ("decompress", "compute", "stall", "blocked"):
        assert_same(bars(axes, kind), spans_of(case[0], kind))
    for kind, label in RENAMED.items():
        assert_same(bars(axes, label), spans_of(case[0], kind))


def test_loads_fill_their_spans(case: tuple[Result, Scenario]) -> None:
    """The parts of the loads lie end to end inside their spans and fill them."""
    result, scenario = case
    axes, _ = drawn(result, scenario)
    parts: dict[str, list[Extent]] = {}
    for bits in shades(axes):
        for lane, extents in bars(axes, f"load, {bits}-bit").items():
            parts.setdefault(lane, []).extend(extents)
    wholes = spans_of(result, "load")
    assert parts.keys() == wholes.keys()
    for lane, extents in wholes.items():
        for start, end in extents:
            inside = sorted(part for part in parts[lane] if start - 1e-9 <= part[0] < end - 1e-9)
            edges = [start, *(edge for part in inside for edge in part), end]
            assert edges[::2] == pytest.approx(edges[1::2], abs=1e-9)


def test_a_load_is_divided_by_bytes() -> None:
    """Each bitwidth of a load is as long as its share of the bytes, also where the first inference reads more."""
    result, scenario = played(target_latency="400 ms", workload={"inferences": 2, "start": "cold"})
    bits = bits_of(result.plan)
    works = first_and_later(result.plan, scenario.model, scenario.device, scenario.session)
    expected: dict[int, list[Extent]] = {}
    for number, work in enumerate(works):
        spans = [span for span in result.timeline.spans if span.kind == "load" and span.request == number]
        for load, span in zip(work.loads, spans, strict=True):
            start = span.start_ns / 1e6
            for width in sorted({bits[shard] for shard in load.shards}):
                n_bytes = sum(shard_bytes(scenario.model, width) for shard in load.shards if bits[shard] == width)
                end = start + n_bytes / load.bytes * (span.end_ns - span.start_ns) / 1e6
                expected.setdefault(width, []).append((start, end))
                start = end
    assert len(works[0].loads[0].shards) > len(works[1].loads[0].shards)
    assert len(expected) > 1
    axes, _ = drawn(result, scenario)
    for width, extents in expected.items():
        assert_same(bars(axes, f"load, {width}-bit"), {"loader": extents})


def test_a_load_of_records_is_divided_by_their_bytes() -> None:
    """Of one load, the shards at 2 bits take 22 of 82 ns, though the formula would give them 20."""
    placed = {(0, 0, 2): (0, 12), (0, 1, 2): (12, 10), (0, 2, 2): (22, 10)}
    placed |= {(0, shard, 6): (100 * shard + 100, 60) for shard in range(3)}
    model = toy_model(layers=1, shards=3, bitwidths=(2, 6), records=records_of(placed))
    plan, scenario = toy_plan(model, [[2, 2, 6]]), toy_scenario(model)
    result = run(scenario, "std_pipeline[bitwidth=2]")
    result = replace(result, plan=plan, timeline=simulate(plan, scenario))
    axes, _ = drawn(result, scenario)
    assert_same(bars(axes, "load, 2-bit"), {"loader": [(0.0, 22e-6)]})
    assert_same(bars(axes, "load, 6-bit"), {"loader": [(22e-6, 82e-6)]})


def test_dark_shades_are_faithful() -> None:
    """Every bitwidth has a shade of its own, darker than those of fewer bits, and none is taken twice."""
    found: dict[int, str] = {}
    for bits in (2, 3, 4, 5, 6, 32):
        found |= shades(drawn(*played(f"std_pipeline[bitwidth={bits}]", target_latency="1 s"))[0])
    assert sorted(found) == [2, 3, 4, 5, 6, 32]
    luminance = [np.dot([0.299, 0.587, 0.114], [int(found[bits][i : i + 2], 16) for i in (1, 3, 5)])
                 for bits in sorted(found)]  # fmt: skip
    assert all(darker < lighter - 10 for lighter, darker in itertools.pairwise(luminance))


def test_legend_lists_what_occurs(case: tuple[Result, Scenario]) -> None:
    """The legend names the bitwidths that are loaded and the kinds that happen, each once, and nothing else."""
    result, scenario = case
    axes, memory_axes = drawn(result, scenario)
    kinds = {RENAMED.get(span.kind, span.kind) for span in result.timeline.spans} - {"load"}
    bits = bits_of(result.plan)
    kept = set(result.plan.preload) if scenario.workload.start == "warm" else set()
    widths = {width for shard, width in bits.items() if shard not in kept}
    entries = legend(axes)
    assert len(entries) == len(set(entries))
    assert set(entries) == kinds | {f"load, {width}-bit" for width in widths}
    assert entries[: len(widths)] == [f"load, {width}-bit" for width in sorted(widths)]
    metrics = result.metrics
    used = {
        "working": metrics.working_bytes,
        "load buffer": metrics.load_buffer_peak_bytes,
        "preload": metrics.preload_bytes,
    }
    assert legend(memory_axes) == [name for name, n_bytes in used.items() if n_bytes]


def test_waiting_is_hatched() -> None:
    """A stall is hatched with a red outline, what holds the loader back is hatched and grey."""
    for kind, keys in (("stall", CASES["stalls"]), ("blocked", CASES["blocked"]), ("held back", CASES["held"])):
        axes, _ = drawn(*played(**keys))
        (collection,) = (found for found in axes.collections if found.get_label() == kind)
        assert collection.get_hatch()
        hue, saturation, _ = rgb_to_hsv(collection.get_edgecolor()[0][:3])
        assert (saturation > 0.8 and (hue > 0.95 or hue < 0.05)) if kind == "stall" else saturation == 0


def test_bars_without_room_have_no_hatch() -> None:
    """Each would take as long to draw as a picture; all bars are there, and the legend has the hatch."""
    result, scenario = played(**CASES["stalls"])
    axes, memory_axes = Figure(figsize=(10, 4)).subplots(2)
    axes.set_xlim(0, 10**8)
    gantt(result, scenario, axes, memory_axes)
    hatched = [one for one in axes.collections if one.get_hatch()]
    assert {str(one.get_label()) for one in hatched} >= {"stall"}
    assert not any(len(one.get_paths()) for one in hatched)
    assert_same(bars(axes, "stall"), spans_of(result, "stall"))
    key = axes.get_legend()
    assert key is not None
    assert key.get_patches()[legend(axes).index("stall")].get_hatch()


def test_a_hand_off_has_a_colour_of_its_own() -> None:
    """It is no bar of work and no stall; the legend writes it with a hyphen."""
    axes, _ = drawn(*played(**CASES["hand_offs"]))
    colours = {
        str(found.get_label()): to_hex(found.get_facecolor()[0])
        for found in axes.collections
        if found.get_label() != "_"
    }
    assert [label for label, colour in colours.items() if colour == colours["hand-off"]] == ["hand-off"]
    assert "hand-off" in legend(axes)


def test_target_stands_where_it_is() -> None:
    """A dashed line, labelled in ms, stands at the target on both axes."""
    result, scenario = played(target_latency="300 ms")
    axes, memory_axes = drawn(result, scenario)
    assert dashed(axes) == dashed(memory_axes) == [300.0]
    (label,) = (text for text in axes.texts if text.get_text().startswith("target"))
    assert label.get_text() == "target 300.0 ms"
    assert label.xy[0] == 300.0
    assert axes.get_xlim()[1] > 300


def test_every_request_has_its_target() -> None:
    """In a session each target stands at arrival + target, and only the first is labelled."""
    result, scenario = played(**CASES["cold_session"])
    axes, _ = drawn(result, scenario)
    assert dashed(axes) == [request.arrival_ns / 1e6 + 300 for request in result.timeline.requests]
    assert sum(text.startswith("target") for text in texts(axes)) == 1


def test_a_far_target_does_not_squeeze() -> None:
    """A target far beyond the end stays outside, and its label points there."""
    result, scenario = played("std_pipeline[bitwidth=2]", target_latency="1 h")
    axes, _ = drawn(result, scenario)
    assert axes.get_xlim()[1] < 2.1 * result.metrics.latency_ns / 1e6
    assert dashed(axes) == [3_600_000.0]
    assert "target 3,600,000.0 ms \N{RIGHTWARDS ARROW}" in texts(axes)


def test_memory_peaks_where_the_metrics_do(case: tuple[Result, Scenario]) -> None:
    """The top of the stack is the metrics' peak without what is always resident, which is told beside it."""
    result, scenario = case
    _, memory_axes = drawn(result, scenario)
    top = max(path.get_extents().y1 for area in stacked(memory_axes) for path in area.get_paths())
    metrics = result.metrics
    assert top == pytest.approx((metrics.peak_memory_bytes - metrics.resident_bytes) / 1e6, rel=1e-12)
    assert memory_axes.get_ylim()[0] == 0
    assert "plus 98.2 MB always resident" in memory_axes.get_title(loc="left")


def test_memory_steps_when_a_load_is_issued() -> None:
    """The load buffer holds the first load until the second one is issued, then both, and nothing in the end."""
    result, scenario = played("std_pipeline[bitwidth=6]", preload_buffer="0 B")
    _, memory_axes = drawn(result, scenario)
    (area,) = (area for area in stacked(memory_axes) if area.get_label() == "load buffer")
    vertices = np.asarray(area.get_paths()[0].vertices)
    one, two = (load.bytes / 1e6 for load in result.plan.loads[:2])
    issued = next(span.end_ns / 1e6 for span in result.timeline.spans if span.kind == "load")
    assert {round(y, 9) for x, y in vertices if x == 0} == {0, round(one, 9)}
    assert {round(y, 9) for x, y in vertices if x == issued} >= {round(one, 9), round(one + two, 9)}
    assert 0 in {y for x, y in vertices if x == vertices[:, 0].max()}


def test_lanes_from_loader_to_executor() -> None:
    """Loaders stand on top, then the decompressor, the executor below; an idle loader is still there."""
    for keys, expected in (
        ({"lanes": 3, "overlap": True}, ["loader0", "loader1", "loader2", "decompressor", "executor"]),
        ({"planner": "preload_model"}, ["loader", "executor"]),
    ):
        axes, _ = drawn(*played(**keys))
        assert [tick.get_text() for tick in axes.get_yticklabels()] == expected
        assert axes.yaxis_inverted()
    assert "nothing to load" in texts(axes)


def test_computations_carry_their_layer() -> None:
    """Each layer's number stands in the middle of its computation, unless the bar is too narrow."""
    result, scenario = played()
    axes, _ = drawn(result, scenario)
    computed = [span for span in result.timeline.spans if span.kind == "compute"]
    written = [(text.get_text(), text.get_position()) for text in axes.texts]
    for span in computed:
        assert (str(span.layer), ((span.start_ns + span.end_ns) / 2e6, 1)) in written
    axes, memory_axes = Figure(figsize=(10, 4)).subplots(2)
    axes.set_xlim(0, 1e5)
    gantt(result, scenario, axes, memory_axes)
    assert [text for text in texts(axes) if text.isdigit()] == []


def test_titles_tell_the_answer() -> None:
    """Planner, device, submodel, latency, fidelity and whether the target is met stand above the lanes."""
    result, scenario = played()
    axes, _ = drawn(result, scenario)
    shape = f"{len(result.plan.layers)} x {len(result.plan.shards[0])}"
    latency = f"latency {result.metrics.latency_ns / 1e6:.1f} ms"
    assert axes.get_title(loc="left") == "case: wrx"
    (facts,) = (text for text in texts(axes) if "latency" in text)
    for fact in ("odroid-n2plus", shape, latency, "target met", f"fidelity {result.metrics.fidelity:.4f}"):
        assert fact in facts
    late = replace(result.metrics, latency_ns=312_500_000, meets_target=False, fidelity=None)
    axes, _ = drawn(replace(result, metrics=late), scenario)
    (facts,) = (text for text in texts(axes) if "latency" in text)
    assert "target missed by 12.5 ms" in facts
    assert "fidelity unknown" in facts


def test_a_long_session_shows_its_first_inferences() -> None:
    """Of more inferences than fit, the first are drawn, and the title says so."""
    result, scenario = played(workload={"inferences": MOST_REQUESTS + 3})
    axes, _ = drawn(result, scenario)
    assert len(dashed(axes)) == MOST_REQUESTS
    assert len(bars(axes, "compute")["executor"]) == MOST_REQUESTS * len(result.plan.layers)
    assert f"first {MOST_REQUESTS} of {MOST_REQUESTS + 3} inferences" in axes.get_title(loc="right")
    assert drawn(*played())[0].get_title(loc="right") == ""


def test_results_share_one_time_axis() -> None:
    """All results of a figure stand below one another, on the same time axis as their memory."""
    (slow, _), (wrx, scenario), (resident, _) = played(**CASES["stalls"]), played(), played("preload_model")
    drawing = figure([(scenario, each) for each in (slow, wrx, resident)])
    assert len(drawing.axes) == 6
    (limits,) = {axes.get_xlim() for axes in drawing.axes}
    assert limits == pytest.approx((0, 1.01 * slow.metrics.latency_ns / 1e6))
    assert [axes.get_title(loc="left") for axes in drawing.axes[::2]] == [
        f"case: {each.planner}" for each in (slow, wrx, resident)
    ]
    boxes = [axes.get_position() for axes in drawing.axes]
    assert all(above.y0 > below.y1 for above, below in itertools.pairwise(boxes))
    assert {(box.x0, box.x1) for box in boxes} == {(boxes[0].x0, boxes[0].x1)}
    assert all("[ms]" in axes.get_xlabel() and "[MB]" in axes.get_ylabel() for axes in drawing.axes[1::2])


def test_nothing_leaves_the_paper(case: tuple[Result, Scenario]) -> None:
    """Titles, labels and legends lie inside the figure."""
    drawing = figure([(case[1], case[0])])
    drawing.canvas.draw()
    for axes in drawing.axes:
        box = axes.get_tightbbox()
        assert box is not None
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= drawing.bbox.x1
        assert box.y1 <= drawing.bbox.y1


@pytest.mark.parametrize(("suffix", "magic"), [(".png", b"\x89PNG"), (".svg", b"<?xml"), (".PDF", b"%PDF")])
def test_suffix_is_the_format(suffix: str, magic: bytes, tmp_path: Path) -> None:
    """A figure is written in the format of its suffix, alone, and with the same bytes every time."""
    result, scenario = played()
    contents = []
    for name in ("one", "two"):
        save([(scenario, result)], tmp_path / (name + suffix))
        contents.append((tmp_path / (name + suffix)).read_bytes())
    assert contents[0].startswith(magic)
    assert contents[0] == contents[1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one" + suffix, "two" + suffix]


def test_unknown_format_is_refused(tmp_path: Path) -> None:
    """Another suffix is refused with those that are known, before anything is written."""
    result, scenario = played()
    with pytest.raises(InputError, match=r"figure\.jpg: .* got '\.jpg'; .*known: \.pdf, \.png, \.svg"):
        save([(scenario, result)], tmp_path / "figure.jpg")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_save_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the file cannot be replaced, the old one stays whole and no part of the new one remains."""
    result, scenario = played()
    path = tmp_path / "figure.png"
    path.write_bytes(b"old")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(EdgesimError, match=r"figure\.png: cannot be written, Permission denied"):
        save([(scenario, result)], path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    """A folder that is not there gives one sentence, not a traceback of matplotlib."""
    result, scenario = played()
    with pytest.raises(EdgesimError, match="cannot be written, there is no folder"):
        save([(scenario, result)], tmp_path / "missing" / "figure.svg")


_DRAW = """
import sys, edgesim
from matplotlib.figure import Figure
scenario = edgesim.read_scenario("fig6")
result = edgesim.run(scenario)
def draw(axes):
    edgesim.draw_plan(result.plan, axes[0], scenario.model)
    edgesim.draw_budgets(result.plan, axes[1])
    edgesim.draw_reads(scenario.device, axes[2])
    edgesim.draw_layers(scenario.device, scenario.processor, axes[3])
    edgesim.draw_front([result], "preload_bytes", axes[4])
    edgesim.draw_overlay("wrx", result.timeline, result.timeline, axes[5])
    edgesim.gantt(result, scenario, axes[6], axes[7])
drawing = Figure(figsize=(10, 40))
draw(drawing.subplots(8))
assert len(edgesim.figure([(scenario, result)]).axes) == 2
assert "matplotlib.pyplot" not in sys.modules
import matplotlib
matplotlib.use("agg")
from matplotlib import pyplot
_, axes = pyplot.subplots(8, figsize=(10, 40))
draw(axes)
pyplot.gcf().canvas.draw()
assert [one.get_title("left") for one in axes] == [one.get_title("left") for one in drawing.axes[:8]]
assert pyplot.get_fignums() == [1]
"""


def test_importing_is_light_and_pyplot_is_left_alone() -> None:
    """To import the module does not import matplotlib; nothing that draws needs pyplot, and all draw into its axes."""
    code = "import sys, edgesim.plot; assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
    subprocess.run([sys.executable, "-W", "error", "-c", _DRAW], check=True)


def test_the_front_is_what_no_other_beats() -> None:
    """By rising memory, each with more quality than all that need less; every planner is beaten or on it."""
    from edgesim import compare
    from edgesim.plot.front import front

    results = compare("minilm-signature").results
    best = front(results, "preload_bytes")
    sizes = [result.metrics.preload_bytes for result in best]
    qualities = [result.metrics.accuracy or 0 for result in best]
    assert sizes == sorted(sizes)
    assert qualities == sorted(set(qualities))
    for result in results:
        beaten_by = [one for one in best if one.metrics.preload_bytes <= result.metrics.preload_bytes]
        assert max(one.metrics.accuracy or 0 for one in beaten_by) >= (result.metrics.accuracy or 0)


def test_fronts_have_a_panel_for_each_point() -> None:
    """A row a device, in the order of the points; buffers are told where they differ; at most four side by side."""
    from edgesim import compare_all, read_scenario
    from edgesim.plot import fronts_figure

    targets = [{"target_latency": f"{ms} ms"} for ms in (150, 175, 200, 225, 250)]
    points = [read_scenario("quickstart", change) for change in [*targets, {"device": "pc-nvme"}]]
    drawn = fronts_figure(compare_all(points, ["wrx", "preload_model[bitwidth=2]"], workers=1))
    shown = [axes for axes in drawn.axes if axes.get_visible()]
    assert [axes.get_title("left") for axes in shown] == [
        *(f"odroid-n2plus\n{ms}.0 ms" for ms in (150, 175, 200, 225, 250)), "pc-nvme\n200.0 ms",
    ]  # fmt: skip
    assert len(drawn.axes) == 12
    assert {len(axes.lines) for axes in shown} == {3}
    devices = [read_scenario("quickstart", {"target_latency": ms, "device": device})
               for ms in ("150 ms", "200 ms") for device in ("odroid-n2plus", "pc-nvme")]  # fmt: skip
    drawn = fronts_figure(compare_all(devices, ["wrx"], workers=1))
    assert [axes.get_title("left").partition("\n")[0] for axes in drawn.axes] == ["odroid-n2plus"] * 2 + ["pc-nvme"] * 2
    changed = [points[0], points[0].model_copy(update={"load_buffer_bytes": None})]
    drawn = fronts_figure(compare_all(changed, ["wrx"], workers=1))
    assert [axes.get_title("left").partition("\n")[2] for axes in drawn.axes] == [
        "150.0 ms, 1.00 MB kept, 4.00 MB ahead", "150.0 ms, 1.00 MB kept, any ahead",
    ]  # fmt: skip


def test_many_results_stand_in_two_columns() -> None:
    """As high as the longer one, without one lying over another; few stand in one."""
    result, scenario = played()
    few, many = (figure(number * [(scenario, result)]) for number in (8, 9))
    assert many.get_size_inches().tolist() == [2 * few.get_figwidth(), pytest.approx(few.get_figheight() * 5 / 8)]
    boxes = [axes.get_position() for axes in many.axes]
    assert len(boxes) == 18
    assert all(0 <= box.x0 < box.x1 <= 1 and 0 <= box.y0 < box.y1 <= 1 for box in boxes)
    assert not any(one.overlaps(other) for at, one in enumerate(boxes) for other in boxes[:at])
    assert all(axes.get_title(loc="left").endswith("wrx") for axes in many.axes[::2])
