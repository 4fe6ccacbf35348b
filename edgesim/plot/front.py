"""Quality against memory: every planner a point, and the front of those that no other beats in both."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from edgesim.plot.look import FAINT, INK, LARGE, NORMAL, SMALL, TARGET
from edgesim.result import Comparison, Result
from edgesim.scenario import Scenario
from edgesim.units import show_ns

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PANELS = (("shards kept between inferences [MB]", "preload_bytes"), ("peak of all memory [MB]", "peak_memory_bytes"))
_LOOKS = {
    "wrx": ("#c8102e", "o"), "wrx_plus": ("#e6862d", "o"), "oracle": ("#111111", "*"),
    "preload_model": ("#2354a3", "s"), "balanced_lock": ("#7d9fd9", "s"), "device_map": ("#8a6d3b", "s"),
    "std_pipeline": ("#2a9ec1", "^"), "pipeswitch": ("#0b7a5f", "^"), "demand_layering": ("#7cb342", "^"),
    "parallel_load": ("#9aa51e", "^"), "one_ahead": ("#00acc1", "^"),
    "load_exec": ("#5d6875", "v"), "mmap_lru": ("#c59bb7", "v"),
    "flexgen": ("#d1478c", "P"), "dynabert": ("#b58900", "P"),
}  # fmt: skip
_NEAR_X, _NEAR_Y = 0.06, 0.012
_LETTER, _LINE = 0.012, 0.025
"""Width of a letter and height of a line of the labels, as shares of a panel."""
_OTHER = ("#6a1b9a", "D")


def front(results: Sequence[Result], metric: str) -> list[Result]:
    """Return the results that no other beats in quality with as little memory, by rising memory."""
    best, found = float("-inf"), []
    for result in sorted(results, key=lambda result: (getattr(result.metrics, metric), -quality(result))):
        if quality(result) > best:
            best = quality(result)
            found.append(result)
    return found


def look_of(planner: str) -> tuple[str, str]:
    """Return colour and marker of a planner, whatever its options are."""
    return _LOOKS.get(planner, _OTHER)


def quality(result: Result) -> float:
    """Return measured accuracy, or else predicted, or else fidelity."""
    accuracy = result.asked.get("measured_accuracy", result.metrics.accuracy)
    return accuracy if accuracy is not None else result.metrics.fidelity or 0.0


def quality_name(results: Sequence[Result]) -> str:
    """Say what quality is."""
    if any("measured_accuracy" in result.asked for result in results):
        return "measured accuracy"
    return "predicted accuracy" if any(result.metrics.accuracy is not None for result in results) else "fidelity"


def front_figure(comparison: Comparison, scenario: Scenario) -> "Figure":
    """Draw accuracy, or fidelity where no accuracy was measured, against what a planner keeps and what it peaks at.

    Planners that miss the target are hollow and not part of the front.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(11, 4.6), facecolor="white", layout="constrained")
    FigureCanvasAgg(drawing)
    for (label, metric), axes in zip(_PANELS, drawing.subplots(1, 2, sharey=True), strict=True):
        draw_front(comparison.results, metric, axes)
        axes.set_xlabel(label, fontsize=NORMAL, color=INK)
    drawing.axes[0].set_ylabel(quality_name(comparison.results), fontsize=NORMAL, color=INK)
    target = show_ns(scenario.target_latency_ns)
    title = f"{scenario.name}: {scenario.model.name} on {scenario.device.name}, target {target}"
    drawing.suptitle(title, x=0.01, ha="left", fontsize=LARGE, fontweight="bold", color=INK)
    draw_families(drawing)
    return drawing


def draw_families(drawing: "Figure") -> None:
    """List the planners that are drawn, each once, as the first of its name looks."""
    handles: dict[str, Artist] = {}
    for handle in (one for axes in drawing.axes for one in axes.get_legend_handles_labels()[0]):
        handles.setdefault(str(handle.get_label()), handle)
    drawing.legend(handles.values(), handles, loc="outside right upper", frameon=False, fontsize=SMALL + 0.5,
                   labelcolor=INK)  # fmt: skip


def draw_front(results: Sequence[Result], metric: str, axes: "Axes", *, labels: bool = True) -> None:
    """Draw each result as a point, its options beside it, and the front as a line."""
    if metric == "preload_bytes":  # from nothing to the whole model
        axes.set_xscale("symlog", linthresh=0.1)
    together: dict[tuple[float, float], list[str]] = {}
    for result in results:
        place = _drawn(result, metric, axes)
        near = next((known for known in together if _near(known, place)), place)
        together.setdefault(near, []).append(_short(result))
    best = front([result for result in results if result.metrics.meets_target], metric)
    xs, ys = [getattr(result.metrics, metric) / 1e6 for result in best], [quality(result) for result in best]
    axes.step(xs, ys, where="post", color=TARGET, linewidth=1, linestyle=(0, (4, 2)), label="front", zorder=0)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=NORMAL, labelcolor=INK, width=0.6)
    axes.grid(color="#dddddd", linewidth=0.5)
    axes.set_axisbelow(True)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")
    if labels:
        _label(together, axes)


def _label(together: dict[tuple[float, float], list[str]], axes: "Axes") -> None:
    """Write names beside points, except where they would lie over one another: markers and colours tell enough."""
    taken: list[tuple[float, float, float, float]] = []
    axes.autoscale_view()  # else the limits are those of an empty panel until it is drawn
    for place, names in together.items():
        lines = list(dict.fromkeys(names))
        left, top = axes.transAxes.inverted().transform(axes.transData.transform(place))
        box = left, top - len(lines) * _LINE, left + max(map(len, lines)) * _LETTER, top
        if not any(_overlap(box, other) for other in taken):
            taken.append(box)
            axes.annotate("\n".join(lines), place, (5, -3), textcoords="offset points", va="top",
                          fontsize=SMALL - 1, color=FAINT)  # fmt: skip


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _drawn(result: Result, metric: str, axes: "Axes") -> tuple[float, float]:
    """Draw one result; hollow if it misses the target. Return where."""
    family, _, options = result.planner.partition("[")
    colour, marker = look_of(family)
    face = colour if result.metrics.meets_target else "white"
    place = getattr(result.metrics, metric) / 1e6, quality(result)
    size = 9 if marker == "*" else 6 if not options or options.startswith("bitwidth=") else 4  # variants are small
    axes.plot(*place, marker, color=colour, markerfacecolor=face, linestyle="none", markersize=size, label=family)
    return place


def _near(one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Tell whether two labels would lie over one another."""
    return abs(one[0] - other[0]) <= _NEAR_X * max(one[0], other[0]) and abs(one[1] - other[1]) < _NEAR_Y


def _short(result: Result) -> str:
    options = result.planner.partition("[")[2].removesuffix("]")
    return options.replace("bitwidth=", "") or result.planner
