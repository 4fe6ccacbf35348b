"""Planners side by side, and the sentences that a user wants."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from edgesim.report.text import number, rests_on, shape, share, uncut
from edgesim.result import Comparison, Metrics, Result
from edgesim.scenario import Scenario
from edgesim.units import show_bytes, show_ns


def comparison_text(comparison: Comparison, scenario: Scenario) -> RenderableType:
    """Show planners side by side, and end with the sentence that a user wants."""
    title = f"{scenario.name}: {scenario.model.name} on {scenario.device.name} ({scenario.processor}), target " \
            f"{show_ns(scenario.target_latency_ns)}"  # fmt: skip
    if not comparison.results:
        return Group(Text(title, "bold"), Text("No planner has a plan that fits."))
    return Group(
        Text(title, "bold"), results_table(comparison.results), verdict(comparison), rests_on(comparison.results[0])
    )


def results_table(results: Sequence[Result]) -> Table:
    """Show one row a result, with every part of the memory."""
    known = any(result.metrics.accuracy is not None for result in results)
    table = Table("planner", box=None, pad_edge=False)
    qualities = ("fidelity", "accuracy") if known else ("fidelity",)
    sizes = ("shards kept", "held", "load buffer", "working", "peak")
    for heading in ("latency", "target", "stalled", "n x m", *qualities, *sizes):
        table.add_column(heading, justify="right", no_wrap=True)
    for result in results:
        metrics = result.metrics
        met = Text("met", "green") if metrics.meets_target else Text("missed", "bold red")
        table.add_row(
            Text(result.planner), show_ns(metrics.latency_ns), met, share(metrics.stall_ns, metrics.latency_ns),
            shape(result.plan), *(number(getattr(metrics, quality)) for quality in qualities),
            *map(show_bytes, _bytes(metrics)),
        )  # fmt: skip
    return uncut(table)


def _bytes(metrics: Metrics) -> tuple[int, ...]:
    """Order the parts as the table has them: kept shards and all that is held, then what a run adds, then the peak."""
    return (
        metrics.preload_bytes,
        metrics.held_memory_bytes,
        metrics.load_buffer_peak_bytes,
        metrics.working_bytes,
        metrics.peak_memory_bytes,
    )


def verdict(comparison: Comparison) -> Text:
    """Say who meets the target, at which fidelity, holding how much between inferences and how much at the peak."""
    meet = [result for result in comparison.results if result.metrics.meets_target]
    every = len(comparison.results) + len(comparison.left_out)
    if not meet:
        return Text(f"None of {every} planners meets the target.", "bold red")
    best = max(meet, key=_fidelity)
    subject = next((result for result in meet if result.planner.partition("[")[0] == "wrx"), best)
    sentences = [f"{len(meet)} of {every} planners meet the target.", f"The best is {_holds(best)}."]
    if subject is not best:
        sentences += [f"{_holds(subject)}.", *_against_lean(subject, meet), *_against_resident(subject, meet)]
    return Text("\n".join(sentences), "bold")


def _fidelity(result: Result) -> float:
    return result.metrics.fidelity or 0.0


def _holds(result: Result) -> str:
    metrics = result.metrics
    held, kept, peak = map(show_bytes, (metrics.held_memory_bytes, metrics.preload_bytes, metrics.peak_memory_bytes))
    return (
        f"{result.planner}: fidelity {number(metrics.fidelity)}, holding {held} between inferences"
        f" ({kept} of it shards) and {peak} at its peak"
    )


def _against_lean(subject: Result, meet: Sequence[Result]) -> Iterator[str]:
    """Compare a planner with the best of those that hold no more than it."""
    room = subject.metrics.held_memory_bytes
    lean = [other for other in meet if other is not subject and other.metrics.held_memory_bytes <= room]
    if lean:
        best = max(lean, key=_fidelity)
        ahead = _fidelity(subject) - _fidelity(best)
        word = "more than" if ahead > 0 else "as much as" if ahead == 0 else "less than"
        yield f"That is {word} the best that holds no more, {best.planner} with {number(best.metrics.fidelity)}."


def _against_resident(subject: Result, meet: Sequence[Result]) -> Iterator[str]:
    """Compare a planner with the leanest resident model that is as good."""
    as_good = [other for other in meet if not other.plan.loads and _fidelity(other) >= _fidelity(subject)]
    if as_good and subject.metrics.preload_bytes:
        leanest = min(as_good, key=lambda other: other.metrics.preload_bytes)
        shards = leanest.metrics.preload_bytes / subject.metrics.preload_bytes
        held = leanest.metrics.held_memory_bytes / subject.metrics.held_memory_bytes
        yield (
            f"The leanest resident model as good as that, {leanest.planner}, keeps {shards:.1f} times the shards, and"
            f" {held:.2f} times the memory when what every planner always holds is counted."
        )
