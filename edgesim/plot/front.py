"""Quality against memory: every planner a point, and the front of those that no other beats in both."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from edgesim.errors import InputError, choose
from edgesim.files.text import one_line
from edgesim.plot.head import draw_head, draw_page_title
from edgesim.plot.labels import write_names
from edgesim.plot.look import FAINT, INK, NORMAL, SMALL, TARGET, tidy, unique
from edgesim.plot.placing import stairs
from edgesim.plot.style import own_style
from edgesim.result import Comparison, Result
from edgesim.scenario import Scenario
from edgesim.units import show_ns

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MEMORY = {
    "peak_memory_bytes": "peak of all memory [MB]",
    "held_memory_bytes": "memory held between inferences [MB]",
    "preload_bytes": "shards kept between inferences [MB]",
    "load_buffer_peak_bytes": "peak of the load buffer [MB]",
    "working_bytes": "decompressed weights and activations [MB]",
}
"""What can be drawn to the right: metrics of memory, and their names."""
_QUALITIES = ("measured accuracy", "predicted accuracy", "fidelity")
_PANELS = ("preload_bytes", "peak_memory_bytes")
_LOOKS = {
    "wrx": ("#c8102e", "o"), "wrx_plus": ("#f2a541", "o"), "oracle": ("#111111", "*"),
    "preload_model": ("#2354a3", "s"), "balanced_lock": ("#8fb3e8", "s"), "device_map": ("#8a6d3b", "s"),
    "std_pipeline": ("#2a9ec1", "^"), "pipeswitch": ("#0b5a45", "^"), "demand_layering": ("#a9d86e", "^"),
    "parallel_load": ("#9aa51e", "v"), "one_ahead": ("#86d5e3", "D"),
    "load_exec": ("#4b5563", "v"), "mmap_lru": ("#dba8c8", "v"),
    "flexgen": ("#d1478c", "P"), "dynabert": ("#e3b82e", "P"),
}  # fmt: skip
"""Planners with the same marker are far apart in lightness, or as blue and yellow are."""
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
    """Return measured accuracy, or else predicted, or else fidelity; compare it among `comparable` results only."""
    return next((value for value in _qualities(result).values() if value is not None), 0.0)


def quality_name(results: Sequence[Result]) -> str:
    """Say what quality is: the first of measured accuracy, predicted accuracy and fidelity that is known of any."""
    known = [name for result in results for name, value in _qualities(result).items() if value is not None]
    return next((name for name in _QUALITIES if name in known), "quality")


def comparable(results: Sequence[Result]) -> list[Result]:
    """Return the results whose quality is what `quality_name` says; that of the others is unknown."""
    name = quality_name(results)
    return [result for result in results if _qualities(result).get(name) is not None]


def quality_label(results: Sequence[Result]) -> str:
    """Say what quality is, and of how many it is not known."""
    unknown = len(results) - len(comparable(results))
    return quality_name(results) + (f" (unknown of {unknown}, not drawn)" if unknown else "")


def _qualities(result: Result) -> dict[str, float | None]:
    metrics = result.metrics
    values = (result.asked.get("measured_accuracy"), metrics.accuracy, metrics.fidelity)
    return dict(zip(_QUALITIES, values, strict=True))


@own_style()
def front_figure(comparison: Comparison, scenario: Scenario) -> "Figure":
    """Draw accuracy, or fidelity where no accuracy was measured, against what a planner keeps and what it peaks at.

    Planners that miss the target are hollow and not part of the front.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(11, 4.6), facecolor="white", layout="constrained")
    FigureCanvasAgg(drawing)
    panels, known = drawing.subplots(1, 2, sharey=True), comparable(comparison.results)
    for metric, axes in zip(_PANELS, panels, strict=True):
        draw_points(known, metric, axes)
        name_points(known, metric, axes)
    panels[0].set_ylabel(quality_label(comparison.results), fontsize=NORMAL, color=INK)
    target = show_ns(scenario.target_latency_ns)
    title = f"{scenario.name}: {scenario.model.name} on {scenario.device.name}, target {target}"
    draw_page_title(drawing, title)
    draw_families(drawing)
    return drawing


def draw_families(drawing: "Figure") -> None:
    """List the planners that are drawn, each once."""
    handles = [handle for axes in drawing.axes for handle in axes.get_legend_handles_labels()[0]]
    drawing.legend(handles=unique(handles), loc="outside right center", frameon=False, fontsize=SMALL + 0.5,
                   labelcolor=INK)  # fmt: skip


def draw_front(results: Sequence[Result], metric: str, axes: "Axes") -> None:
    """Draw the quality of each result against some memory that it needs, and the front: those that no other beats.

    Quality is measured accuracy, or predicted accuracy where none was measured, or fidelity where none is predicted;
    results of which it is unknown are left out, and the axis says how many. Those that miss the target are hollow and
    not part of the front. Names stand beside points where there is room.

    Parameters
    ----------
    results
        What to draw, for example those of a `Comparison`.
    metric
        A field of `Metrics`: ``peak_memory_bytes``, ``held_memory_bytes``, ``preload_bytes``,
        ``load_buffer_peak_bytes`` or ``working_bytes``.
    axes
        Where to draw.

    Raises
    ------
    InputError
        If the metric is none of these.
    """
    if metric not in MEMORY:
        raise InputError(f"draw_front: metric, got '{metric}'; {choose(metric, MEMORY)}")
    known = comparable(results)
    draw_points(known, metric, axes)
    axes.set_ylabel(quality_label(results), fontsize=NORMAL, color=INK)
    draw_head(axes, "", key=unique(axes.get_legend_handles_labels()[0]))
    name_points(known, metric, axes)


def draw_points(results: Sequence[Result], metric: str, axes: "Axes") -> None:
    """Draw each result as a point, and the front as a line."""
    if metric == "preload_bytes":  # from nothing to the whole model
        axes.set_xscale("symlog", linthresh=0.1)
    for result in results:
        _draw_point(result, metric, axes)
    best = front([result for result in results if result.metrics.meets_target], metric)
    xs, ys = zip(*(_place(result, metric) for result in best), strict=True) if best else ((), ())
    axes.step(xs, ys, where="post", color=TARGET, linewidth=1, linestyle=(0, (4, 2)), label="front", zorder=0)
    tidy(axes)
    axes.grid(color="#dddddd", linewidth=0.5)
    axes.set_xlabel(MEMORY[metric], fontsize=NORMAL, color=INK)
    if not results:
        axes.annotate(
            "nothing to draw", (0.5, 0.5), xycoords="axes fraction", ha="center", fontsize=NORMAL, color=FAINT
        )


def _draw_point(result: Result, metric: str, axes: "Axes") -> None:
    """Draw one result; hollow if it misses the target."""
    family, _, options = result.planner.partition("[")
    colour, marker = look_of(family)
    met = result.metrics.meets_target
    size = 9 if marker == "*" else 6 if not options or options.startswith("bitwidth=") else 4  # variants are small
    axes.plot(*_place(result, metric), marker, markersize=size, linestyle="none", label=one_line(family),
              markerfacecolor=colour if met else "white", markeredgecolor=INK if met else colour,
              markeredgewidth=0.4 if met else 1.2)  # fmt: skip


def _place(result: Result, metric: str) -> tuple[float, float]:
    return getattr(result.metrics, metric) / 1e6, quality(result)


def name_points(results: Sequence[Result], metric: str, axes: "Axes") -> None:
    """Write the names of results beside their points: those of the front, the best of each planner, then others."""
    best = front([result for result in results if result.metrics.meets_target], metric)
    rising = sorted(results, key=lambda result: (result.metrics.meets_target, quality(result)))
    leading = {result.planner.partition("[")[0]: result for result in rising}
    order = {id(result): result for result in (*best, *leading.values(), *results)}.values()
    named = [(_place(result, metric), short_name(result.planner)) for result in order]
    led = len({*map(id, best), *map(id, leading.values())})
    write_names(named, axes, led, stairs([_place(result, metric) for result in best]))


def short_name(planner: str) -> str:
    """Write a planner with its options, a bitwidth alone in short."""
    return one_line(re.sub(r"\[bitwidth=(\d+)\]$", r" \1-bit", planner))
