"""Every picture can be read: no text lies over another or leaves the page, whatever is drawn, at the size it is shown.

Figures are those that the package makes; functions that take axes are drawn into figures as notebooks make them.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import product

import pytest
from days import day
from legible import assert_legible
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pictured import FORMULA, LONG, compared, device, model, plan, planned, scenario
from played import CASES, played
from survival import atlas
from swept_frames import made_frame
from validated import stretched, toy_case

from edgesim import (
    Comparison,
    Result,
    Scenario,
    draw_budgets,
    draw_front,
    draw_layers,
    draw_overlay,
    draw_plan,
    draw_reads,
    gantt,
)
from edgesim.plot import device_figure, figure, front_figure, fronts_figure, plan_figure
from edgesim.plot.alone import timeline_figure
from edgesim.plot.maps import maps_figure
from edgesim.plot.overlay import overlay_figure
from edgesim.plot.steps import steps_figure
from edgesim.plot.sweep import sweep_figure
from edgesim.plot.tornado import Bar, tornado_figure
from edgesim.sweeps.findings import Report, report
from edgesim.sweeps.pages import front_page, sweep_page

SIZES = {"default": ((6.4, 4.8), None), "small": ((4.2, 3.2), "constrained")}


@cache
def swept() -> Report:
    """Return what a sweep over targets and buffers found, of many planners with long names on two devices."""
    rows = [
        {"point": at, "device": device, "planner": f"wrx[granularity=shard,upgrade_to=6,number={planner}]",
         "target_latency_ns": target * 10**8, "preload_buffer_bytes": 10**6 * buffer, "fidelity": 0.1 * (1 + at % 7),
         "held_memory_bytes": 10**6 * (1 + at % 11), "latency_ns": 10**7 * (1 + at % 5)}
        for at, (device, target, buffer, planner) in enumerate(product((LONG, "d"), range(1, 9), range(6), range(12)))
    ]  # fmt: skip
    return report(made_frame(rows))


def named(result: Result, one: Scenario) -> tuple[Scenario, Result]:
    """Give a scenario and a planner names that are far too long."""
    planner = "wrx[granularity=shard,upgrade_to=6,variant=as_published,importance=bottom_first]"
    return one.model_copy(update={"name": FORMULA}), replace(result, planner=planner)


FIGURES: dict[str, Callable[[], Figure]] = {
    **{
        f"gantt, {name}": lambda name=name: figure([played(**CASES[name])[::-1]])
        for name in ("stalls", "blocked", "lanes", "cold_session")
    },
    "gantt, long names": lambda: figure([named(*played(workload={"inferences": 3}))]),
    "glance": lambda: figure([day()[::-1]]),
    "glance, long names": lambda: figure([named(*day())]),
    "plan, small": lambda: plan_figure(planned("fig6"), scenario("fig6").model),
    "plan, 12 x 12": lambda: plan_figure(planned("quickstart"), scenario("quickstart").model),
    "plan, importance": lambda: plan_figure(planned("minilm-module"), scenario("minilm-module").model),
    "plan, many": lambda: plan_figure(plan(48, 16), model(48, 16, measured=True)),
    "plan, very many": lambda: plan_figure(plan(48, 128), model(60, 128)),
    "plan, one layer": lambda: plan_figure(plan(1, 1), model(1, 1, measured=True)),
    "plan, no model": lambda: plan_figure(plan(30, 3, budgets=False)),
    "device, line": lambda: device_figure(device("odroid-n2plus")),
    "device, points": lambda: device_figure(device("cloud-epyc")),
    "device, roofline": lambda: device_figure(device("phone-ufs4")),
    "device, many": lambda: device_figure(device("many")),
    "device, no processor": lambda: device_figure(device("cloud-epyc").model_copy(update={"processors": {}})),
    "front": lambda: front_figure(compared("minilm-module"), scenario("minilm-module")),
    "front, long names": lambda: front_figure(
        Comparison(tuple(named(one, scenario("fig6"))[1] for one in compared("fig6").results)),
        named(compared("fig6").results[0], scenario("fig6"))[0],
    ),
    "front, empty": lambda: front_figure(Comparison(()), scenario("fig6")),
    "fronts": lambda: fronts_figure([(scenario("fig6"), compared("fig6"))] * 6),
    "maps": lambda: maps_figure(atlas()),
    "sweep": lambda: sweep_figure(sweep_page(swept())),
    "sweep, fronts": lambda: steps_figure(front_page(swept())),
    "tornado": lambda: tornado_figure([Bar(LONG, "A", -0.2, 0.1)] * 20, FORMULA, "latency", 0.1),
    "tornado, empty": lambda: tornado_figure([], FORMULA, "latency", 0.1),
    "timeline": lambda: timeline_figure(day()[0].timeline),
    "overlay": lambda: overlay_figure([(FORMULA, toy_case().simulated, stretched(toy_case().simulated, 3, 2))] * 2),
}  # fmt: skip


@pytest.mark.parametrize("name", FIGURES)
def test_figures_can_be_read(name: str) -> None:
    """Texts of whole pages keep clear of one another and of the page's edges."""
    assert_legible(FIGURES[name]())


def _gantt(axes: Axes) -> None:
    result, one = played()
    gantt(result, one, axes, Figure().subplots())


DRAWN: dict[str, Callable[[Axes], None]] = {
    "plan, small": lambda axes: draw_plan(planned("fig6"), axes, scenario("fig6").model),
    "plan, importance": lambda axes: draw_plan(planned("minilm-module"), axes, scenario("minilm-module").model),
    "plan, many": lambda axes: draw_plan(plan(48, 16), axes, model(48, 16, measured=True)),
    "plan, one layer": lambda axes: draw_plan(plan(1, 1), axes, model(1, 1)),
    "plan, no model": lambda axes: draw_plan(plan(12, 12), axes),
    "budgets, small": lambda axes: draw_budgets(planned("fig6"), axes),
    "budgets, broken": lambda axes: draw_budgets(plan(12, 12, least_ns=-1), axes),
    "budgets, many": lambda axes: draw_budgets(plan(48, 2), axes),
    "budgets, one": lambda axes: draw_budgets(plan(1, 1), axes),
    "budgets, none": lambda axes: draw_budgets(plan(3, 3, budgets=False), axes),
    "reads, line": lambda axes: draw_reads(device("odroid-n2plus"), axes),
    "reads, points": lambda axes: draw_reads(device("pc-nvme"), axes),
    "layers": lambda axes: draw_layers(device("cloud-epyc"), "cpu", axes),
    "layers, two": lambda axes: draw_layers(device("raspberry-pi-4"), "cpu", axes),
    "layers, one point": lambda axes: draw_layers(device("phone-ufs4"), "npu", axes),
    "layers, none": lambda axes: draw_layers(device("phone-ufs4"), "cpu", axes),
    "front": lambda axes: draw_front(compared("minilm-module").results, "peak_memory_bytes", axes),
    "front, few": lambda axes: draw_front(compared("fig6").results, "preload_bytes", axes),
    "front, empty": lambda axes: draw_front((), "preload_bytes", axes),
}  # fmt: skip
ROOMY: dict[str, Callable[[Axes], None]] = {
    "reads, many": lambda axes: draw_reads(device("many"), axes),
    "overlay": lambda axes: draw_overlay("wrx", toy_case().simulated, stretched(toy_case().simulated, 3, 2), axes),
    "gantt": _gantt,
}
"""What stands above them or to the right needs a figure that makes room."""


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", [*DRAWN, *ROOMY])
def test_axes_can_be_read(name: str, size: str) -> None:
    """Texts keep clear of one another, also in a new figure of matplotlib's own size, and in a small one."""
    inches, layout = SIZES[size]
    if name in ROOMY and layout is None:
        layout = "constrained"
    drawing = Figure(figsize=inches, layout=layout)
    (DRAWN | ROOMY)[name](drawing.subplots())
    assert_legible(drawing)
