"""Planners side by side, and the sentences that a user wants."""

from collections.abc import Collection, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from edgesim.figures import Metrics
from edgesim.report.amounts import promise_text
from edgesim.report.columns import asked_columns, footnotes, quality_columns, session_columns
from edgesim.report.families import best_rows, family
from edgesim.report.text import number, rests_on, shape, share, uncut
from edgesim.result import Comparison, Result
from edgesim.scenario import Scenario
from edgesim.units import show_bytes, show_ns


def comparison_text(
    comparison: Comparison, scenario: Scenario, *, every: bool = False, rest: str = "--all"
) -> RenderableType:
    """Show planners side by side, and end with the sentence that a user wants.

    Parameters
    ----------
    comparison, scenario
        Planners, and what was asked of them.
    every
        Show all rows; else those of the scenario's planners, the best bitwidth of others, and what is mentioned.
    rest
        What shows all rows to the reader.
    """
    title = f"{scenario.name}: {scenario.model.name} on {scenario.device.name} ({scenario.processor}), target " \
            f"{promise_text(scenario)}"  # fmt: skip
    if not comparison.results:
        return Group(Text(title, "bold"), Text("No planner has a plan that fits."))
    named = [choice.label for choice in scenario.planner]
    shown = shown_results(comparison, named, every=every)
    hidden = len(comparison.results) - len(shown)
    rows = "row" if hidden == 1 else "rows"
    more = (
        [Text(f"Bitwidths are the best by accuracy, or else fidelity; {hidden} more {rows} with {rest}.")]
        if hidden
        else []
    )
    return Group(
        Text(title, "bold"), results_table(shown), *more, verdict(comparison), *footnotes(shown),
        rests_on(comparison.results[0]),
    )  # fmt: skip


def shown_results(comparison: Comparison, named: Collection[str], *, every: bool = False) -> list[Result]:
    """Return what a reader sees: the best bitwidth of each planner, and every result that is named or mentioned."""
    shown = {row.label for row in best_rows(comparison, named, every=every).values()}
    shown |= {result.planner for result in mentioned(comparison)}
    return [result for result in comparison.results if result.planner in shown]


def results_table(results: Sequence[Result]) -> Table:
    """Show one row a result, with every part of the memory."""
    table = Table("planner", box=None, pad_edge=False)
    qualities, asked, session = quality_columns(results), asked_columns(results), session_columns(results)
    sizes = ("shards kept", "held", "load buffer", "working", "peak")
    for heading in ("latency", "target", *session, "stalled", "n x m", *qualities, *sizes, *asked):
        table.add_column(heading, justify="right", no_wrap=True)
    for result in results:
        metrics = result.metrics
        table.add_row(
            Text(result.planner), show_ns(metrics.latency_ns), target_text(metrics),
            *(column.cell(result) for column in session.values()),
            share(metrics.stall_ns, metrics.latency_ns), shape(result.plan),
            *(column.cell(result) for column in qualities.values()), *map(show_bytes, _bytes(metrics)),
            *(column.cell(result) for column in asked.values()),
        )  # fmt: skip
    return uncut(table)


def target_text(metrics: Metrics) -> Text:
    """Say whether the target is met."""
    return Text("met", "green") if metrics.meets_target else Text("missed", "bold red")


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
    meet = _meeting(comparison)
    every = [*(result.planner for result in comparison.results), *(left.planner for left in comparison.left_out)]
    if not meet:
        none = f"None of {len(set(map(family, every)))} planners meets the target{_which(comparison)}."
        return Text("\n".join([none, *_over_session(comparison.results)]), "bold red")
    best, subject = max(meet, key=_fidelity), _subject(meet)
    sentences = [
        _how_many([result.planner for result in meet], every, _which(comparison)),
        f"The best is {_holds(best)}.",
    ]
    if subject is not best:
        sentences += [f"{_holds(subject)}.", *_against_lean(subject, meet), *_against_resident(subject, meet)]
    return Text("\n".join(sentences + list(_over_session(comparison.results))), "bold")


def _over_session(results: Sequence[Result]) -> Iterator[str]:
    """Say who answers most within the target, where there is more than the first inference."""
    if session_columns(results):
        best = max(results, key=lambda result: (result.metrics.target_met_fraction, _fidelity(result)))
        met, every = f"{best.metrics.target_met_fraction:.1%}", best.service.inferences if best.service else 1
        yield f"Over the session {best.planner} answers most within the target: {met} of {every:,}."


def _which(comparison: Comparison) -> str:
    return " with the first inference" if session_columns(comparison.results) else ""


def _how_many(meet: Sequence[str], every: Sequence[str], which: str) -> str:
    """Count planners, and the bitwidths that they were tried at."""
    met, tried = ({family(label) for label in labels} for labels in (meet, every))
    each = f", {len(meet)} of {len(every)} counting each bitwidth" if len(tried) < len(every) else ""
    return f"{len(met)} of {len(tried)} planners meet the target{which}{each}."


def mentioned(comparison: Comparison) -> list[Result]:
    """Return the results that the verdict is about."""
    meet = _meeting(comparison)
    if not meet:
        return []
    best, subject = max(meet, key=_fidelity), _subject(meet)
    others = [_lean(subject, meet), _leanest_resident(subject, meet)] if subject is not best else []
    return [best, subject, *filter(None, others)]


def _meeting(comparison: Comparison) -> list[Result]:
    return [result for result in comparison.results if result.metrics.meets_target]


def _subject(meet: Sequence[Result]) -> Result:
    """Return the planner that a comparison is about: WRX, if it is there, else the best."""
    wrx = (result for result in meet if result.planner.partition("[")[0] == "wrx")
    return next(wrx, max(meet, key=_fidelity))


def _fidelity(result: Result) -> float:
    return result.metrics.fidelity or 0.0


def _holds(result: Result) -> str:
    metrics = result.metrics
    held, kept, peak = map(show_bytes, (metrics.held_memory_bytes, metrics.preload_bytes, metrics.peak_memory_bytes))
    return (
        f"{result.planner}: fidelity {number(metrics.fidelity)}, holding {held} between inferences"
        f" ({kept} of it shards) and {peak} at its peak"
    )


def _lean(subject: Result, meet: Sequence[Result]) -> Result | None:
    """Return the best of those that hold no more than a planner."""
    room = subject.metrics.held_memory_bytes
    lean = [other for other in meet if other is not subject and other.metrics.held_memory_bytes <= room]
    return max(lean, key=_fidelity, default=None)


def _against_lean(subject: Result, meet: Sequence[Result]) -> Iterator[str]:
    if best := _lean(subject, meet):
        ahead = _fidelity(subject) - _fidelity(best)
        word = "more than" if ahead > 0 else "as much as" if ahead == 0 else "less than"
        yield f"That is {word} the best that holds no more, {best.planner} with {number(best.metrics.fidelity)}."


def _leanest_resident(subject: Result, meet: Sequence[Result]) -> Result | None:
    """Return the leanest resident model that is as good as a planner."""
    as_good = [other for other in meet if not other.plan.loads and _fidelity(other) >= _fidelity(subject)]
    return min(as_good, key=lambda other: other.metrics.preload_bytes, default=None)


def _against_resident(subject: Result, meet: Sequence[Result]) -> Iterator[str]:
    if (leanest := _leanest_resident(subject, meet)) and subject.metrics.preload_bytes:
        shards = leanest.metrics.preload_bytes / subject.metrics.preload_bytes
        held = leanest.metrics.held_memory_bytes / subject.metrics.held_memory_bytes
        yield (
            f"The leanest resident model as good as that, {leanest.planner}, keeps {shards:.1f} times the shards, and"
            f" {held:.2f} times the memory when what every planner always holds is counted."
        )
