"""Inferences of one app as dots: when they were asked for, and how long that took."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from edgesim.figures import RequestRow
from edgesim.metrics import promised_ns
from edgesim.plot.head import KEY, fitting, keep_fitting
from edgesim.plot.look import FAINT, INK, NORMAL, TARGET, draw_legend
from edgesim.plot.strip import EVICTED
from edgesim.quantities import counted
from edgesim.result import Result
from edgesim.scenario import Scenario
from edgesim.units import show_ns

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DOTS: dict[str, dict[str, Any]] = {
    "met": {"marker": "o", "facecolor": "#0072b2", "edgecolor": "none"},
    "missed": {"marker": "^", "facecolor": "#d55e00", "edgecolor": "none"},
    "restarted": {"marker": "D", "facecolor": "#f0e442", "edgecolor": "black"},
}  # Okabe and Ito's colours, which all eyes tell apart
_UNKEPT: dict[str, Any] = {
    "facecolor": "#f0f0f0",
    "edgecolor": "#c9c9c9",
    "hatch": "....",
    "linewidth": 0,
    "label": "not kept",
}


class App(NamedTuple):
    """An app's name, what came of it, and what was asked for."""

    name: str
    result: Result
    scenario: Scenario

    @property
    def asked(self) -> int:
        """How many inferences there were, those included of which nothing is kept."""
        return self.result.service.inferences if self.result.service else len(self.result.requests)


class Axis(NamedTuple):
    """The time axis: its unit, how long that is, and where the axis ends [ns]."""

    unit: str
    unit_ns: int
    end_ns: float

    def at(self, ns: float) -> float:
        """Return a moment in the unit."""
        return ns / self.unit_ns


def draw_app(app: App, own: Result, axes: "Axes", axis: Axis) -> None:
    """Draw each inference at its moment and its latency, the target, and when the app was killed."""
    rows, times = app.result.requests, [promised_ns(request) for request in app.result.timeline.requests]
    moments = moments_ns(rows)
    unit, unit_ns = ("s", 10**9) if max(*times, app.scenario.target_latency_ns) >= 10**10 else ("ms", 10**6)
    for label, look in _DOTS.items():
        if found := [number for number, row in enumerate(rows) if _kind(row) == label]:
            size = min(14.0, max(4.0, 6000 / len(rows))) * (1.6 if label == "restarted" else 1)
            asked, took = [axis.at(moments[n]) for n in found], [times[n] / unit_ns for n in found]
            axes.scatter(asked, took, s=size, linewidth=0.5, label=label, zorder=3, **look)  # fmt: skip
    targets = _draw_target(app.scenario, axes, axis, unit_ns)
    _scale([*targets, *(ns / unit_ns for ns in times)], axes)
    kills = (span for span in own.timeline.spans if span.kind == EVICTED and span.app == app.name)
    if killed := [axis.at(span.start_ns) for span in kills]:
        axes.scatter(killed, [0.06] * len(killed), s=16, marker="x", color="black", linewidth=0.9, label="killed",
                     transform=axes.get_xaxis_transform(), zorder=4)  # fmt: skip
    if len(rows) < app.asked:
        axes.axvspan(axis.at(rows[-1].finish_ns), 1.01 * axis.at(axis.end_ns), **_UNKEPT)
    axes.set_ylabel(f"{'time a token' if app.scenario.generation else 'latency'} [{unit}]", fontsize=NORMAL, color=INK)
    facts = _facts(app)
    above = axes.set_title("", loc="left", fontsize=KEY, color=FAINT, pad=3, parse_math=False)
    keep_fitting(axes, above, lambda wide: fitting(facts, KEY, wide))
    draw_legend(axes)


def moments_ns(rows: Sequence[RequestRow]) -> list[int]:
    """Return where inferences stand in time [ns]: at their questions, or answers where all were asked for at once."""
    at_once = len(rows) > 1 and len({row.arrival_ns for row in rows}) == 1
    return [row.finish_ns if at_once else row.arrival_ns for row in rows]


def _kind(row: RequestRow) -> str:
    return "restarted" if row.restarted else "met" if row.meets_target else "missed"


def _draw_target(scenario: Scenario, axes: "Axes", axis: Axis, unit_ns: int) -> list[float]:
    """Draw the target, which may change, and return where it stands."""
    moments = [0, *(change.at for change in scenario.schedule if change.at < axis.end_ns), 1.01 * axis.end_ns]
    levels = [scenario.target_at(round(moment)) / unit_ns for moment in moments]
    axes.plot([axis.at(moment) for moment in moments], levels, drawstyle="steps-post", color=TARGET, linewidth=1,
              linestyle=(0, (4, 2)), label="target", zorder=4)  # fmt: skip
    return levels


def _scale(values: Sequence[float], axes: "Axes") -> None:
    """Choose a logarithmic scale with a tick at 1, 2 and 5 of every decade, or at more where it is short."""
    low, high = min(values) / 1.6, max(values) * 1.3
    shown: list[float] = []
    for digits in ((1,), (1, 2, 5), (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8)):
        if len(shown) < 3:
            ticks = [digit * 10.0**power for power in range(-6, 10) for digit in digits]
            shown = [tick for tick in ticks if low <= tick <= high]
    axes.set_yscale("log")
    axes.set_ylim(low, high)
    axes.set_yticks(shown, [f"{tick:,.3g}" if tick < 1000 else f"{tick:,.0f}" for tick in shown])
    axes.minorticks_off()


def _facts(app: App) -> str:
    metrics, shown = app.result.metrics, len(app.result.requests)
    first = f"first {shown:,} of " if shown < app.asked else ""
    target = "the target" if app.scenario.schedule else show_ns(app.scenario.target_latency_ns)
    target += " a token" * (app.scenario.generation is not None)
    of_all = " of all" if first else ""
    return (
        f"{app.name}: {app.result.model}, {app.result.planner}, {first}{counted(app.asked, 'inference')};"
        f" {metrics.target_met_fraction:.1%}{of_all} within {target}"
    )
