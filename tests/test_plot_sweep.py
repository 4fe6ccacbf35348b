"""Pictures of a sweep show the cells, figures and steps that were found; nothing is compared pixel by pixel."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import LogNorm, to_hex
from matplotlib.figure import Figure
from swept_frames import PLANNERS, made_frame, real_frame

from edgesim import InputError
from edgesim.plot.heat import HATCH, Heat, Winners, draw_axes, draw_heat, draw_winners, shortened, winner_handles
from edgesim.plot.maps import Axis
from edgesim.plot.scales import COLOURS, OTHERS, Scale, norm_of, scale_of
from edgesim.plot.steps import save_steps, steps_figure
from edgesim.plot.sweep import save_sweep, sweep_figure
from edgesim.sweeps.findings import Report, report
from edgesim.sweeps.pages import front_page, sweep_page

CELLS = np.array([[0, 1, -1], [1, -2, 0]])
ALL = np.array([[True, False, False], [True, False, True]])


@pytest.fixture(scope="module")
def found() -> Report:
    """Return the quickstart over targets and preload buffers on two devices."""
    return report(real_frame({
        "device": ["odroid-n2plus", "raspberry-pi-4"], "target_latency": ["100 ms", "200 ms", "400 ms"],
        "preload_buffer": ["0 B", "1 MB"],
    }))  # fmt: skip


def test_each_cell_has_its_planner_s_colour_and_letter() -> None:
    """The hatched ground is seen where none meets the target, white where nothing was tried; small: not always."""
    axes = Figure().subplots()
    draw_winners(Winners(["a", "b"], CELLS, ALL), axes)
    fields = np.asarray(axes.images[0].get_array())
    assert axes.patch.get_hatch() == HATCH
    assert [[to_hex(field) if field[3] else "" for field in row] for row in fields] == [
        [COLOURS[0], COLOURS[1], ""], [COLOURS[1], "#ffffff", COLOURS[0]],
    ]  # fmt: skip
    letters = {tuple(map(round, text.get_position())): text.get_text() for text in axes.texts}
    assert letters == {(0, 0): "A", (1, 0): "b", (0, 1): "B", (2, 1): "A"}


def test_the_legend_lists_planners_and_what_else_is_drawn() -> None:
    """Leading planners by name, the rest together; letters and hatches only where there are some."""
    handles = winner_handles(Winners(["a", "b"], CELLS, ALL))
    assert [str(handle.get_label()) for handle in handles] == [
        "A  a", "B  b", "small letter: not at all places", "none meets the target", "left out, or no such scenario",
    ]  # fmt: skip
    many = Winners([f"p{n}" for n in range(11)], np.arange(11).reshape(1, 11), np.ones((1, 11), bool))
    handles = winner_handles(many)
    assert len(handles) == len(COLOURS) + 1
    assert (handles[-1].get_label(), to_hex(handles[-1].get_facecolor())) == ("*  3 others", OTHERS)
    large = Winners(["a"], np.zeros((50, 50), int), np.zeros((50, 50), bool))
    axes = Figure().subplots()
    draw_winners(large, axes)
    assert not axes.texts
    assert [handle.get_label() for handle in winner_handles(large)] == ["A  a"]


def test_heat_has_a_colour_only_where_there_is_a_plan() -> None:
    """Elsewhere the hatched ground is seen, or white where nothing was tried; a wide range is logarithmic."""
    axes = Figure().subplots()
    values, tried = np.array([[1.0, np.nan, np.nan]]), np.array([[True, True, False]])
    image = draw_heat(Heat("wrx", values, tried), norm_of(scale_of("latency [ms]", [1.0, 100.0])), axes)
    assert isinstance(image.norm, LogNorm)
    blank, drawn = (np.isfinite(np.ma.filled(one.get_array(), np.nan)).tolist() for one in axes.images)
    assert (blank, drawn) == ([[False, False, True]], [[True, False, False]])
    assert axes.get_title(loc="left") == "wrx"


@pytest.mark.parametrize(
    ("values", "log"), [([1.0, 31.0], True), ([1.0, 29.0], False), ([0.0, 99.0], False), ([5.0], False)]
)
def test_scales_are_logarithmic_where_they_must(values: list[float], log: bool) -> None:
    """Zero has no logarithm, and near values need none."""
    assert scale_of("x", values) == Scale("x", min(values), max(values), log)


def test_values_are_written_below_their_cells() -> None:
    """As many as there is room for; long ones are turned."""
    axes = Figure().subplots()
    draw_axes(axes, Axis("x", [str(n) for n in range(40)]), Axis("y", ["10", "20"]))
    ticks = {round(tick.get_position()[0]): tick.get_text() for tick in axes.get_xticklabels()}
    assert ticks == {n: str(n) for n in range(0, 40, 5)}
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["10", "20"]
    assert shortened("a-rather-long-name-7", 11) == "a-rat\N{HORIZONTAL ELLIPSIS}ame-7"
    draw_axes(axes, Axis("x", ["odroid-n2plus", "raspberry-pi-4"]), None)
    assert [tick.get_rotation() for tick in axes.get_xticklabels()] == [30, 30]
    assert len(axes.get_yticks()) == 0


def test_the_page_is_the_report(found: Report) -> None:
    """The map of the best on top, then a figure of each leading planner, all on one scale with its unit."""
    page = sweep_page(found, "latency_ns")
    drawing = sweep_figure(page)
    best, *heats, bar = drawing.axes
    assert (best.get_xlabel(), best.get_ylabel()) == ("target latency [ms], even ratios", "preload buffer [MB]")
    titles = [axes.get_title(loc="left") for axes in heats]
    assert titles[: len(found.regions.planners)] == list(found.regions.planners)
    assert sorted(titles) == sorted(PLANNERS)
    assert bar.get_ylabel() == "latency [ms]"
    assert page.heading == (
        "latency of the leading planners: medians of the plans that there are over 2 values of device; "
        "hatched where they have no plan"
    )
    (limits,) = {axes.images[-1].get_clim() for axes in heats}
    rows = found.sweep.frame
    for heat in page.heats:
        own = rows[(rows["planner"] == heat.title) & (rows["status"] == "done")]
        for at_y, room in enumerate((0, 10**6)):
            for at_x, target in enumerate((100, 200, 400)):
                cell = own[(own["preload_buffer_bytes"] == room) & (own["target_latency_ns"] == target * 10**6)]
                expected = cell["latency_ns"].median() / 1e6 if len(cell) else np.nan
                assert heat.values[at_y, at_x] == pytest.approx(expected, nan_ok=True)
                assert limits[0] <= np.nan_to_num(heat.values[at_y, at_x], nan=limits[0]) <= limits[1]
    assert np.isnan(page.heats[0].values[:, 0]).all()
    assert page.winners.cells is found.regions.winners


def test_fronts_have_their_steps_in_both_panels(found: Report) -> None:
    """Latency and quality coloured by memory, memory and quality by planner; a row for each device."""
    drawing = steps_figure(front_page(found))
    panels = [axes for axes in drawing.axes if axes.get_ylabel() == "fidelity"]
    assert [axes.get_title(loc="left") for axes in panels[::2]] == ["odroid-n2plus", "raspberry-pi-4"]
    assert [panels[2].get_xlabel(), panels[3].get_xlabel()] == ["latency [ms]", "memory held [MB]"]
    for front, left, right in zip(found.fronts.fronts, panels[::2], panels[1::2], strict=True):
        steps = found.fronts.frame.iloc[front.start : front.stop].drop_duplicates("step")
        points = np.asarray(left.collections[0].get_offsets())
        assert points == pytest.approx(np.stack([steps["latency_ns"] / 1e6, steps["quality"]], axis=1).astype(float))
        memory = np.asarray(left.collections[0].get_array())
        assert memory == pytest.approx((steps["held_memory_bytes"] / 1e6).to_numpy(float))
        drawn = sum(len(np.asarray(line.get_xdata())) for line in right.lines if line.get_marker() == "o")
        assert drawn == len(steps)
    (bar,) = (axes for axes in drawing.axes if axes.get_ylabel() == "memory held [MB]")
    assert bar
    legend = [text.get_text() for text in drawing.legends[0].get_texts()]
    assert legend == [*(one.planner for one in found.fronts.holders), "other plans"]


def test_many_fronts_are_drawn_in_part_and_it_is_said() -> None:
    """Evenly spaced; the title counts all."""
    frame = made_frame([{"device": f"d{n}", "fidelity": 0.5} for n in range(9)])
    page = front_page(report(frame))
    assert page.title == "made (m, cpu): Pareto fronts of latency, memory and quality, 6 of 9 fronts"
    assert [panel.title for panel in page.panels] == ["d0", "d2", "d3", "d5", "d6", "d8"]


def test_pictures_name_the_limit_and_have_no_plan_beyond_it(found: Report) -> None:
    """Neither a cell, a step nor a grey dot; a limit that all keep changes no figure."""
    limited = report(found.sweep.frame, within_bytes=99_500_000)
    page, fronts = sweep_page(limited), front_page(limited)
    assert page.note.startswith("of those that meet the target with at most 99.5 MB held: best quality")
    assert page.heading.endswith("hatched where they have no plan with at most 99.5 MB held")
    assert "of plans with at most 99.5 MB held" in " ".join(fronts.title.split())
    assert all(panel.others[1].max() <= 99.5 for panel in fronts.panels)
    assert all(panel.others[1].max() > 99.5 for panel in front_page(found).panels)
    resident = {heat.title: np.isfinite(heat.values).any() for heat in page.heats}
    assert resident == {name: name != "preload_model[bitwidth=6]" for name in resident}
    assert "limit" not in front_page(found).title


def test_what_cannot_be_drawn_is_refused() -> None:
    """A map without an axis, and fronts without a plan."""
    with pytest.raises(InputError, match="--plot: has no axis"):
        sweep_page(report(made_frame([{"fidelity": 0.5}])))
    lost = [{"status": "lost", "reason": "x", "target_latency_ns": n} for n in (1, 2)]
    with pytest.raises(InputError, match="--front: there is no plan"):
        front_page(report(made_frame(lost)))
    drawing = sweep_figure(sweep_page(report(made_frame(lost))))
    assert len(drawing.axes) == 1


def test_files_are_the_same_each_time(found: Report, tmp_path: Path) -> None:
    """The same report gives the same bytes."""
    files = [tmp_path / f"{name}.svg" for name in "abcd"]
    for path in files[:2]:
        save_sweep(sweep_page(found), path)
    for path in files[2:]:
        save_steps(front_page(found), path)
    contents = [path.read_bytes() for path in files]
    assert contents[0] == contents[1] != contents[2] == contents[3]
    with pytest.raises(InputError, match="the suffix is the format"):
        save_sweep(sweep_page(found), tmp_path / "x.gif")


def test_long_names_stay_inside_the_page(tmp_path: Path) -> None:
    """Eleven planners with options over devices with long names: nothing is cut off, no legend lies on a panel."""
    rows = [
        {"planner": f"planner_{n}[bitwidth={n},loaders=4]", "device": f"a-rather-long-device-name-{m}",
         "target_latency_ns": 10**8 * (1 + n % 3), "preload_buffer_bytes": 10**6 * (1 + n % 2),
         "load_buffer_bytes": 10**6 * (1 + m % 2), "storage.read.bandwidth": 10**8 * (1 + n % 2),
         "fidelity": 0.1 + 0.01 * ((7 * n + 3 * m) % 11)}
        for n in range(11) for m in range(5)
    ]  # fmt: skip
    found = report(made_frame(rows, {"storage.read.bandwidth": int}))
    assert len(found.regions.over) == 3
    for number, drawing in enumerate((sweep_figure(sweep_page(found)), steps_figure(front_page(found)))):
        drawing.savefig(tmp_path / f"{number}.svg")  # lays it out
        renderer = drawing.canvas.get_renderer()  # type: ignore[attr-defined]
        page = drawing.bbox
        legends = [*drawing.legends, *(legend for strip in drawing.subfigs for legend in strip.legends)]
        assert legends
        boxes = [axes.get_tightbbox(renderer) for axes in drawing.axes]
        for box in (*boxes, *(legend.get_window_extent(renderer) for legend in legends)):
            assert box.x0 >= page.x0 - 1
            assert box.x1 <= page.x1 + 1
            assert box.y0 >= page.y0 - 1
            assert box.y1 <= page.y1 + 1
        titles = [axes.title if axes.title.get_text() else axes._left_title for axes in drawing.axes]  # type: ignore[attr-defined]
        written = [title.get_window_extent(renderer) for title in titles if title.get_text()]
        assert not any(one.overlaps(other) for one, other in combinations(written, 2))
        for legend in legends:
            assert not any(legend.get_window_extent(renderer).overlaps(box) for box in boxes)
