"""A session at a glance: every inference a dot, how often the target is met, and what the device did meanwhile."""

from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from edgesim.plot.dots import App, Axis, draw_app, moments_ns
from edgesim.plot.head import beside, fitting, keep_fitting, name_and_planner
from edgesim.plot.look import FAINT, INK, LARGE, NORMAL, SMALL, draw_legend, tidy
from edgesim.plot.strip import device_rows, draw_device
from edgesim.quantities import counted
from edgesim.result import Result
from edgesim.scenario import Scenario

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEAST, PARTS = 20, 100
"""A moving share is that of so many inferences at least, and of one in so many parts of those that are drawn."""

_APP, _SHARE, _ROW = 1.25, 0.8, 0.2  # inches
_UNITS = (("h", 3600 * 10**9, 3 * 3600 * 10**9), ("min", 60 * 10**9, 4 * 60 * 10**9), ("s", 10**9, 0))
"""Units of the time axis, how long they are, and for which sessions they are used [ns]."""
_LINES = (INK, "#009e73", "#cc79a7", "#e69f00")
_ENTRY = 0.145
"""How high an entry of a legend is [inches]; an app has up to two of them."""


def heights(result: Result) -> tuple[float, ...]:
    """Return how high the axes of `glance` are [inches]: one for each app, the shares, the device if it did more."""
    rows = len(device_rows(result))
    apps = (_APP,) * (1 + len(result.beside))
    share = max(_SHARE, 2 * _ENTRY * min(len(apps), len(_LINES)))
    return (*apps, share, _ROW * (rows + 0.4)) if rows else (*apps, share)


def last_ns(result: Result) -> int:
    """Return when the last inference that was kept has been answered [ns]."""
    return max(each.requests[-1].finish_ns for each in (result, *result.beside))


def glance(result: Result, scenario: Scenario, panels: "Sequence[Axes]", until_ns: float | None = None) -> None:
    """Draw a session: latencies of each app's inferences, moving shares of those that met the target, and the device.

    Parameters
    ----------
    result, scenario
        What to draw; only inferences whose timelines were kept are there.
    panels
        Axes from top to bottom, as many as `heights` has.
    until_ns
        Where the time axis ends [ns]; at the last answer if left out.
    """
    end = last_ns(result) if until_ns is None else until_ns
    axis = next(Axis(unit, length, end) for unit, length, least in _UNITS if end >= least)
    beside = zip(result.beside, scenario.apps.values(), strict=True)
    apps = [App(scenario.app, result, scenario), *(App(asked.app, one, asked) for one, asked in beside)]
    for app, axes in zip(apps, panels, strict=False):
        draw_app(app, result, axes, axis)
    _draw_shares(apps, panels[len(apps)], axis)
    if len(panels) > len(apps) + 1:
        draw_device(result, panels[-1], axis)
    _title(apps, panels[0])
    for axes in panels:
        axes.locator_params(axis="x", nbins=9, steps=[1, 2, 3, 6, 10])
        axes.set_xlim(0, 1.01 * axis.at(end))
        axes.tick_params(labelbottom=axes is panels[-1])
        tidy(axes)
    panels[-1].set_xlabel(f"time [{axis.unit}]", fontsize=NORMAL, color=INK)


def _title(apps: Sequence[App], axes: "Axes") -> None:
    (_, result, scenario), *_ = apps
    shown, asked = sum(len(app.result.requests) for app in apps), sum(app.asked for app in apps)
    first = f"the first {shown:,} of " if shown < asked else ""
    place: tuple[Any, ...] = (0, 17), "axes fraction", "offset points"
    many = f"{result.device}, {first}{counted(asked, 'inference')}"
    axes.annotate(many, (1, 1), *place, color=INK, size=NORMAL, ha="right")
    title, room = (
        axes.annotate("", (0, 1), *place, color=INK, size=LARGE, weight="bold", parse_math=False),
        beside(many),
    )
    keep_fitting(axes, title, lambda wide: name_and_planner(scenario.name, result.planner, wide - room))


def _draw_shares(apps: Sequence[App], axes: "Axes", axis: Axis) -> None:
    """Draw how many of the last inferences met the target, and found the model ready: of the apps with the least."""
    windows = []
    by_share = sorted(apps, key=lambda app: app.result.metrics.target_met_fraction)
    drawn = {app.name for app in by_share[: len(_LINES)]}
    for number, app in enumerate(app for app in apps if app.name in drawn):
        rows, whose = app.result.requests, f"{app.name}: " if len(apps) > 1 else ""
        window = max(LEAST, len(rows) // PARTS)
        windows.append(f"{whose}{window}")
        looks: dict[str, Any] = {"color": _LINES[number], "linewidth": 1.1, "drawstyle": "steps-post"}
        times = [axis.at(ns) for ns in moments_ns(rows)]
        axes.plot(times, _moving([row.meets_target for row in rows], window), label=f"{whose}met", **looks)
        if not all(ready := _ready(app.result)):
            dotted = looks | {"linestyle": (0, (1, 1))}
            axes.plot(times, _moving(ready, window), label=f"{whose}ready", **dotted)
    axes.set_ylim(-4, 104)
    axes.set_yticks([0, 50, 100])
    axes.set_ylabel("share [%]", fontsize=NORMAL, color=INK)
    least = f" of the {len(drawn)} apps that meet their targets least" if len(drawn) < len(apps) else ""
    said = f"share of the last inferences{least} ({', '.join(windows)})"
    above = axes.set_title("", loc="left", fontsize=SMALL + 0.5, color=FAINT, pad=3, parse_math=False)
    keep_fitting(axes, above, lambda wide: fitting(said, SMALL + 0.5, wide))
    draw_legend(axes)


def _ready(result: Result) -> list[bool]:
    """Tell of each inference whether the app was alive, with all in its preload buffer that the plan preloads."""
    wanted = [frozenset(plan.preload) for plan in result.all_plans]
    return [
        not request.restarted and (request.resident is None or wanted[request.plan] <= frozenset(request.resident))
        for request in result.timeline.requests
    ]


def _moving(flags: Sequence[bool], window: int) -> list[float]:
    """Return how many of the last ones are true [%]; of fewer at the start."""
    counts = [0, *accumulate(flags)]
    starts = (max(0, end - window) for end in range(1, len(counts)))
    return [100 * (counts[end] - counts[start]) / (end - start) for end, start in enumerate(starts, 1)]
