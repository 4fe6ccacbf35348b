"""Planners side by side, and the sentences that a user wants."""

from collections.abc import Callable, Collection, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from edgesim.errors import InfeasibleError
from edgesim.figures import Metrics
from edgesim.report.amounts import promise_text
from edgesim.report.columns import asked_columns, footnotes, quality_columns, session_columns
from edgesim.report.families import best_rows, family
from edgesim.report.fitted import Narrowed, ever_fewer
from edgesim.report.text import rests_on, shape, share, uncut
from edgesim.report.verdict import mentioned, not_run, verdict
from edgesim.result import Comparison, Result
from edgesim.scenario import Scenario
from edgesim.units import show_bytes, show_ns

_LEAST_NEEDED = (
    "working", "load buffer", "held", "n x m", "stalled", "shards kept", "ready", "target", "p90", "peak",
)  # fmt: skip
"""What a narrow terminal does without, one after the other until the table fits; what was asked for stays."""


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
        return Group(Text(title, "bold"), Text(nobody(comparison, scenario, every=every, rest=rest)))
    named = [choice.label for choice in scenario.planner]
    shown = shown_results(comparison, named, every=every)
    hidden = len(comparison.results) - len(shown)
    rows = "row" if hidden == 1 else "rows"
    more = [Text(f"Bitwidths are the {_by(comparison)}; {hidden} more {rows} with {rest}.")] if hidden else []
    steps = ever_fewer(_LEAST_NEEDED, [heading for heading, _ in _columns(shown)])
    return Group(
        Text(title, "bold"), Narrowed(lambda without: results_table(shown, without), steps), *more,
        verdict(comparison), *footnotes(shown), rests_on(comparison.results[0]),
    )  # fmt: skip


def shown_results(comparison: Comparison, named: Collection[str], *, every: bool = False) -> list[Result]:
    """Return what a reader sees: the best bitwidth of each planner, and every result that is named or mentioned."""
    shown = {row.label for row in best_rows(comparison, named, every=every).values()}
    shown |= {result.planner for result in mentioned(comparison)}
    return [result for result in comparison.results if result.planner in shown]


def results_table(results: Sequence[Result], without: Collection[str] = ()) -> Table:
    """Show one row a result, with every part of the memory; without some columns if they are named."""
    columns = [(heading, cell) for heading, cell in _columns(results) if heading not in without]
    table = Table("planner", box=None, pad_edge=False)
    for heading, _ in columns:
        table.add_column(heading, justify="right", no_wrap=True)
    for result in results:
        table.add_row(Text(result.planner), *(cell(result) for _, cell in columns))
    return uncut(table)


def _by(comparison: Comparison) -> str:
    """Say by what the best bitwidth of each planner was chosen."""
    known = [result.metrics for result in comparison.results]
    if any(one.accuracy is not None or one.fidelity is not None for one in known):
        return "best by accuracy, or else fidelity"
    return "fastest that meet the target, for quality is unknown"


def _columns(results: Sequence[Result]) -> Iterator[tuple[str, Callable[[Result], str | Text]]]:
    """Yield headings and what is below: kept shards and all that is held, then what a run adds, then the peak."""
    yield "latency", lambda one: show_ns(one.metrics.latency_ns)
    yield "target", lambda one: target_text(one.metrics)
    for name, column in session_columns(results).items():
        yield name, column.cell
    yield "stalled", lambda one: share(one.metrics.stall_ns, one.metrics.latency_ns)
    yield "n x m", lambda one: shape(one.plan)
    for name, column in quality_columns(results).items():
        yield name, column.cell
    yield "shards kept", lambda one: show_bytes(one.metrics.preload_bytes)
    yield "held", lambda one: show_bytes(one.metrics.held_memory_bytes)
    yield "load buffer", lambda one: show_bytes(one.metrics.load_buffer_peak_bytes)
    yield "working", lambda one: show_bytes(one.metrics.working_bytes)
    yield "peak", lambda one: show_bytes(one.metrics.peak_memory_bytes)
    for name, column in asked_columns(results).items():
        yield name, column.cell


def target_text(metrics: Metrics) -> Text:
    """Say whether the target is met."""
    return Text("met", "green") if metrics.meets_target else Text("missed", "bold red")


def nobody(comparison: Comparison, scenario: Scenario, *, every: bool = False, rest: str = "--all") -> str:
    """Say that no planner has a plan; if the target is too short for all of them, how long the fastest takes."""
    none, missing = "No planner has a plan that fits.", list(not_run(comparison.left_out))
    if is_too_short(comparison):
        tried = [left for left in comparison.left_out if not left.needs]
        many = len({family(left.planner) for left in tried})
        took_ns, planner = min((left.fastest_ns, left.planner) for left in tried if left.fastest_ns is not None)
        short = show_ns(took_ns - scenario.target_latency_ns)
        none = f"None of {many} planners has a plan for {promise_text(scenario)}: the fastest, {planner}, takes" \
               f" {show_ns(took_ns)}, {short} too long."  # fmt: skip
        missing += [] if every else [f"Why each of them has none: {rest}."]
    return "\n".join([none, *missing])


def is_too_short(comparison: Comparison) -> bool:
    """Tell whether no planner has a plan, and the target is what is too short for those that say so."""
    tried = [left for left in comparison.left_out if not left.needs]
    return (
        not comparison.results
        and len(tried) > 1
        and all(left.exit_code == InfeasibleError.exit_code for left in tried)
        and any(left.fastest_ns is not None for left in tried)
    )
